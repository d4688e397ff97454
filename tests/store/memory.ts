/** A store in memory that keeps the contract, and can be told to make trouble within it: conflicts, a watch that lags, failures. */
import {
  type Commit,
  type Entry,
  type Expectation,
  type NodesListener,
  type Outcome,
  type Snapshot,
  type Store,
  StoreError,
  type Transaction,
  type Watcher,
} from "../../engine/store/store.ts";

/** What outlives a store that is closed: several can be open over it, as nodes are over etcd. */
export class Memory {
  readonly entries = new Map<string, Entry>();
  readonly commits: Commit[] = [];
  readonly watchers = new Set<() => void>();
  readonly #nodes = new Map<NodesListener, string>();
  #compacted = 0;

  get revision(): number {
    return this.commits.length;
  }

  /** Who lags behind now must read everything again. */
  compact(): void {
    this.#compacted = this.revision;
  }

  /** The commits after a revision; undefined where they are not known any more. */
  since(revision: number): readonly Commit[] | undefined {
    return revision < this.#compacted ? undefined : this.commits.slice(revision);
  }

  snapshot(): Snapshot {
    return { revision: this.revision, pages: pages([...this.entries.values()]) };
  }

  /** A node begins to work, until the returned function is called. */
  join(name: string, listener: NodesListener): () => void {
    this.#nodes.set(listener, name);
    this.#tellNodes();
    return () => {
      this.#nodes.delete(listener);
      this.#tellNodes();
    };
  }

  #tellNodes(): void {
    const names = [...new Set(this.#nodes.values())].sort();
    for (const listener of this.#nodes.keys()) listener(names);
  }

  write(transaction: Transaction): number {
    const revision = this.revision + 1;
    for (const { key, value } of transaction.writes) {
      if (value === undefined) this.entries.delete(key);
      else this.entries.set(key, { key, value, revision });
    }
    this.commits.push({ revision, writes: transaction.writes });
    for (const tell of this.watchers) tell();
    return revision;
  }

  holds(expectation: Expectation): boolean {
    if ("prefix" in expectation) return !this.entries.keys().some((key) => key.startsWith(expectation.prefix));
    return (this.entries.get(expectation.key)?.revision ?? 0) === expectation.revision;
  }
}

/** How much trouble there is: shares of all commits, from 0 to 1. */
export interface Trouble {
  /** Another node changes what a commit expects, just before it. */
  readonly conflicts?: number;
  /** A commit is told of up to so many turns of the event loop after its answer. */
  readonly lag?: number;
  /** The commits so far are forgotten, just before one: who lags behind must read everything again. */
  readonly compactions?: number;
  /** A commit fails, and nothing is stored. */
  readonly failures?: number;
  readonly random?: () => number;
  readonly maxOperations?: number;
}

export function openMemory(memory: Memory, trouble: Trouble = {}): Store {
  const {
    conflicts = 0,
    compactions = 0,
    lag = 0,
    failures = 0,
    random = Math.random,
    maxOperations = 10_000,
  } = trouble;
  const stopped: (() => void)[] = [];
  let closed = false;

  async function commit({ expectations, writes }: Transaction): Promise<Outcome> {
    await turns(1);
    if (closed) throw new StoreError("failed", "the store is closed");
    if (random() < failures) throw new StoreError("full", "the disk is full");
    if (random() < conflicts) interfere(expectations);
    if (random() < compactions) memory.compact();
    if (!expectations.every((expectation) => memory.holds(expectation))) return { conflict: memory.revision };
    return { committed: memory.write({ expectations, writes }) };
  }

  /** Writes a key that is expected to be as it was, with the value that it has: a change that is none but in its revision. */
  function interfere(expectations: readonly Expectation[]): void {
    const keys = expectations.flatMap((each) => ("key" in each && each.revision > 0 ? [each.key] : []));
    const key = keys[Math.floor(random() * keys.length)];
    const entry = key === undefined ? undefined : memory.entries.get(key);
    if (entry !== undefined) memory.write({ expectations: [], writes: [{ key: entry.key, value: entry.value }] });
  }

  return {
    maxExpectations: maxOperations,
    maxWrites: maxOperations,
    load: async () => memory.snapshot(),
    watch: async (revision, watcher) => {
      const wait = () => (lag === 0 ? 0 : 1 + Math.floor(random() * lag));
      stopped.push(follow(memory, revision, watcher, wait));
    },
    head: async () => {
      await turns(1);
      return memory.revision;
    },
    join: async (name, listener) => void stopped.push(memory.join(name, listener)),
    commit,
    close: async () => {
      closed = true;
      for (const stop of stopped) stop();
    },
  };
}

/** Tells of commits, as late as the lag allows; answers how to be told no more. */
function follow(memory: Memory, revision: number, watcher: Watcher, lag: () => number): () => void {
  let [told, waiting, left] = [revision, false, false];
  const missed = () => {
    const commits = memory.since(told);
    if (commits === undefined) return void later(reload);
    for (const commit of commits) {
      told = commit.revision;
      watcher.commit(commit);
    }
  };
  const reload = async () => {
    const snapshot = memory.snapshot();
    told = snapshot.revision;
    await turns(lag());
    await watcher.reload(snapshot);
  };
  const later = async (work: () => Promise<void>) => {
    waiting = true;
    await work();
    waiting = false;
    if (!left) missed();
  };
  const tell = () => {
    const turn = lag();
    if (waiting) return;
    if (turn === 0) missed();
    else void later(() => turns(turn));
  };
  missed();
  memory.watchers.add(tell);
  return () => {
    left = true;
    memory.watchers.delete(tell);
  };
}

/** Pages of three, so that their boundaries are met. */
async function* pages(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  const sorted = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  for (let start = 0; start < sorted.length; start += 3) yield sorted.slice(start, start + 3);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
