/**
 * The embedded store where it is written.
 *
 * A commit appends one row to `journal`, whatever its size, and is durable once that row is synced. Its writes are folded
 * into `entries` later, sorted and in small steps: one row per key and commit would cost twenty times as much (see
 * bench/). Among a million entries nearly every key that is folded is a page to write, and the next commit has to sync
 * it: so folding waits for a pause, unless too many keys wait for it. `unfolded` has the keys whose last write is still
 * in the journal.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type FolderLock, lockFolder } from "./sqlite-file.ts";
import { encodeWrites, readJournal } from "./sqlite-journal.ts";
import { migrate, sumOfCommit, sumOfEntry } from "./sqlite-schema.ts";
import { Unfolded } from "./sqlite-unfolded.ts";
import { type Commit, type Expectation, type Outcome, StoreError, type Transaction, type Write } from "./store.ts";

/** Commits that a watcher can still be told of after they are folded. */
const keptCommits = 1_000;
/** Keys of one folding step: about 3 ms, the longest that a commit waits for one. */
const stepSize = 400;
/** Keys that may wait to be folded: some 50 MB in memory, and some seconds of the heaviest load. */
const mostUnfolded = 100_000;
/** Keys that a stop still folds: what is left then is read from the journal by the next start. */
const foldedAtStop = 20_000;

export class SqliteDatabase {
  readonly #file: string;
  readonly #lock: FolderLock;
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #unfolded = new Unfolded();
  #revision = 0;

  constructor(file: string) {
    this.#file = file;
    this.#lock = lockFolder(file);
    try {
      this.#db = new DatabaseSync(file);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Brings the file forward where it is older, and reads what the last run had not folded; answers the revision. */
  open(): number {
    this.#db.exec("PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.#db.exec("PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536");
    migrate(this.#db, this.#file);
    this.#revision = Number(this.#sql("SELECT revision FROM folded").get()?.revision);
    for (const { revision, writes } of readJournal(this.#db, this.#file, this.#revision)) {
      this.#remember(revision, writes);
      this.#revision = revision;
    }
    return this.#revision;
  }

  since(revision: number): Commit[] {
    const first = this.#sql("SELECT min(revision) AS first FROM journal").get()?.first ?? this.#revision + 1;
    if (revision + 1 < Number(first)) {
      throw new StoreError("compacted", `the changes after revision ${revision} are no longer kept one by one`);
    }
    return [...readJournal(this.#db, this.#file, revision)];
  }

  commit({ expectations, writes }: Transaction): Outcome {
    if (!expectations.every((expectation) => this.#holds(expectation))) return { conflict: this.#revision };
    const commit = { revision: this.#revision + 1, writes: encodeWrites(writes) };
    // Its own transaction, synced.
    this.#sql("INSERT INTO journal VALUES (?, ?, ?)").run(commit.revision, commit.writes, sumOfCommit(commit));
    this.#revision = commit.revision;
    this.#remember(commit.revision, writes);
    return { committed: commit.revision };
  }

  #holds(expectation: Expectation): boolean {
    if ("prefix" in expectation) return !this.#hasKeyUnder(expectation.prefix);
    const unfolded = this.#unfolded.get(expectation.key);
    if (unfolded !== undefined) return expectation.revision === (unfolded.value === undefined ? 0 : unfolded.revision);
    const row = this.#sql("SELECT revision FROM entries WHERE key = ?").get(expectation.key);
    return Number(row?.revision ?? 0) === expectation.revision;
  }

  #hasKeyUnder(prefix: string): boolean {
    if (this.#unfolded.hasUnder(prefix)) return true;
    const rows = this.#sql("SELECT key FROM entries WHERE key >= ? AND key < ?");
    for (const row of rows.iterate(prefix, `${prefix}\u{10ffff}`)) {
      if (this.#unfolded.get(String(row.key)) === undefined) return true;
    }
    return false;
  }

  #remember(revision: number, writes: readonly Write[]): void {
    for (const { key, value } of writes) this.#unfolded.put(key, { value, revision });
  }

  /** How many keys have to be folded now, whoever waits. */
  get overdue(): number {
    return Math.max(0, this.#unfolded.size - mostUnfolded);
  }

  /** Folds some keys of the journal into the entries; answers whether more are left. */
  fold(most = Math.max(stepSize, this.overdue)): boolean {
    const step = this.#unfolded.take(most); // as many as come where it is overdue, or they would pile up
    if (step.length === 0) return false;
    try {
      this.#unsynced(() => this.#write(step.toSorted(([a], [b]) => (a < b ? -1 : 1))));
    } catch (error) {
      this.#unfolded.putBack(step);
      throw error;
    }
    return this.#unfolded.size > 0;
  }

  #write(step: ReturnType<Unfolded["take"]>): void {
    const put = this.#sql(
      "INSERT INTO entries VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET value = ?2, revision = ?3, sum = ?4",
    );
    const remove = this.#sql("DELETE FROM entries WHERE key = ?");
    for (const [key, { value, revision }] of step) {
      if (value === undefined) remove.run(key);
      else put.run(key, value, revision, sumOfEntry({ key, value, revision }));
    }
    this.#forget((this.#unfolded.oldest ?? this.#revision + 1) - 1);
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
      for (let folded = 0; folded < foldedAtStop && this.fold(); ) folded += stepSize;
    } catch {
      // The journal has it all: the next run folds it.
    } finally {
      this.abandon();
    }
  }

  /** Lets go of the files as they are. */
  abandon(): void {
    try {
      this.#db.close();
    } finally {
      this.#lock.release();
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
