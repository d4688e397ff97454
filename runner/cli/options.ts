// Options that commands share, with the CLI's own names.

import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { Failure, notSupported } from "../failure.ts";

export interface CommonOptions {
  readonly cwd?: string;
  readonly stack?: string;
  readonly color?: string;
  readonly nonInteractive?: boolean;
  readonly configFile?: string;
  readonly debug?: boolean;
}

/** Accepted before the command and after it, as the CLI does. */
export function withCommon(command: Command): Command {
  return command
    .option("-C, --cwd <dir>", "run as if started in this folder")
    .option("-s, --stack <name>", "the stack to work on")
    .option("--color <when>", "colour output: always, never, raw or auto")
    .option("--non-interactive", "never ask anything")
    .option("--config-file <file>", "use this file for the stack's configuration")
    .option("-d, --debug", "show debug messages")
    .addOption(new Option("--disable-integrity-checking").hideHelp())
    .addOption(new Option("-e, --emoji").hideHelp())
    .addOption(new Option("--logflow").hideHelp())
    .addOption(new Option("--logtostderr").hideHelp())
    .addOption(new Option("-v, --verbose <level>").hideHelp())
    .addOption(new Option("--fully-qualify-stack-names").hideHelp());
}

/** A command's options on top of those given before it. */
export function optionsOf<T extends CommonOptions>(command: Command): T {
  const chain: Command[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) chain.unshift(at);
  return Object.assign({}, ...chain.map((each) => each.opts()));
}

export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

// The CLI's number of processors times four, within limits that suit providers that mostly wait.
const [fewest, most] = [16, 32];

export function parallelism(given: string | undefined, env: NodeJS.ProcessEnv): number {
  const text = given ?? env.PULUMI_PARALLEL ?? "";
  if (text === "") return Math.min(most, Math.max(fewest, 4 * availableParallelism()));
  const number = Number(text);
  if (!Number.isInteger(number)) throw new Failure(`--parallel: "${text}" is no whole number`);
  return number <= 0 ? 1 : number;
}

/** Options of the CLI that change what an operation does, and that are not implemented. */
export function refuseOptions(options: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    const value = options[name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())];
    if (value !== undefined && value !== false && value !== "false") throw notSupported(`--${name}`);
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
