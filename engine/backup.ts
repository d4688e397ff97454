/** Backups: a registry as one file, which does not depend on the store it came from (docs/backup.md). */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { identityKey, partsOf } from "./records.ts";
import { readWhole } from "./store/compacted.ts";
import type { EtcdPlace } from "./store/etcd-place.ts";
import { fillSqlite, readSqlite } from "./store/sqlite.ts";
import type { Entry, Snapshot } from "./store/store.ts";

const format = "cloudmap-backup";
const version = 1;

interface Header {
  readonly format: string;
  readonly version: number;
  /** Of the registry when it was backed up: it goes on from here. */
  readonly revision: number;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** The last line: how many entries there are, and a digest of all lines before it. */
interface Trailer {
  readonly entries: number;
  readonly sha256: string;
}

/** What a backup holds, for people. */
export interface Contents {
  readonly revision: number;
  readonly account: string;
  readonly namespaces: number;
  readonly services: number;
  readonly instances: number;
}

/** Why a file cannot be restored. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** Where a registry is: in a folder, or in etcd. */
export type Place = string | EtcdPlace;

/** Writes what a registry holds now to a file, while engines may go on writing to it. */
export async function backUp(place: Place, file: string, createdBy: string): Promise<Contents> {
  return readWhole(() => write(place, file, createdBy));
}

async function write(place: Place, file: string, createdBy: string): Promise<Contents> {
  const { revision, pages } = await (typeof place === "string" ? readSqlite(place) : readFromEtcd(place));
  const header: Header = { format, version, revision, createdAt: new Date().toISOString(), createdBy };
  const counted = new Counter(revision);
  const draft = `${file}.partial`;
  try {
    const target = createWriteStream(draft, { mode: 0o600, flush: true });
    await pipeline(Readable.from(textOf(header, counted.watch(pages))), createGzip({ level: 3 }), target);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return counted.contents;
}

async function readFromEtcd(place: EtcdPlace): Promise<Snapshot> {
  return (await import("./store/etcd-copy.ts")).readEtcd(place);
}

/** Makes a registry, where there is nothing, of what a backup holds: all of it, or nothing. */
export async function restore(file: string, place: Place): Promise<Contents> {
  await refuseDamaged(file);
  const { revision, pages } = await readBackup(file);
  const counted = new Counter(revision);
  const snapshot = { revision, pages: counted.watch(pages) };
  if (typeof place === "string") await fillSqlite(place, snapshot);
  else await (await import("./store/etcd-copy.ts")).fillEtcd(place, snapshot);
  return counted.contents;
}

/** Reads all of it before anything is written: what a damaged line does to a store depends on where the damage is. */
async function refuseDamaged(file: string): Promise<void> {
  const { pages } = await readBackup(file);
  for await (const _ of pages); // its end tells whether it is whole
}

async function* textOf(header: Header, pages: Snapshot["pages"]): AsyncGenerator<string> {
  const hash = createHash("sha256");
  const hashed = (text: string) => {
    hash.update(text);
    return text;
  };
  let entries = 0;
  yield hashed(`${JSON.stringify(header)}\n`);
  for await (const page of pages) {
    entries += page.length;
    yield hashed(page.map(lineOf).join(""));
  }
  yield `${JSON.stringify({ entries, sha256: hash.digest("hex") } satisfies Trailer)}\n`;
}

/** A value is JSON already. */
function lineOf({ key, revision, value }: Entry): string {
  return `{"key":${JSON.stringify(key)},"revision":${revision},"value":${value}}\n`;
}

/** A backup as it was taken; its pages end with an error where the file is not what was written. */
export async function readBackup(file: string): Promise<Snapshot> {
  const lines = linesOf(file);
  try {
    const first = await lines.next();
    const { revision } = parseHeader(file, first.value);
    return { revision, pages: checked(file, revision, `${first.value}\n`, lines) };
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

function parseHeader(file: string, line: string | undefined): Header {
  const header = parse<Header>(file, line ?? "");
  if (header.format !== format) throw new BackupError(`${file} is not a backup of cloudmap.`);
  if (header.version > version) {
    throw new BackupError(
      `${file} was written by a newer cloudmap (${header.createdBy}; backup version ${header.version}, this one knows ${version}): upgrade cloudmap.`,
    );
  }
  return header;
}

const pageSize = 5_000;

async function* checked(
  file: string,
  revision: number,
  head: string,
  lines: AsyncIterable<string>,
): AsyncGenerator<readonly Entry[]> {
  const hash = createHash("sha256").update(head);
  let [entries, page]: [number, Entry[]] = [0, []];
  let trailer: Trailer | undefined;
  for await (const line of lines) {
    if (trailer !== undefined) throw damaged(file, "something follows its end");
    const read = parse<{ key: string; revision: number; value: unknown } | Trailer>(file, line);
    if ("sha256" in read) trailer = read;
    else {
      hash.update(line).update("\n");
      if (!(read.revision <= revision)) throw damaged(file, `${read.key} is newer than the backup`);
      entries += 1;
      page.push({ key: read.key, revision: read.revision, value: JSON.stringify(read.value) });
      if (page.length === pageSize) {
        yield page;
        page = [];
      }
    }
  }
  if (trailer === undefined) throw damaged(file, "its end is missing");
  if (trailer.entries !== entries || trailer.sha256 !== hash.digest("hex")) throw damaged(file, "its digest is wrong");
  yield page;
}

function parse<T>(file: string, line: string): T {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw damaged(file, "a line is not JSON", error);
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const text = source.pipe(createGunzip()).setEncoding("utf8");
  source.on("error", (error) => text.destroy(error));
  let rest = "";
  try {
    for await (const chunk of text) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    const unreadable = error instanceof Error && "syscall" in error;
    throw unreadable ? error : damaged(file, error instanceof Error ? error.message : String(error), error);
  } finally {
    source.destroy();
  }
  if (rest !== "") throw damaged(file, "its end is missing");
}

function damaged(file: string, reason: string, cause?: unknown): BackupError {
  return new BackupError(`${file} is not a whole backup (${reason}): take another one; nothing was restored.`, {
    cause,
  });
}

/** Counts what goes by. */
class Counter {
  readonly #revision: number;
  readonly #nouns = new Map<string, number>();
  #account = "none";

  constructor(revision: number) {
    this.#revision = revision;
  }

  async *watch(pages: Snapshot["pages"]): AsyncGenerator<readonly Entry[]> {
    for await (const page of pages) {
      for (const { key, value } of page) {
        const { noun } = partsOf(key);
        this.#nouns.set(noun, (this.#nouns.get(noun) ?? 0) + 1);
        if (key === identityKey) this.#account = JSON.parse(value).Account;
      }
      yield page;
    }
  }

  get contents(): Contents {
    const count = (noun: string) => this.#nouns.get(noun) ?? 0;
    return {
      revision: this.#revision,
      account: this.#account,
      namespaces: count("namespace"),
      services: count("service"),
      instances: count("instance"),
    };
  }
}
