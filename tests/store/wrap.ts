/** A store with another way of doing some of what it does, whether its own is in a class or not. */
import type { Store } from "../../engine/store/store.ts";

export function wrap(store: Store, more: Partial<Store>): Store {
  return {
    maxExpectations: store.maxExpectations,
    maxWrites: store.maxWrites,
    load: () => store.load(),
    watch: (revision, watcher) => store.watch(revision, watcher),
    head: () => store.head(),
    join: (name, listener) => store.join(name, listener),
    commit: (transaction) => store.commit(transaction),
    close: () => store.close(),
    ...more,
  };
}
