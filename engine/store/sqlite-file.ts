/** The files of the embedded store: who has them, and how they are opened. */
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "./store.ts";

/** What is taken of a folder, until it is released or the process dies. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for one writer. The registry's own file is not locked, so that a backup can read it while the engine
 * writes (WAL); the system takes back the lock of a process that dies.
 */
export function lockFolder(file: string): FolderLock {
  const db = new DatabaseSync(file.replace(/\.db$/, ".lock"));
  try {
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw error;
  }
  return { release: () => db.close() };
}

type Failure = readonly [failure: StoreError["failure"], remedy: string];

const restore = "stop the engine, and restore a backup into a new data folder (cloudmap restore FILE --data DIR)";

/** https://sqlite.org/rescode.html: the low byte of a result code says what kind of failure it is. */
const failures: { readonly [code: number]: Failure } = {
  5: ["busy", "another engine has it open: stop that one (cloudmap stop), or give this one another data folder"],
  8: ["readonly", "it cannot be written: make the file and its folder writable for this user"],
  10: ["failed", "the disk reported an error: check it, then restore a backup if the registry does not open again"],
  11: ["damaged", `the file is damaged: ${restore}`],
  13: ["full", "the disk is full: make room; nothing that was acknowledged is lost"],
  14: ["readonly", "it cannot be opened: check that the data folder exists and is writable for this user"],
  19: ["damaged", "a key comes twice: take another backup"],
  26: ["damaged", `the file is not a registry: ${restore}`],
};

/** An error of SQLite's, as what it means for the registry and what to do about it. */
export function explain(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const reason = error instanceof Error ? error.message : String(error);
  const [failure, remedy] = failures[code] ?? ["failed", "see the reason given"];
  return new StoreError(failure, `the registry in ${file}: ${remedy} (${reason})`, { cause: error });
}

/** Something in the file that is not what was written there. */
export function damaged(file: string, what: string): StoreError {
  return new StoreError("damaged", `the registry in ${file}: ${what} is damaged: ${restore}`);
}
