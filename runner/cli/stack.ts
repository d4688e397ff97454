// The command stack: init, select, ls, rm, output, export.

import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { outputLines, plainOutputs, stackOutputs } from "../display/outputs.ts";
import { exitCodes, Failure, notSupported } from "../failure.ts";
import {
  type Backend,
  fullName,
  listStacks,
  removeStack,
  type StackName,
  stackExists,
  writeState,
} from "../stack/backend.ts";
import { configFile, readConfig, writeConfig } from "../stack/config.ts";
import { lockStack } from "../stack/lock.ts";
import { chosenStack, crypterOf, openPlace, openStack, type Place, parseStackName } from "../stack/open.ts";
import { createCrypter, readPassphrase } from "../stack/secrets.ts";
import { readSelection, writeSelection } from "../stack/selection.ts";
import { type Deployment, openDeployment } from "../state/deployment.ts";
import { SecretCache } from "../state/secret-cache.ts";
import { Store } from "../state/store.ts";
import { signatures } from "../value/value.ts";
import { type CommonOptions, optionsOf, print, withCommon } from "./options.ts";
import { addState } from "./state.ts";

type Flags = CommonOptions & Readonly<Record<string, unknown>>;

export function addStack(program: Command, env: NodeJS.ProcessEnv): void {
  const stack = withCommon(program.command("stack")).description("stacks and their outputs");
  const place = (flags: Flags): Promise<Place> => openPlace(flags.cwd ?? process.cwd(), env);
  withCommon(stack.command("init [name]"))
    .description("create a stack")
    .option("--secrets-provider <kind>", "how secrets are encrypted: passphrase")
    .option("--no-select", "do not select the new stack")
    .option("--copy-config-from <stack>", "take the configuration of another stack")
    .option("--teams <team>", "only in Pulumi Cloud")
    .action(async (name: string | undefined, _options, command: Command) =>
      init(await place(optionsOf(command)), name, optionsOf<Flags>(command)),
    );
  withCommon(stack.command("select [name]"))
    .description("work on this stack from now on")
    .option("-c, --create", "create it if it does not exist")
    .option("--secrets-provider <kind>", "for a new stack: passphrase")
    .action(async (name: string | undefined, _options, command: Command) =>
      select(await place(optionsOf(command)), name, optionsOf<Flags>(command)),
    );
  withCommon(stack.command("ls"))
    .description("list stacks")
    .option("-j, --json", "as JSON")
    .option("-a, --all", "of all projects")
    .action(async (_options, command: Command) => ls(await place(optionsOf(command)), optionsOf<Flags>(command)));
  withCommon(stack.command("rm [name]"))
    .description("remove a stack and its configuration")
    .option("-y, --yes", "do not ask")
    .option("-f, --force", "also if it has resources")
    .option("--preserve-config", "keep its configuration file")
    .action(async (name: string | undefined, _options, command: Command) =>
      remove(await place(optionsOf(command)), name, optionsOf<Flags>(command)),
    );
  withCommon(stack.command("output [name]"))
    .description("show outputs")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "in plain text")
    .action(async (name: string | undefined, _options, command: Command) =>
      output(await place(optionsOf(command)), name, optionsOf<Flags>(command)),
    );
  addState(stack, env);
}

async function init(place: Place, given: string | undefined, flags: Flags): Promise<void> {
  const text = given ?? flags.stack;
  if (text === undefined) throw new Failure("missing stack name");
  const { secretsProvider, copyConfigFrom } = flags;
  if (typeof secretsProvider === "string" && !["", "default", "passphrase"].includes(secretsProvider)) {
    throw notSupported(`the secrets provider "${secretsProvider}"`, "it knows passphrases only");
  }
  if (copyConfigFrom !== undefined) throw notSupported("--copy-config-from");
  const name = parseStackName(place, text);
  if (await stackExists(place.backend, name)) throw new Failure(`stack '${fullName(name)}' already exists`);
  await createStack(place, name);
  print(`Created stack '${name.stack}'`);
  if (flags.select !== false) await writeSelection(place.project, place.backend, name, place.env);
}

async function createStack(place: Place, name: StackName): Promise<void> {
  const lock = await lockStack(place.backend, name);
  try {
    const config = await readConfig(place.project, name.stack);
    const stack = { ...place, name, config };
    const crypter = (await crypterOf(stack)) ?? createCrypter(await readPassphrase(place.env));
    if (config.salt === undefined) {
      config.document.set("encryptionsalt", crypter.salt);
      await writeConfig(config);
    } else {
      crypter.encrypt(""); // a configuration that was there is of this passphrase, or is refused
    }
    const empty: Deployment = { resources: [], pending: [], metadata: {} };
    await writeState(place.backend, name, new Store(place.backend, name).format(empty, new SecretCache(crypter)));
  } finally {
    await lock.release();
  }
}

