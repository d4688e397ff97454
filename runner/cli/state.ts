// Commands of stack that move state: export, import, rename, history.

import { readFile, rename as renameFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { Failure, messageOf, notSupported } from "../failure.ts";
import { fullName, historyFolder, list, removeStack, type StackName, stackExists } from "../stack/backend.ts";
import { configFile } from "../stack/config.ts";
import { readHistory } from "../stack/history.ts";
import { lockStack } from "../stack/lock.ts";
import { chosenStack, crypterOf, openPlace, openStack, type Place, parseStackName } from "../stack/open.ts";
import { readSelection, writeSelection } from "../stack/selection.ts";
import {
  type Checkpoint,
  formatCheckpoint,
  openDeployment,
  parseCheckpoint,
  type RawDeployment,
} from "../state/deployment.ts";
import { refuseFaults } from "../state/integrity.ts";
import { renameStack } from "../state/rename.ts";
import { SecretCache } from "../state/secret-cache.ts";
import { Store } from "../state/store.ts";
import { parseUrn } from "../state/urn.ts";
import { type CommonOptions, optionsOf, print, withCommon } from "./options.ts";

type Flags = CommonOptions & Readonly<Record<string, unknown>>;

export function addState(stack: Command, env: NodeJS.ProcessEnv): void {
  const opened = async (command: Command): Promise<{ readonly place: Place; readonly flags: Flags }> => {
    const flags = optionsOf<Flags>(command);
    return { place: await openPlace(flags.cwd ?? process.cwd(), env), flags };
  };
  withCommon(stack.command("export"))
    .description("print the state")
    .option("--file <file>", "into this file")
    .option("--show-secrets", "with secrets in plain text")
    .option("--version <n>", "an older state")
    .action(async (_options, command: Command) => {
      const { place, flags } = await opened(command);
      await exportState(place, flags);
    });
  withCommon(stack.command("import"))
    .description("replace the state by an exported one")
    .option("--file <file>", "from this file, else from the standard input")
    .option("-f, --force", "also if it has the resources of another stack")
    .action(async (_options, command: Command) => {
      const { place, flags } = await opened(command);
      await importState(place, flags);
    });
  withCommon(stack.command("rename <name>"))
    .description("give a stack another name")
    .action(async (name: string, _options, command: Command) => {
      const { place, flags } = await opened(command);
      await rename(place, name, flags);
    });
  withCommon(stack.command("history"))
    .description("show past operations")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "ignored: histories keep secrets encrypted")
    .option("--page-size <n>", "how many", "10")
    .option("--page <n>", "which page", "1")
    .option("--full-dates", "ignored")
    .action(async (_options, command: Command) => {
      const { place, flags } = await opened(command);
      await showHistory(place, flags);
    });
}

async function exportState(place: Place, flags: Flags): Promise<void> {
  if (typeof flags.version === "string") throw notSupported("stack export --version");
  const stack = await openStack(place, flags.stack);
  const { checkpoint, version, features } = new Store(place.backend, stack.name).load(false).checkpoint;
  const latest = checkpoint.latest ?? {};
  const cache = new SecretCache(flags.showSecrets ? await crypterOf(stack) : undefined);
  const deployment = flags.showSecrets ? revealed(latest, cache) : latest;
  const head = { version: Math.max(version, 3), ...(features === undefined ? {} : { features }) };
  const text = JSON.stringify({ ...head, deployment }, undefined, 4);
  if (typeof flags.file === "string") await writeFile(flags.file, `${text}\n`);
  else print(text);
}

const signature = "4dabf18193072939515e22adb298388d";

/** Secrets with `plaintext` in the place of `ciphertext`, as the CLI prints them and reads them back. */
function revealed(latest: RawDeployment, cache: SecretCache): unknown {
  const { resources, pending } = openDeployment(latest, cache);
  const whole = { ...latest, resources, ...(pending.length > 0 ? { pending_operations: pending } : {}) };
  return JSON.parse(JSON.stringify(whole), (_key, value) => {
    if (typeof value !== "object" || value === null || !(signature in value) || !("value" in value)) return value;
    return { [signature]: value[signature], plaintext: JSON.stringify(value.value) };
  });
}

