/** The journal of the embedded store: one row a commit. */
import type { DatabaseSync } from "node:sqlite";
import { damaged } from "./sqlite-file.ts";
import { sumOfCommit } from "./sqlite-schema.ts";
import type { Commit, Write } from "./store.ts";

export function encodeWrites(writes: readonly Write[]): string {
  return JSON.stringify(writes.map(({ key, value }) => (value === undefined ? [key] : [key, value])));
}

function decodeWrites(text: string): Write[] {
  const pairs: readonly [string, string?][] = JSON.parse(text);
  return pairs.map(([key, value]) => ({ key, value }));
}

/** The commits after a revision, each of which must be there and be what was written. */
export function* readJournal(db: DatabaseSync, file: string, after: number): Generator<Commit> {
  const rows = db.prepare("SELECT revision, writes, sum FROM journal WHERE revision > ? ORDER BY revision");
  let last = after;
  for (const row of rows.iterate(after)) {
    const commit = { revision: Number(row.revision), writes: String(row.writes) };
    if (commit.revision !== last + 1 || sumOfCommit(commit) !== row.sum) {
      throw damaged(file, `the commit of revision ${last + 1}`);
    }
    last = commit.revision;
    yield { revision: last, writes: decodeWrites(commit.writes) };
  }
}
