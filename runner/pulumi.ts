#!/usr/bin/env node
// The runner's entry: the Pulumi CLI's commands, for machines without the Pulumi CLI.

import { Command, CommanderError } from "commander";
import { addConfig } from "./cli/config.ts";
import { addImport } from "./cli/import.ts";
import { addOperations } from "./cli/operation.ts";
import { withCommon } from "./cli/options.ts";
import { addStack } from "./cli/stack.ts";
import { addSystem } from "./cli/system.ts";
import { printable } from "./display/text.ts";
import { exitCodes, Failure } from "./failure.ts";

function createProgram(): Command {
  const program = new Command("pulumi");
  program.description(
    "Runs Node.js Pulumi programs on stacks in a local folder, where the Pulumi CLI cannot be installed.",
  );
  program.exitOverride();
  withCommon(program);
  addOperations(program, process.env);
  addImport(program, process.env);
  addStack(program, process.env);
  addConfig(program, process.env);
  addSystem(program, process.env);
  return program;
}

try {
  await createProgram().parseAsync(process.argv);
  process.exitCode = exitCodes.success;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

// Nothing is left to do: a handle that was forgotten must not keep the process.
setTimeout(() => process.exit(), 3000).unref();

function exitCodeOf(error: unknown): number {
  // Commander has told the user already.
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof Failure) {
    process.stderr.write(`error: ${printable(error.message)}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: the runner itself failed: ${printable(detail)}\n`);
  return exitCodes.internal;
}
