/** A new file of the embedded store, filled with entries that have revisions already: it is there whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type FolderLock, lockFolder } from "./sqlite-file.ts";
import { migrate, sumOfEntry } from "./sqlite-schema.ts";
import type { Entry } from "./store.ts";

export class SqliteFilling {
  readonly #file: string;
  readonly #draft: string;
  readonly #lock: FolderLock;
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#file = file;
    this.#draft = `${file}.filling`;
    this.#lock = lockFolder(file);
    try {
      rmSync(this.#draft, { force: true });
      this.#db = new DatabaseSync(this.#draft);
      this.#db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
      migrate(this.#db, this.#draft);
      this.#db.exec("BEGIN");
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  add(entries: readonly Entry[]): void {
    const put = this.#db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)");
    for (const entry of entries) put.run(entry.key, entry.value, entry.revision, sumOfEntry(entry));
  }

  /** Makes it the registry, which then is at a revision. */
  finish(revision: number): void {
    this.#db.prepare("UPDATE folded SET revision = ?").run(revision);
    this.#db.exec("COMMIT");
    this.#db.close();
    sync(this.#draft, "r+");
    renameSync(this.#draft, this.#file);
    if (process.platform !== "win32") sync(dirname(this.#file), "r"); // Windows has no way to sync a folder
    this.#lock.release();
  }

  abandon(): void {
    this.#db.close();
    rmSync(this.#draft, { force: true });
    this.#lock.release();
  }
}

function sync(path: string, flags: string): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
