/** A store from which a node can be cut off, as from etcd by a network, and held back from hearing of commits. */
import { type Commit, type Store, StoreError, type Watcher } from "../../engine/store/store.ts";
import { wrap } from "./wrap.ts";

export interface Cut {
  readonly store: Store;
  /** Nothing can be asked or stored, and nothing is told, until it is mended. */
  cut(): void;
  /** Nothing is told, as if it came late. */
  hold(): void;
  mend(): void;
  /** How often it was asked for the newest revision. */
  readonly asked: () => number;
}

export function cuttable(inner: Store): Cut {
  let state: "whole" | "cut" | "held" = "whole";
  let asked = 0;
  const kept: Commit[] = [];
  let watcher: Watcher | undefined;
  const reachable = () => {
    if (state === "cut") throw new StoreError("unreachable", "nothing answers at 192.0.2.1:2379");
  };
  return {
    store: wrap(inner, {
      watch: (revision, told) => {
        watcher = told;
        const commit = (each: Commit) => void (state === "whole" ? told.commit(each) : kept.push(each));
        return inner.watch(revision, { ...told, commit });
      },
      head: async () => {
        asked += 1;
        reachable();
        return inner.head();
      },
      commit: async (transaction) => {
        reachable();
        return inner.commit(transaction);
      },
    }),
    cut: () => {
      state = "cut";
    },
    hold: () => {
      state = "held";
    },
    mend: () => {
      state = "whole";
      for (const each of kept.splice(0)) watcher?.commit(each);
    },
    asked: () => asked,
  };
}
