/**
 * The thread of the embedded store, and the only place that knows SQLite.
 *
 * A commit appends one row to `journal`, whatever its size, and is durable once that row is synced. Its writes are folded
 * into `entries` later, sorted and in small steps, when no commit waits: one row per key and commit would cost twenty
 * times as much (see bench/). `unfolded` has the keys whose last write is still in the journal.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import type { Call, Reply, Unfolded } from "./sqlite.ts";
import {
  type Commit,
  type Entry,
  type Expectation,
  type Outcome,
  StoreError,
  type StoreFailure,
  type Transaction,
  type Write,
} from "./store.ts";

const schemaVersion = 1;
const pageSize = 5_000;
/** Commits that a watcher can still be told of after they are folded. */
const keptCommits = 1_000;
/** Keys of one folding step: about 3 ms, the longest that a commit waits for one. */
const stepSize = 400;

class Database {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #unfolded = new Map<string, Omit<Unfolded, "key">>();
  #revision = 0;

  constructor(file: string) {
    this.#file = file;
    this.#db = new DatabaseSync(file);
    this.#db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.#db.exec("PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536; BEGIN EXCLUSIVE; COMMIT;");
    this.#migrate();
    this.#restore();
  }

  get revision(): number {
    return this.#revision;
  }

  #migrate(): void {
    const version = Number(this.#sql("PRAGMA user_version").get()?.user_version);
    if (version > schemaVersion) {
      throw new StoreError(
        "newer",
        `${this.#file} was written by a newer cloudmap (data version ${version}, this one knows ${schemaVersion}): upgrade cloudmap, or give it another data folder`,
      );
    }
    if (version === 0) {
      this.#db.exec(`BEGIN;
        CREATE TABLE journal (revision INTEGER PRIMARY KEY, writes TEXT NOT NULL);
        CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE folded (revision INTEGER NOT NULL);
        INSERT INTO folded VALUES (0);
        PRAGMA user_version = ${schemaVersion};
        COMMIT;`);
    }
  }

  /** Reads what the last run had not folded. */
  #restore(): void {
    const folded = Number(this.#sql("SELECT revision FROM folded").get()?.revision);
    this.#revision = folded;
    for (const { revision, writes } of this.since(folded)) {
      this.#remember(revision, writes);
      this.#revision = revision;
    }
  }

  /** The last writes of keys that are still in the journal. */
  unfolded(): Unfolded[] {
    return Array.from(this.#unfolded, ([key, last]) => ({ key, ...last }));
  }

  /** Entries that are folded: those in the journal may have newer writes. */
  page(after: string): Entry[] {
    const rows = this.#sql("SELECT key, value, revision FROM entries WHERE key > ? ORDER BY key LIMIT ?");
    return rows.all(after, pageSize).map((row) => ({
      key: String(row.key),
      value: String(row.value),
      revision: Number(row.revision),
    }));
  }

  since(revision: number): Commit[] {
    const first = this.#sql("SELECT min(revision) AS first FROM journal").get()?.first ?? this.#revision + 1;
    if (revision + 1 < Number(first)) {
      throw new StoreError("compacted", `the changes after revision ${revision} are no longer kept one by one`);
    }
    const rows = this.#sql("SELECT revision, writes FROM journal WHERE revision > ? ORDER BY revision").all(revision);
    return rows.map((row) => ({ revision: Number(row.revision), writes: decodeWrites(String(row.writes)) }));
  }

  commit({ expectations, writes }: Transaction): Outcome {
    if (!expectations.every((expectation) => this.#holds(expectation))) return { conflict: this.#revision };
    const revision = this.#revision + 1;
    this.#sql("INSERT INTO journal VALUES (?, ?)").run(revision, encodeWrites(writes)); // its own transaction, synced
    this.#revision = revision;
    this.#remember(revision, writes);
    return { committed: revision };
  }

  #holds(expectation: Expectation): boolean {
    if ("prefix" in expectation) return !this.#hasKeyUnder(expectation.prefix);
    const unfolded = this.#unfolded.get(expectation.key);
    if (unfolded !== undefined) return expectation.revision === (unfolded.value === undefined ? 0 : unfolded.revision);
    const row = this.#sql("SELECT revision FROM entries WHERE key = ?").get(expectation.key);
    return Number(row?.revision ?? 0) === expectation.revision;
  }

  #hasKeyUnder(prefix: string): boolean {
    for (const [key, { value }] of this.#unfolded) if (value !== undefined && key.startsWith(prefix)) return true;
    const rows = this.#sql("SELECT key FROM entries WHERE key >= ? AND key < ?");
    for (const row of rows.iterate(prefix, `${prefix}\u{10ffff}`)) {
      if (!this.#unfolded.has(String(row.key))) return true;
    }
    return false;
  }

  #remember(revision: number, writes: readonly Write[]): void {
    for (const { key, value } of writes) {
      this.#unfolded.delete(key); // so that the map stays in the order of revisions
      this.#unfolded.set(key, { value, revision });
    }
  }

  /** Folds the oldest keys of the journal into the entries; answers whether more are left. */
  fold(most: number): boolean {
    if (this.#unfolded.size === 0) return false;
    const step = [...this.#unfolded.entries().take(most + 1)];
    const rest = step.length > most ? step.pop()?.[1] : undefined;
    const put = this.#sql(
      "INSERT INTO entries VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?2, revision = ?3",
    );
    const remove = this.#sql("DELETE FROM entries WHERE key = ?");
    this.#unsynced(() => {
      for (const [key, { value, revision }] of step.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        if (value === undefined) remove.run(key);
        else put.run(key, value, revision);
      }
      this.#forget(rest === undefined ? this.#revision : rest.revision - 1);
    });
    for (const [key] of step) this.#unfolded.delete(key);
    return rest !== undefined;
  }

  /** Notes how far the journal is folded, and drops the commits before that which no watcher can need. */
  #forget(folded: number): void {
    this.#sql("UPDATE folded SET revision = ?").run(folded);
    this.#sql("DELETE FROM journal WHERE revision <= ?").run(folded - keptCommits);
  }

  /** A transaction that the next commit syncs: losing it loses nothing, because the journal still has the writes. */
  #unsynced(work: () => void): void {
    this.#db.exec("PRAGMA synchronous = NORMAL; BEGIN");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  close(): void {
    try {
      while (this.fold(pageSize));
    } catch {
      // The journal has it all: the next run folds it.
    } finally {
      this.#db.close();
    }
  }

  #sql(text: string): StatementSync {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }
}

function encodeWrites(writes: readonly Write[]): string {
  return JSON.stringify(writes.map(({ key, value }) => (value === undefined ? [key] : [key, value])));
}

function decodeWrites(text: string): Write[] {
  const pairs: readonly [string, string?][] = JSON.parse(text);
  return pairs.map(([key, value]) => ({ key, value }));
}

/** https://sqlite.org/rescode.html: the low byte of a result code says what kind of failure it is. */
const failures: { readonly [code: number]: readonly [StoreFailure, string] } = {
  5: ["busy", "another engine has it open: stop that one (cloudmap stop), or give this one another data folder"],
  8: ["readonly", "it cannot be written: make the file and its folder writable for this user"],
  10: ["failed", "the disk reported an error: check it, then restore a backup if the registry does not open again"],
  11: ["damaged", "the file is damaged: restore a backup into a new data folder"],
  13: ["full", "the disk is full: make room; nothing that was acknowledged is lost"],
  14: ["readonly", "it cannot be opened: check that the data folder exists and is writable for this user"],
  26: ["damaged", "the file is not a registry: restore a backup, or give another data folder"],
};

function failureOf(error: unknown, file: string): { failure: StoreFailure; message: string } {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  const reason = error instanceof Error ? error.message : String(error);
  const [failure, remedy] = failures[code] ?? ["failed", "see the reason given"];
  return { failure, message: `the registry in ${file}: ${remedy} (${reason})` };
}

function listen(port: NonNullable<typeof parentPort>): void {
  let database: Database | undefined;
  let file = "";
  let folding = false;

  const answer = (call: Call): unknown => {
    if (call.name === "open") {
      file = call.ask;
      database = new Database(file);
      return database.revision;
    }
    if (database === undefined) throw new StoreError("failed", "the store is not open");
    switch (call.name) {
      case "unfolded":
        return database.unfolded();
      case "page":
        return database.page(call.ask);
      case "since":
        return database.since(call.ask);
      case "commit":
        return database.commit(call.ask);
      case "close":
        return database.close();
    }
  };

  const foldLater = (): void => {
    if (folding) return;
    folding = true;
    setImmediate(() => {
      folding = false;
      try {
        if (database?.fold(stepSize)) foldLater();
      } catch {
        // The journal has it all: the next commit finds the disk in the same state and answers what is wrong with it.
      }
    });
  };

  port.on("message", (call: Call) => {
    let reply: Reply;
    try {
      reply = { answer: answer(call) };
    } catch (error) {
      const { failure, message } = failureOf(error, file);
      reply = { failure, message };
    }
    port.postMessage(reply);
    if (call.name === "open" || call.name === "commit") foldLater();
  });
}

if (parentPort !== null) listen(parentPort);