async function readImport(flags: Flags): Promise<Checkpoint> {
  const where = typeof flags.file === "string" ? flags.file : "the standard input";
  try {
    const text = typeof flags.file === "string" ? await readFile(flags.file, "utf8") : await readInput();
    const { version, features, deployment } = JSON.parse(text);
    return parseCheckpoint(
      JSON.stringify({ version, features, checkpoint: { stack: "", latest: deployment ?? {} } }),
      where,
    );
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`could not read the deployment in ${where}: ${messageOf(error)}`);
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

async function importState(place: Place, flags: Flags): Promise<void> {
  const stack = await openStack(place, flags.stack);
  const lock = await lockStack(place.backend, stack.name);
  try {
    const { latest = {} } = (await readImport(flags)).checkpoint;
    const foreign = (latest.resources ?? []).find(({ urn }) => parseUrn(urn).stack !== stack.name.stack);
    if (foreign !== undefined && !flags.force) {
      throw new Failure(
        `resource '${foreign.urn}' is of another stack than '${stack.name.stack}'; import it with --force if that is right`,
      );
    }
    refuseFaults(latest.resources ?? [], "the deployment to import");
    const crypter = await crypterOf(stack);
    const salt = latest.secrets_providers?.state?.salt;
    if (salt !== undefined && salt !== crypter?.salt && JSON.stringify(latest).includes('"ciphertext"')) {
      throw new Failure("this deployment's secrets are encrypted with another key: export it with --show-secrets");
    }
    const cache = new SecretCache(crypter);
    const store = new Store(place.backend, stack.name);
    store.load(true);
    store.write(store.format(openDeployment(latest, cache), cache));
  } finally {
    await lock.release();
  }
  print("Import complete.");
}

async function rename(place: Place, given: string, flags: Flags): Promise<void> {
  const old = await chosenStack(place, flags.stack);
  const next = parseStackName(place, given);
  if (await stackExists(place.backend, next)) throw new Failure(`stack '${fullName(next)}' already exists`);
  const lock = await lockStack(place.backend, old);
  try {
    const { latest = {} } = new Store(place.backend, old).load(true).checkpoint.checkpoint;
    const resources = renameStack(latest.resources ?? [], next.project, next.stack);
    new Store(place.backend, next).write(formatCheckpoint(fullName(next), { ...latest, resources }));
    await moveHistory(place, old, next);
    await removeStack(place.backend, old);
  } finally {
    await lock.release();
  }
  await renameFile(configFile(place.project, old.stack), configFile(place.project, next.stack)).catch(() => undefined);
  if ((await readSelection(place.project, place.backend, place.env)) === old.stack) {
    await writeSelection(place.project, place.backend, next, place.env);
  }
  print(`Renamed ${old.stack} to ${next.stack}`);
}

async function moveHistory({ backend }: Place, old: StackName, next: StackName): Promise<void> {
  const from = historyFolder(backend, old);
  const files = await list(from);
  if (files.length === 0) return;
  await renameFile(from, historyFolder(backend, next));
  const to = historyFolder(backend, next);
  for (const file of files.filter((name) => name.startsWith(`${old.stack}-`))) {
    await renameFile(join(to, file), join(to, next.stack + file.slice(old.stack.length)));
  }
}

async function showHistory(place: Place, flags: Flags): Promise<void> {
  const name = await chosenStack(place, flags.stack);
  const [size, page] = [Number(flags.pageSize), Number(flags.page)];
  const entries = (await readHistory(place.backend, name)).slice((page - 1) * size, page * size);
  const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
  if (flags.json) {
    const shown = entries.map((entry) => ({
      ...entry,
      config: Object.fromEntries(Object.entries(entry.config ?? {}).map(([key, value]) => [key, settingOf(value)])),
      startTime: iso(entry.startTime),
      endTime: iso(entry.endTime),
    }));
    print(JSON.stringify(shown, undefined, 2));
    return;
  }
  for (const { kind, startTime, endTime, result, message, resourceChanges } of entries) {
    print(
      `${iso(startTime)}  ${kind}  ${result}  ${endTime - startTime}s  ${JSON.stringify(resourceChanges ?? {})}  ${message}`.trimEnd(),
    );
  }
}

function settingOf(stored: unknown): object {
  const isObject = typeof stored === "object" && stored !== null;
  const secret = isObject && JSON.stringify(stored).includes('"secure"');
  return secret ? { secret } : { value: isObject ? JSON.stringify(stored) : String(stored), secret };
}
