/** The registry at a start: read from the store, and fed by it from then on; with a word on how far it is where that takes long. */
import type { Log } from "./log.ts";
import { Registry } from "./registry.ts";
import { readWhole } from "./store/compacted.ts";
import type { Entry, Store, Watcher } from "./store/store.ts";

/** Milliseconds between two lines on how far it is. */
const pace = 1_000;

export async function loadRegistry(store: Store, log: Log, elapsed: () => number = timer()): Promise<Registry> {
  const again = () => log("warn", "the store was compacted while the registry was read: it is read again");
  const registry = await readWhole(() => read(store, log, elapsed), again);
  await store.watch(registry.revision, feeder(registry, log));
  return registry;
}

async function read(store: Store, log: Log, elapsed: () => number): Promise<Registry> {
  const registry = new Registry();
  const { revision, pages } = await store.load();
  await registry.load({ revision, pages: told(pages, log, elapsed) });
  return registry;
}

/** What the store tells of goes into the registry by this one way. */
function feeder(registry: Registry, log: Log): Watcher {
  return {
    commit: (commit) => registry.apply(commit),
    reload: async (snapshot) => {
      const fields = { from: registry.revision, to: snapshot.revision };
      const changed = await registry.reload(snapshot);
      log("warn", "read everything again: the store no longer had each change", { ...fields, changed });
    },
  };
}

function timer(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

async function* told(pages: AsyncIterable<readonly Entry[]>, log: Log, elapsed: () => number) {
  let [entries, last] = [0, 0];
  const fields = (time: number) => ({ entries, seconds: Math.round(time / 100) / 10 });
  for await (const page of pages) {
    entries += page.length;
    yield page;
    const time = elapsed();
    if (time - last < pace) continue;
    log("info", "loading the registry", fields(time));
    last = time;
  }
  if (last > 0) log("info", "loaded the registry", fields(elapsed()));
}
