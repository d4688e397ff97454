/** Everything in the embedded store as it was at one moment, read beside whoever writes to it, in this process or another. */
import { DatabaseSync } from "node:sqlite";
import { damaged } from "./sqlite-file.ts";
import { readJournal } from "./sqlite-journal.ts";
import { newer, schemaVersion, sumOfEntry, versionOf } from "./sqlite-schema.ts";
import { type Entry, StoreError, type Write } from "./store.ts";

const pageSize = 5_000;

export class SqliteSnapshot {
  readonly revision: number;
  readonly #db: DatabaseSync;
  readonly #entries: Iterator<Entry>;

  /** A connection of its own: what its transaction sees does not change (https://sqlite.org/isolation.html). */
  constructor(file: string) {
    this.#db = new DatabaseSync(file, { readOnly: true });
    try {
      this.#db.exec("PRAGMA busy_timeout = 5000; BEGIN");
      refuseOtherVersions(file, versionOf(this.#db));
      const { revision, writes } = lastWrites(this.#db, file);
      this.revision = revision;
      this.#entries = entriesOf(this.#db, file, writes);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** The next entries; none at the end. */
  page(): Entry[] {
    const page: Entry[] = [];
    while (page.length < pageSize) {
      const next = this.#entries.next();
      if (next.done) break;
      page.push(next.value);
    }
    return page;
  }

  close(): void {
    this.#db.close();
  }
}

function refuseOtherVersions(file: string, version: number): void {
  if (version > schemaVersion) throw newer(file, version);
  if (version === schemaVersion) return;
  throw new StoreError(
    "older",
    `${file} was written by an older cloudmap (data version ${version}, this one writes ${schemaVersion}): start an engine of this version on it once, or use the older cloudmap`,
  );
}

interface LastWrite extends Write {
  readonly revision: number;
}

/** Of the keys whose last write is still in the journal. */
function lastWrites(db: DatabaseSync, file: string): { revision: number; writes: ReadonlyMap<string, LastWrite> } {
  let revision = Number(db.prepare("SELECT revision FROM folded").get()?.revision);
  const writes = new Map<string, LastWrite>();
  for (const commit of readJournal(db, file, revision)) {
    revision = commit.revision;
    for (const { key, value } of commit.writes) writes.set(key, { key, value, revision });
  }
  return { revision, writes };
}

function* entriesOf(db: DatabaseSync, file: string, writes: ReadonlyMap<string, LastWrite>): Generator<Entry> {
  const rows = db.prepare("SELECT key, value, revision, sum FROM entries ORDER BY key");
  let last = "";
  for (const row of rows.iterate()) {
    const entry = { key: String(row.key), value: String(row.value), revision: Number(row.revision) };
    if (sumOfEntry(entry) !== row.sum || !comesAfter(entry.key, last))
      throw damaged(file, `the entry ${JSON.stringify(entry.key)}`);
    last = entry.key;
    if (!writes.has(last)) yield entry;
  }
  for (const { key, value, revision } of writes.values()) if (value !== undefined) yield { key, value, revision };
}

/** A page in the place of another shows in the order of the keys, which is that of their UTF-8. */
function comesAfter(key: string, last: string): boolean {
  return key > last || last === "" || Buffer.compare(Buffer.from(key), Buffer.from(last)) > 0;
}
