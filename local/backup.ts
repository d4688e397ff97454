/** `cloudmap backup` and `cloudmap restore`: the registry of the local engine, or of another data folder. */
import { setPriority } from "node:os";
import { resolve } from "node:path";
import { backUp, type Contents, restore } from "../engine/backup.ts";
import { codeOf } from "./failure.ts";
import { homeAt, homeFolder, openHome } from "./home.ts";
import { version } from "./version.ts";

export interface BackupOptions {
  /** The folder of the registry; that of the local engine by default. */
  readonly data?: string;
}

/** An engine that answers requests goes before its backup. */
const lowPriority = 10;

export async function backupTo(file: string, { data }: BackupOptions): Promise<Contents> {
  setPriority(lowPriority);
  return explained(`writing ${file}`, () =>
    backUp(data ?? homeAt(homeFolder()).data, resolve(file), `cloudmap ${version}`),
  );
}

export interface Restored extends Contents {
  readonly folder: string;
}

export async function restoreFrom(file: string, { data }: BackupOptions): Promise<Restored> {
  process.umask(0o077);
  const folder = data === undefined ? openHome().data : resolve(data);
  return { ...(await explained(`reading ${file}`, () => restore(resolve(file), folder))), folder };
}

/** What the system says of a file that cannot be read or written; all else explains itself. */
async function explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    const ofSystem = code !== undefined && error instanceof Error && "syscall" in error;
    if (!ofSystem) throw error;
    throw new Error(`${doing}: ${remedies[code] ?? "see the reason given"} (${error.message})`, { cause: error });
  }
}

const remedies: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not do that",
  EISDIR: "it is a folder: give the name of a file",
  ENOSPC: "the disk is full: make room, or take another disk",
};