async function select(place: Place, given: string | undefined, flags: Flags): Promise<void> {
  const text = given ?? flags.stack;
  if (text === undefined) throw new Failure("missing stack name");
  const name = parseStackName(place, text);
  if (!(await stackExists(place.backend, name))) {
    if (!flags.create) throw new Failure(`no stack named '${text}' found`, exitCodes.stackNotFound);
    return init(place, text, flags);
  }
  await writeSelection(place.project, place.backend, name, place.env);
}

async function ls(place: Place, flags: Flags): Promise<void> {
  const all = await listStacks(place.backend);
  const stacks = flags.all ? all : all.filter(({ project }) => project === place.project.name);
  const current = await readSelection(place.project, place.backend, place.env);
  const rows = stacks.map((name) => {
    const { latest } = new Store(place.backend, name).load(false).checkpoint.checkpoint;
    const { time } = { time: "", ...(latest?.manifest as object | undefined) };
    return {
      name: flags.all && name.project !== place.project.name ? fullName(name) : name.stack,
      current: name.stack === current && name.project === place.project.name,
      ...(time === "" ? {} : { lastUpdate: new Date(time).toISOString() }),
      resourceCount: latest?.resources?.length ?? 0,
    };
  });
  if (flags.json) return print(JSON.stringify(rows, undefined, 2));
  const table = rows.map((row) => [
    row.name + (row.current ? "*" : ""),
    row.lastUpdate ?? "n/a",
    String(row.resourceCount),
  ]);
  printTable([["NAME", "LAST UPDATE", "RESOURCE COUNT"], ...table]);
}

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_cell, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

async function remove(place: Place, given: string | undefined, flags: Flags): Promise<void> {
  const name = await chosenStack(place, given ?? flags.stack);
  if (!flags.yes) throw new Failure("--yes must be passed: this removes the stack's state for good");
  const lock = await lockStack(place.backend, name);
  try {
    const { latest } = new Store(place.backend, name).load(true).checkpoint.checkpoint;
    if ((latest?.resources ?? []).length > 0 && !flags.force) {
      throw new Failure(
        `'${name.stack}' still has resources; removal rejected. Possible actions:\n` +
          `- Make sure that '${name.stack}' is the stack that you want to destroy\n` +
          "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n" +
          "- Run `pulumi stack rm --force` to override this error",
      );
    }
    await removeStack(place.backend, name);
  } finally {
    await lock.release();
  }
  if (!flags.preserveConfig) await rm(configFile(place.project, name.stack), { force: true });
  if ((await readSelection(place.project, place.backend, place.env)) === name.stack) {
    await writeSelection(place.project, place.backend, undefined, place.env);
  }
  print(`Stack '${name.stack}' has been removed!`);
}

async function loadDeployment(
  place: Place,
  flags: Flags,
): Promise<{ readonly deployment: Deployment; readonly backend: Backend }> {
  const stack = await openStack(place, flags.stack);
  const { latest } = new Store(place.backend, stack.name).load(false).checkpoint.checkpoint;
  // Without a secret it needs no passphrase.
  const crypter = JSON.stringify(latest ?? {}).includes(signatures.secret) ? await crypterOf(stack) : undefined;
  const deployment = openDeployment(latest, new SecretCache(crypter));
  return { deployment, backend: place.backend };
}

async function output(place: Place, name: string | undefined, flags: Flags): Promise<void> {
  const { deployment } = await loadDeployment(place, flags);
  const outputs = stackOutputs(deployment.resources);
  const plain = plainOutputs(outputs, flags.showSecrets === true);
  if (name !== undefined) {
    const value = plain[name];
    if (value === undefined) throw new Failure(`current stack does not have output property '${name}'`);
    return print(
      flags.json || typeof value !== "string" ? JSON.stringify(value, undefined, flags.json ? 2 : 0) : value,
    );
  }
  if (flags.json) return print(JSON.stringify(plain, undefined, 2));
  print(`Current stack outputs (${Object.keys(outputs).length}):`);
  if (Object.keys(outputs).length === 0) return print("    No output values currently in this stack");
  for (const line of outputLines(outputs, outputs, flags.showSecrets === true)) print(line);
}
