/** Versions of the data that no product has: what a node of an older version would make nothing of. */
import { type EtcdOptions, openEtcd } from "../../engine/store/etcd.ts";
import type { Step } from "../../engine/store/steps.ts";
import type { Entry, Snapshot, Store, Write } from "../../engine/store/store.ts";
import { wrap } from "./wrap.ts";

/** Each value lies in an object that names the version. */
function step(version: number): Step {
  return {
    up: (_, value) => `{"v${version}":${value}}`,
    down: (key, value) => {
      const inner: unknown = JSON.parse(value)[`v${version}`];
      if (inner === undefined) throw new Error(`${key} is not of version ${version}: ${value}`);
      return JSON.stringify(inner);
    },
  };
}

export const planted: readonly Step[] = [step(2), step(3)];

/** The store as an engine opens it whose records are of this version: it is given and gives what that engine knows. */
export async function openVersion(version: number, options: EtcdOptions): Promise<Store> {
  const steps = planted.slice(0, version - 1);
  const store = await openEtcd({ ...options, steps });
  const inside = (key: string, value: string) => steps.reduceRight((each, { down }) => down(key, each), value);
  const outside = (key: string, value: string) => steps.reduce((each, { up }) => up(key, each), value);
  const all = (writes: readonly Write[], change: typeof inside) =>
    writes.map(({ key, value }) => ({ key, value: value === undefined ? undefined : change(key, value) }));
  async function* known(pages: Snapshot["pages"]): AsyncGenerator<readonly Entry[]> {
    for await (const page of pages) yield page.map((each) => ({ ...each, value: inside(each.key, each.value) }));
  }
  const snapshot = ({ revision, pages }: Snapshot) => ({ revision, pages: known(pages) });
  return wrap(store, {
    load: async () => snapshot(await store.load()),
    watch: (from, watcher) =>
      store.watch(from, {
        commit: ({ revision, writes }) => watcher.commit({ revision, writes: all(writes, inside) }),
        reload: (whole) => watcher.reload(snapshot(whole)),
      }),
    commit: ({ expectations, writes }) => store.commit({ expectations, writes: all(writes, outside) }),
  });
}
