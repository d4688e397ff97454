/** A store whose commits are measured: how long they take, how much is in them, what becomes of them. */
import { Histogram } from "../histogram.ts";
import type { Family } from "../metrics.ts";
import type { Outcome, Store, Transaction } from "./store.ts";

/** Seconds: a commit is a write and a sync. */
const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10];
/** Keys written by one commit: a command writes about three. */
const sizes = [1, 3, 10, 30, 100, 300, 1_000, 3_000];

export interface Measured {
  readonly store: Store;
  readonly families: readonly Family[];
}

export function measured(store: Store): Measured {
  const [durations, writes] = [new Histogram(seconds), new Histogram(sizes)];
  const outcomes = { committed: 0, conflict: 0, failed: 0 };
  const commit = async (transaction: Transaction): Promise<Outcome> => {
    const started = performance.now();
    try {
      const outcome = await store.commit(transaction);
      outcomes["committed" in outcome ? "committed" : "conflict"] += 1;
      return outcome;
    } catch (error) {
      outcomes.failed += 1;
      throw error;
    } finally {
      durations.add((performance.now() - started) / 1000);
      writes.add(transaction.writes.length);
    }
  };
  const [time, size] = ["cloudmap_store_commit_duration_seconds", "cloudmap_store_commit_writes"];
  return {
    store: {
      maxExpectations: store.maxExpectations,
      maxWrites: store.maxWrites,
      load: () => store.load(),
      watch: (revision, watcher) => store.watch(revision, watcher),
      head: () => store.head(),
      join: (name, listener) => store.join(name, listener),
      close: () => store.close(),
      commit,
    },
    families: [
      {
        name: "cloudmap_store_commits_total",
        help: "Commits by outcome: committed, conflict (drafted again), failed (the writers were told).",
        type: "counter",
        samples: () => Object.entries(outcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
      },
      {
        name: time,
        help: "Seconds until the store has a commit durably.",
        type: "histogram",
        samples: () => durations.samples(time, {}),
      },
      {
        name: size,
        help: "Keys written by one commit.",
        type: "histogram",
        samples: () => writes.samples(size, {}),
      },
    ],
  };
}
