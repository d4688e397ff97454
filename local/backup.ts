/** `cloudmap backup` and `cloudmap restore`: the registry of the local engine, or of another data folder. */
import { setPriority } from "node:os";
import { resolve } from "node:path";
import { backUp, type Contents, restore } from "../engine/backup.ts";
import { type EtcdSettings, type EtcdTexts, etcdText, readEtcd, twoPlaces } from "./etcd-settings.ts";
import { codeOf } from "./failure.ts";
import { homeAt, homeFolder, openHome } from "./home.ts";
import { version } from "./version.ts";

export interface BackupOptions extends EtcdTexts {
  /** The folder of the registry; that of the local engine by default. */
  readonly data?: string;
}

/** An engine that answers requests goes before its backup. */
const lowPriority = 10;

export async function backupTo(file: string, options: BackupOptions): Promise<Contents> {
  setPriority(lowPriority);
  const place = etcdOf(options) ?? options.data ?? homeAt(homeFolder()).data;
  return explained(`writing ${file}`, () => backUp(place, resolve(file), `cloudmap ${version}`));
}

export interface Restored extends Contents {
  /** For people. */
  readonly where: string;
}

export async function restoreFrom(file: string, options: BackupOptions): Promise<Restored> {
  process.umask(0o077);
  const place = etcdOf(options) ?? (options.data === undefined ? openHome().data : resolve(options.data));
  const contents = await explained(`reading ${file}`, () => restore(resolve(file), place));
  return { ...contents, where: typeof place === "string" ? place : etcdText(place) };
}

function etcdOf(options: BackupOptions): EtcdSettings | undefined {
  const etcd = readEtcd(options);
  if (etcd !== undefined && options.data) throw twoPlaces();
  return etcd;
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
