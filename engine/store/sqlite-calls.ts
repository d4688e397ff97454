/** Calls to the thread of the embedded store. */
import { isBuiltin } from "node:module";
import { Worker } from "node:worker_threads";
import { type Commit, type Entry, type Outcome, StoreError, type StoreFailure, type Transaction } from "./store.ts";

/** What the thread is asked, and what it answers. */
export interface Calls {
  /** Opens a file to be written; answers its revision. */
  open: { ask: string; answer: number };
  since: { ask: number; answer: readonly Commit[] };
  commit: { ask: Transaction; answer: Outcome };
  /** Begins to read a file as it is now. */
  snapshot: { ask: string; answer: { readonly id: number; readonly revision: number } };
  /** The next entries of a snapshot; none at the end. */
  page: { ask: number; answer: readonly Entry[] };
  release: { ask: number; answer: undefined };
  /** Begins a new file. */
  fill: { ask: string; answer: undefined };
  add: { ask: readonly Entry[]; answer: undefined };
  finish: { ask: number; answer: undefined };
  close: { ask: undefined; answer: undefined };
}

export type Request = { readonly [K in keyof Calls]: { readonly name: K; readonly ask: Calls[K]["ask"] } }[keyof Calls];

/** What comes back: the calls are answered in order, so that no number is needed. */
export type Reply = { readonly answer: unknown } | { readonly failure: StoreFailure; readonly message: string };

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: Error | undefined;

  constructor() {
    if (!isBuiltin("node:sqlite")) throw new StoreError("failed", noSqlite());
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./sqlite-thread.${extension}`, import.meta.url));
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (error) =>
      this.#end(new StoreError("failed", `the store's thread died: ${error.message}`)),
    );
    this.#worker.on("exit", () => this.#end(new StoreError("failed", "the store is closed")));
  }

  call<K extends keyof Calls>(name: K, ask: Calls[K]["ask"]): Promise<Calls[K]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage({ name, ask });
    });
  }

  /** Finishes what was asked, and ends; once. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    try {
      await this.call("close", undefined);
    } finally {
      await this.#worker.terminate();
    }
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

function noSqlite(): string {
  const { bun, node } = process.versions;
  const here = bun === undefined ? `Node ${node}` : `Bun ${bun}`;
  return `the registry is kept by the SQLite that is in Node 22.18 and later, and this is ${here}: start it with such a Node`;
}
