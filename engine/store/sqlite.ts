/** The embedded store: one SQLite file, kept by a thread of its own so that the disk never blocks the event loop. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  type Commit,
  type Entry,
  type Outcome,
  type Snapshot,
  type Store,
  StoreError,
  type StoreFailure,
  type Transaction,
  type Write,
} from "./store.ts";

/** The last write of a key: its value, or that it was removed. */
export interface Unfolded extends Write {
  readonly revision: number;
}

/** What the engine asks of the thread, and what the thread answers. */
export interface Calls {
  open: { ask: string; answer: number };
  unfolded: { ask: undefined; answer: readonly Unfolded[] };
  page: { ask: string; answer: readonly Entry[] };
  since: { ask: number; answer: readonly Commit[] };
  commit: { ask: Transaction; answer: Outcome };
  close: { ask: undefined; answer: undefined };
}

/** A call on its way to the thread. */
export type Call = { readonly [K in keyof Calls]: { readonly name: K; readonly ask: Calls[K]["ask"] } }[keyof Calls];

/** What comes back: the calls are answered in order, so that no number is needed. */
export type Reply = { readonly answer: unknown } | { readonly failure: StoreFailure; readonly message: string };

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Opens the registry kept in a folder, which is made where it does not exist; one process at a time can have it open. */
export async function openSqlite(folder: string): Promise<Store> {
  makeFolder(folder);
  const store = new SqliteStore(join(folder, "registry.db"));
  await store.open();
  return store;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("readonly", `cannot make the data folder ${folder}: ${reason}`, { cause: error });
  }
}

class SqliteStore implements Store {
  readonly maxOperations = 10_000;
  readonly #file: string;
  readonly #thread: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #listeners: ((commit: Commit) => void)[] = [];
  #revision = 0;
  #ended: Error | undefined;

  constructor(file: string) {
    this.#file = file;
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#thread = new Worker(new URL(`./sqlite-thread.${extension}`, import.meta.url));
    this.#thread.on("message", (reply: Reply) => this.#settle(reply));
    this.#thread.on("error", (error) =>
      this.#end(new StoreError("failed", `the store's thread died: ${error.message}`)),
    );
    this.#thread.on("exit", () => this.#end(new StoreError("failed", "the store is closed")));
  }

  async open(): Promise<void> {
    try {
      this.#revision = await this.#call("open", this.#file);
    } catch (error) {
      await this.#thread.terminate();
      throw error;
    }
  }

  async load(): Promise<Snapshot> {
    return { revision: this.#revision, pages: this.#pages() };
  }

  /** What is not folded comes last, as it came: a start needs no room on the disk. */
  async *#pages(): AsyncGenerator<readonly Entry[]> {
    const unfolded = await this.#call("unfolded", undefined);
    const newer = new Set(unfolded.map(({ key }) => key));
    for (let after: string | undefined = ""; after !== undefined; ) {
      const page: readonly Entry[] = await this.#call("page", after);
      yield page.filter(({ key }) => !newer.has(key));
      after = page.at(-1)?.key;
    }
    yield unfolded.filter((each): each is Entry => each.value !== undefined);
  }

  async watch(revision: number, listener: (commit: Commit) => void): Promise<void> {
    const missed = await this.#call("since", revision);
    for (const commit of missed) listener(commit);
    this.#listeners.push(listener);
  }

  async commit(transaction: Transaction): Promise<Outcome> {
    const outcome = await this.#call("commit", transaction);
    if ("committed" in outcome) {
      this.#revision = outcome.committed;
      const commit = { revision: outcome.committed, writes: transaction.writes };
      for (const listener of this.#listeners) listener(commit);
    }
    return outcome;
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    try {
      await this.#call("close", undefined);
    } finally {
      await this.#thread.terminate();
    }
  }

  #call<K extends keyof Calls>(name: K, ask: Calls[K]["ask"]): Promise<Calls[K]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#thread.postMessage({ name, ask });
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.shift();
    if ("failure" in reply) waiting?.reject(new StoreError(reply.failure, reply.message));
    else waiting?.resolve(reply.answer as never); // the thread answers with the type that Calls gives the call
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
