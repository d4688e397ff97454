// The commands preview, up, refresh and destroy.

import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import type { OperationEvent } from "../deploy/event.ts";
import type { Import } from "../deploy/importing.ts";
import type { OperationOptions, OperationResult } from "../deploy/operation.ts";
import { UrnSet } from "../deploy/targets.ts";
import { Display } from "../display/display.ts";
import { EventLog } from "../display/event-log.ts";
import { outputLines, stackOutputs } from "../display/outputs.ts";
import { paintFor } from "../display/text.ts";
import { exitCodes, Failure } from "../failure.ts";
import { openPlace, openStack, type Stack } from "../stack/open.ts";
import { digestOf } from "./digest.ts";
import { type CommonOptions, collect, optionsOf, parallelism, refuseOptions, withCommon } from "./options.ts";

export interface Options extends CommonOptions {
  readonly yes?: boolean;
  readonly skipPreview?: boolean;
  readonly previewOnly?: boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
  readonly message?: string;
  readonly parallel?: string;
  readonly refresh?: string | boolean;
  readonly expectNoChanges?: boolean;
  readonly target?: readonly string[];
  readonly targetDependents?: boolean;
  readonly exclude?: readonly string[];
  readonly excludeDependents?: boolean;
  readonly replace?: readonly string[];
  readonly targetReplace?: readonly string[];
  readonly continueOnError?: boolean;
  readonly suppressOutputs?: boolean;
  readonly suppressProgress?: boolean;
  readonly showSecrets?: boolean;
  readonly clearPendingCreates?: boolean;
  readonly eventLog?: string;
  readonly client?: string;
  readonly imports?: readonly Import[];
}

type Kind = OperationOptions["kind"];

const refused = [
  "policy-pack",
  "policy-pack-config",
  "plan",
  "save-plan",
  "remote",
  "run-program",
  "attach-debugger",
  "import-file",
  "exclude-protected",
  "import-pending-creates",
  "remove",
  "config",
  "config-path",
  "secrets-provider",
  "copilot",
  "neo",
];

export function withOperationOptions(command: Command): Command {
  withCommon(command)
    .option("-y, --yes", "go on after the preview without asking")
    .option("--diff", "show all differences of each resource")
    .option("-j, --json", "show the plan or result as JSON")
    .option("-m, --message <text>", "a message for the history")
    .option("-p, --parallel <n>", "how many resources to work on at once")
    .option("--expect-no-changes", "fail if anything would change")
    .option("-t, --target <urn>", "only this resource (URN, or a pattern with * and **)", collect)
    .option("--target-dependents", "also what depends on the targets")
    .option("--exclude <urn>", "all but this resource", collect)
    .option("--exclude-dependents", "also leave out what depends on the excluded")
    .option("--continue-on-error", "go on with what does not depend on a failure")
    .option("--suppress-outputs", "do not show the stack's outputs")
    .option("--suppress-progress", "do not mention what runs long")
    .option("--show-secrets", "show secret outputs")
    .option("--event-log <file>", "write engine events to this file, one JSON object a line")
    .addOption(new Option("--client <address>", "run the program that is served there").hideHelp());
  for (const name of [
    "suppress-permalink",
    "show-config",
    "show-replacement-steps",
    "show-sames",
    "show-reads",
    "show-full-output",
    "strict",
  ]) {
    command.addOption(new Option(`--${name} [value]`).hideHelp());
  }
  for (const name of ["exec-kind", "exec-agent", "tracing"])
    command.addOption(new Option(`--${name} <value>`).hideHelp());
  for (const name of refused) command.addOption(new Option(`--${name} [value]`).hideHelp());
  return command;
}

export function addOperations(program: Command, env: NodeJS.ProcessEnv): void {
  withOperationOptions(program.command("preview").alias("pre"))
    .description("show what an update would change")
    .option("-r, --refresh [value]", "bring the state up to date first")
    .option("--replace <urn>", "replace this resource", collect)
    .action((_options, command: Command) => run("update", optionsOf<Options>(command), env, true).then(ignore));
  withOperationOptions(program.command("up").alias("update"))
    .description("create, update, replace and delete what the program asks for")
    .option("-f, --skip-preview", "do not preview first")
    .option("-r, --refresh [value]", "bring the state up to date first")
    .option("--replace <urn>", "replace this resource", collect)
    .option("--target-replace <urn>", "replace this resource, and do nothing else", collect)
    .action((_options, command: Command) => run("update", optionsOf<Options>(command), env, false).then(ignore));
  withOperationOptions(program.command("refresh"))
    .description("bring the state up to date with what is there")
    .option("-f, --skip-preview", "do not preview first")
    .option("--preview-only", "only show what would be found")
    .option("--clear-pending-creates", "forget creations that were interrupted")
    .option("--skip-pending-creates", "leave creations that were interrupted as they are")
    .action((_options, command: Command) => run("refresh", optionsOf<Options>(command), env, false).then(ignore));
  withOperationOptions(program.command("destroy").alias("down"))
    .description("delete all resources of a stack")
    .option("-f, --skip-preview", "do not preview first")
    .option("--preview-only", "only show what would be deleted")
    .option("-r, --refresh [value]", "bring the state up to date first")
    .action((_options, command: Command) => run("destroy", optionsOf<Options>(command), env, false).then(ignore));
}

