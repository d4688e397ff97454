/** The store in etcd with a bug, which a file names, so that one node can have one after the other. */
import { readFileSync } from "node:fs";
import { type EtcdOptions, openEtcd as open } from "../../engine/store/etcd.ts";
import type { Expectation, Store, Transaction } from "../../engine/store/store.ts";

export * from "../../engine/store/etcd.ts";

const begins = (prefix: string) => (each: Expectation) => "key" in each && each.key.startsWith(prefix);

function dropping(store: Store, drops: (each: Expectation) => boolean): Store["commit"] {
  return ({ expectations, writes }) =>
    store.commit({ expectations: expectations.filter((each) => !drops(each)), writes });
}

/** Half of the commits are done a second time a little later, as by a retry of what was done already. */
function doubling(store: Store): Store["commit"] {
  return async (transaction: Transaction) => {
    const outcome = await store.commit(transaction);
    const again = () => void store.commit({ expectations: [], writes: transaction.writes }).catch(() => {});
    if ("committed" in outcome && Math.random() < 0.5) setTimeout(again, 30);
    return outcome;
  };
}

const bugs: { readonly [name: string]: (store: Store) => Partial<Store> } = {
  "a consistent read is answered from memory": () => ({ head: async () => 0 }),
  "a commit is done twice": (store) => ({ commit: doubling(store) }),
  "the compare of an instance is dropped": (store) => ({ commit: dropping(store, begins("instance/")) }),
  "the compare of a service is dropped": (store) => ({ commit: dropping(store, begins("service/")) }),
};

/** What the file says at the moment; "" is no bug. */
function planted(): string {
  return readFileSync(process.env.TEST_PLANTED ?? "", "utf8");
}

export async function openEtcd(options: EtcdOptions): Promise<Store> {
  const store = await open(options);
  return new Proxy(store, {
    get: (_, name) => {
      const own: unknown = Reflect.get(store, name);
      const changed = bugs[planted()]?.(store) ?? {};
      return Reflect.get(changed, name) ?? (typeof own === "function" ? own.bind(store) : own);
    },
  });
}
