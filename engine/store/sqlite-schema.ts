/** The tables of the embedded store: which version a file has, how older ones are brought forward, and how damage is found. */
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { type Entry, StoreError } from "./store.ts";

/** Each brings a file from one version to the next, from none to 1 first. What is here stays: files of that age may come. */
const migrations: readonly ((db: DatabaseSync) => void)[] = [
  (db) =>
    db.exec(`
      CREATE TABLE journal (revision INTEGER PRIMARY KEY, writes TEXT NOT NULL);
      CREATE TABLE entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE folded (revision INTEGER NOT NULL);
      INSERT INTO folded VALUES (0)`),
  addSums,
];

/** Of the files that this code writes. */
export const schemaVersion = migrations.length;

/** SQLite finds damage to its own structure, but not to what is kept in it: every row has a sum of its own. */
function addSums(db: DatabaseSync): void {
  db.exec(`
    ALTER TABLE journal RENAME TO old_journal;
    ALTER TABLE entries RENAME TO old_entries;
    CREATE TABLE journal (revision INTEGER PRIMARY KEY, writes TEXT NOT NULL, sum INTEGER NOT NULL);
    CREATE TABLE entries (
      key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID`);
  const addCommit = db.prepare("INSERT INTO journal VALUES (?, ?, ?)");
  for (const row of db.prepare("SELECT revision, writes FROM old_journal").iterate()) {
    const commit = { revision: Number(row.revision), writes: String(row.writes) };
    addCommit.run(commit.revision, commit.writes, sumOfCommit(commit));
  }
  const addEntry = db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)");
  for (const row of db.prepare("SELECT key, value, revision FROM old_entries").iterate()) {
    const entry = { key: String(row.key), value: String(row.value), revision: Number(row.revision) };
    addEntry.run(entry.key, entry.value, entry.revision, sumOfEntry(entry));
  }
  db.exec("DROP TABLE old_journal; DROP TABLE old_entries");
}

export function sumOfEntry({ key, value, revision }: Entry): number {
  return crc32(value, crc32(key, revision >>> 0));
}

export function sumOfCommit({ revision, writes }: { readonly revision: number; readonly writes: string }): number {
  return crc32(writes, revision >>> 0);
}

export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version);
}

/** Brings a file to the version of this code, wholly or not at all; refuses one that is newer, or another program's. */
export function migrate(db: DatabaseSync, file: string): void {
  const version = versionOf(db);
  if (version > schemaVersion) throw newer(file, version);
  if (version === schemaVersion) return;
  if (version === 0 && db.prepare("SELECT name FROM sqlite_schema").get() !== undefined) {
    throw new StoreError("damaged", `the registry in ${file}: the file is another program's: give another data folder`);
  }
  db.exec("BEGIN IMMEDIATE");
  for (const step of migrations.slice(version)) step(db);
  db.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`);
}

export function newer(file: string, version: number): StoreError {
  return new StoreError(
    "newer",
    `${file} was written by a newer cloudmap (data version ${version}, this one knows ${schemaVersion}): upgrade cloudmap, or give it another data folder`,
  );
}
