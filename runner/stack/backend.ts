// Where stacks live: Pulumi's `file://` backend layout (pkg/backend/diy).

import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Failure, isMissing, notSupported } from "../failure.ts";

export const organization = "organization";

export interface Backend {
  readonly url: string;
  /** The `.pulumi` folder. */
  readonly folder: string;
}

export interface StackName {
  readonly project: string;
  readonly stack: string;
}

export function fullName(name: StackName): string {
  return `${organization}/${name.project}/${name.stack}`;
}

export async function openBackend(url: string | undefined, cwd: string): Promise<Backend> {
  if (url === undefined || url === "") {
    throw new Failure(
      "no backend is set: this runner keeps stacks in a local folder only; set PULUMI_BACKEND_URL=file:///path",
    );
  }
  if (!url.startsWith("file://"))
    throw notSupported(`the backend ${url}`, "it keeps stacks in a local folder (file://) only");
  const [path = ""] = url.slice("file://".length).split("?");
  const expanded = path.startsWith("~") ? join(homedir(), path.slice(1)) : resolve(cwd, path);
  const backend = { url: `file://${expanded}`, folder: join(expanded, ".pulumi") };
  await checkLayout(backend);
  return backend;
}

// Version 1 has a folder for each project; folders without meta.yaml are of the layout before it.
async function checkLayout(backend: Backend): Promise<void> {
  const meta = join(backend.folder, "meta.yaml");
  const text = await readFile(meta, "utf8").catch(() => undefined);
  if (text === undefined) {
    const stacks = await list(join(backend.folder, "stacks"));
    if (stacks.some((name) => name.endsWith(".json"))) {
      throw notSupported(`the old layout of ${backend.url}`, "run `pulumi state upgrade` on it with the Pulumi CLI");
    }
    await writeDurably(meta, "version: 1\n");
  } else if (!/^version:\s*1\s*$/m.test(text)) {
    throw notSupported(`the layout "${text.trim()}" of ${backend.url}`);
  }
}

export async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function stackFile(backend: Backend, name: StackName): string {
  return join(backend.folder, "stacks", name.project, `${name.stack}.json`);
}

export function lockFolder(backend: Backend, name: StackName): string {
  return join(backend.folder, "locks", organization, name.project, name.stack);
}

export function historyFolder(backend: Backend, name: StackName): string {
  return join(backend.folder, "history", name.project, name.stack);
}

export function backupFolder(backend: Backend, name: StackName): string {
  return join(backend.folder, "backups", name.project, name.stack);
}

export function journalFile(backend: Backend, name: StackName): string {
  return join(backend.folder, "stacks", name.project, `${name.stack}.journal`);
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

export async function stackExists(backend: Backend, name: StackName): Promise<boolean> {
  const file = stackFile(backend, name);
  for (const extension of [".gz", ".zst"]) {
    if (await exists(file + extension)) throw notSupported(`the compressed state ${file}${extension}`);
  }
  return exists(file);
}

export async function listStacks(backend: Backend): Promise<StackName[]> {
  const folder = join(backend.folder, "stacks");
  const names = (await list(folder)).map(async (project) =>
    (await list(join(folder, project)))
      .filter((file) => file.endsWith(".json"))
      .map((file) => ({ project, stack: file.slice(0, -".json".length) })),
  );
  return (await Promise.all(names)).flat();
}

/** Replaces a file as a whole: readers and crashes see the old text or the new one, never half. */
export async function writeDurably(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp-${process.pid}`;
  const handle = await open(temporary, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

export async function writeState(backend: Backend, name: StackName, text: string): Promise<void> {
  const file = stackFile(backend, name);
  // The attributes that the CLI keeps beside each file hold a digest of it; they are optional.
  await rm(`${file}.attrs`, { force: true });
  await rm(`${file}.bak.attrs`, { force: true });
  if (await exists(file)) await copyFile(file, `${file}.bak`);
  await writeDurably(file, text);
}

export async function backUp(backend: Backend, name: StackName, now: bigint): Promise<void> {
  const folder = backupFolder(backend, name);
  await mkdir(folder, { recursive: true });
  await copyFile(stackFile(backend, name), join(folder, `${name.stack}.${now}.json`));
}

export async function removeStack(backend: Backend, name: StackName): Promise<void> {
  const file = stackFile(backend, name);
  for (const path of [file, `${file}.bak`, `${file}.attrs`, `${file}.bak.attrs`, journalFile(backend, name)]) {
    await rm(path, { force: true });
  }
  for (const folder of [historyFolder(backend, name), backupFolder(backend, name)]) {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function touch(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { flag: "wx" });
}
