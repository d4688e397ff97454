// Answers functions in the process of the program that asks: the dynamic host has nobody else who could.
import type { Props } from "../casing.ts";
import type { Client } from "../client.ts";
import { type ReadConfig, readSettings } from "../config.ts";
import { CallError } from "../failure.ts";
import type { Lookup } from "../functions/function.ts";
import { argumentFailures, type FunctionName, functions } from "../functions.ts";
import { inRegion } from "../region.ts";

export type { FunctionName } from "../functions.ts";

/** One for each process: a program has one stack's configuration. */
let client: Promise<Client> | undefined;

async function open(config: ReadConfig): Promise<Client> {
  const { createClient } = await import("../client.ts");
  const settings = await readSettings(config, process.env, async () => {
    const { findOrStartEngine } = await import("../../local/engine.ts");
    return findOrStartEngine({ log: (line) => console.log(`cloudmap: ${line}`) });
  });
  return createClient(settings);
}

export async function answer(name: FunctionName, args: Props, config: ReadConfig): Promise<Props> {
  const lookup: Lookup = functions[name];
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
  const { inputs: known, failures: elsewhere } = inRegion(given, config);
  const failures = [...elsewhere, ...argumentFailures(lookup, known)];
  if (failures.length > 0) {
    const said = failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
    throw new CallError("InvalidArguments", `${name}: ${said.join("; ")}`);
  }
  client ??= open(config);
  try {
    return await lookup.answer(known, await client);
  } catch (error) {
    throw error instanceof CallError ? error.with((message) => `${name}: ${message}`) : error;
  }
}
