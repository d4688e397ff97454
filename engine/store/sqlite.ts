/** The embedded store: one SQLite file in a folder, kept by a thread of its own. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SqliteThread } from "./sqlite-calls.ts";
import {
  type Entry,
  type NodesListener,
  type Outcome,
  type Snapshot,
  type Store,
  StoreError,
  type Transaction,
  type Watcher,
} from "./store.ts";

const fileIn = (folder: string): string => join(folder, "registry.db");

/** Opens the registry kept in a folder, which is made where it does not exist; one process at a time can have it open. */
export async function openSqlite(folder: string): Promise<Store> {
  makeFolder(folder);
  const thread = new SqliteThread();
  return closedOnFailure(thread, async () => {
    const file = fileIn(folder);
    return new SqliteStore(thread, file, await thread.call("open", file));
  });
}

/** Reads the registry kept in a folder as it is now, also while an engine has it open and goes on writing. */
export async function readSqlite(folder: string): Promise<Snapshot> {
  if (!existsSync(fileIn(folder))) throw new StoreError("failed", `there is no registry in the folder ${folder}`);
  const thread = new SqliteThread();
  return closedOnFailure(thread, async () => {
    const { revision, pages } = await snapshotOf(thread, fileIn(folder));
    return { revision, pages: closedAfter(thread, pages) };
  });
}

/** Makes a registry in an empty folder of what another one had, at that one's revisions: all of it, or nothing. */
export async function fillSqlite(folder: string, { revision, pages }: Snapshot): Promise<void> {
  makeFolder(folder);
  refuseFull(folder);
  const thread = new SqliteThread();
  try {
    await thread.call("fill", fileIn(folder));
    for await (const page of pages) await thread.call("add", page);
    await thread.call("finish", revision);
  } finally {
    await thread.close();
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("readonly", `cannot make the data folder ${folder}: ${reason}`, { cause: error });
  }
}

/** What a filling leaves that was killed is no registry, and may be there. */
const leftovers = ["registry.lock", "registry.db.filling"];

function refuseFull(folder: string): void {
  const [found] = readdirSync(folder).filter((name) => !leftovers.includes(name));
  if (found === undefined) return;
  throw new StoreError("failed", `the folder ${folder} is not empty (${found} is in it): give a new one`);
}

async function closedOnFailure<T>(thread: SqliteThread, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await thread.close();
    throw error;
  }
}

async function snapshotOf(thread: SqliteThread, file: string): Promise<Snapshot> {
  const { id, revision } = await thread.call("snapshot", file);
  return { revision, pages: pagesOf(thread, id) };
}

async function* pagesOf(thread: SqliteThread, id: number): AsyncGenerator<readonly Entry[]> {
  const ask = () => {
    const page = thread.call("page", id);
    page.catch(() => {}); // it is asked for early, and whoever reads may stop before
    return page;
  };
  try {
    let [page, next] = [await ask(), ask()];
    while (page.length > 0) {
      yield page;
      [page, next] = [await next, ask()];
    }
  } finally {
    await thread.call("release", id);
  }
}

async function* closedAfter<T>(thread: SqliteThread, pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } finally {
    await thread.close();
  }
}

class SqliteStore implements Store {
  readonly maxExpectations = 10_000;
  readonly maxWrites = 10_000;
  readonly #thread: SqliteThread;
  readonly #file: string;
  readonly #watchers: Watcher[] = [];
  #revision: number;

  constructor(thread: SqliteThread, file: string, revision: number) {
    this.#thread = thread;
    this.#file = file;
    this.#revision = revision;
  }

  load(): Promise<Snapshot> {
    return snapshotOf(this.#thread, this.#file);
  }

  async watch(revision: number, watcher: Watcher): Promise<void> {
    try {
      for (const commit of await this.#thread.call("since", revision)) watcher.commit(commit);
      this.#watchers.push(watcher);
    } catch (error) {
      if (!(error instanceof StoreError) || error.failure !== "compacted") throw error;
      const snapshot = await this.load();
      await watcher.reload(snapshot);
      await this.watch(snapshot.revision, watcher);
    }
  }

  /** Nobody else writes to the file: what is answered is what there is. */
  async head(): Promise<number> {
    return this.#revision;
  }

  async join(name: string, listener: NodesListener): Promise<void> {
    listener([name]);
  }

  async commit(transaction: Transaction): Promise<Outcome> {
    const outcome = await this.#thread.call("commit", transaction);
    if ("committed" in outcome) {
      const commit = { revision: outcome.committed, writes: transaction.writes };
      this.#revision = commit.revision;
      for (const watcher of this.#watchers) watcher.commit(commit);
    }
    return outcome;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