export async function run(
  kind: Kind,
  options: Options,
  env: NodeJS.ProcessEnv,
  onlyPreview: boolean,
): Promise<OperationResult> {
  refuseOptions(options as Readonly<Record<string, unknown>>, refused);
  const place = await openPlace(options.cwd ?? process.cwd(), env);
  const stack = await openStack(place, options.stack, options.configFile);
  const isPreviewOnly = onlyPreview || options.previewOnly === true;
  const interactive = process.stdin.isTTY === true && options.nonInteractive !== true;
  if (!isPreviewOnly && !interactive && !options.yes && !options.skipPreview) {
    throw new Failure(
      "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
    );
  }
  if (isPreviewOnly) return settle(options, await perform(stack, kind, options, env, true));
  if (!options.skipPreview) {
    const preview = await perform(stack, kind, options, env, true);
    if (preview.summary.result === "failed") throw new Failure("preview failed");
    if (!options.yes && !(await confirmed(kind, stack)))
      throw new Failure(`confirmation declined, not proceeding with the ${kind}`);
  }
  return settle(options, await perform(stack, kind, options, env, false));
}

/** What an operation came to was shown. */
function ignore(): void {}

async function confirmed(kind: Kind, stack: Stack): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\nDo you want to perform this ${kind} on ${stack.name.stack}? (yes/no) `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}

function settle(options: Options, result: OperationResult): OperationResult {
  if (result.cancelled) throw new Failure("cancelled", exitCodes.cancelled);
  if (result.summary.result === "failed")
    throw new Failure(result.summary.preview ? "preview failed" : "update failed");
  if (options.expectNoChanges && result.hasChanges) {
    throw new Failure("no changes were expected but changes were proposed", exitCodes.noChanges);
  }
  return result;
}

const titles: Readonly<Record<Kind, readonly [string, string]>> = {
  update: ["Previewing update", "Updating"],
  refresh: ["Previewing refresh", "Refreshing"],
  destroy: ["Previewing destroy", "Destroying"],
  import: ["Previewing import", "Importing"],
};

async function perform(
  stack: Stack,
  kind: Kind,
  options: Options,
  env: NodeJS.ProcessEnv,
  preview: boolean,
): Promise<OperationResult> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const paint = paintFor(options.color, process.stdout, env);
  const events: OperationEvent[] = [];
  const display = new Display({
    write: print,
    paint,
    preview,
    diff: options.diff === true,
    debug: options.debug === true,
    suppressProgress: options.suppressProgress === true,
    now: () => Date.now(),
  });
  if (!options.json) print(`${paint("bold", `${titles[kind][preview ? 0 : 1]} (${stack.name.stack})`)}:\n`);
  const log = options.eventLog === undefined ? undefined : new EventLog(options.eventLog);
  const emit = (event: OperationEvent) => {
    log?.write(event, preview);
    if (options.json) events.push(event);
    else if (event.kind === "summary") return;
    else display.show(event);
  };
  try {
    const { runOperation } = await import("../deploy/operation.ts"); // brings gRPC, which most commands do not need
    const result = await runOperation(stack, operationOptions(kind, options, env, preview), emit);
    if (options.json) print(JSON.stringify(digestOf(events), undefined, 2));
    else {
      showOutputs(result, options, preview, print);
      display.show({ kind: "summary", summary: result.summary });
    }
    return result;
  } finally {
    display.close();
    log?.close();
  }
}

function showOutputs(
  { before, after }: OperationResult,
  options: Options,
  preview: boolean,
  print: (line: string) => void,
): void {
  if (options.suppressOutputs) return;
  const [old, next] = [stackOutputs(before), stackOutputs(after)];
  const lines = outputLines(old, next, options.showSecrets === true);
  if (lines.length === 0 || (preview && lines.every((line) => line.startsWith("    ")))) return;
  print("\nOutputs:");
  for (const line of lines) print(line);
}

function operationOptions(kind: Kind, options: Options, env: NodeJS.ProcessEnv, preview: boolean): OperationOptions {
  const targetReplace = options.targetReplace ?? [];
  return {
    kind,
    preview,
    refreshFirst: options.refresh === true || options.refresh === "true",
    message: options.message ?? "",
    parallel: parallelism(options.parallel, env),
    continueOnError: options.continueOnError === true,
    clearPendingCreates: options.clearPendingCreates === true,
    client: options.client,
    imports: options.imports ?? [],
    targets: new UrnSet([...(options.target ?? []), ...targetReplace]),
    targetDependents: options.targetDependents === true,
    excludes: new UrnSet(options.exclude ?? []),
    excludeDependents: options.excludeDependents === true,
    replaceTargets: new UrnSet([...(options.replace ?? []), ...targetReplace]),
  };
}
