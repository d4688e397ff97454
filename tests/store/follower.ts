/** Who follows a store and notes what is wrong with what it is told: it must end up with what is there. */
import type { Store } from "../../engine/store/store.ts";
import { contentsOf } from "./place.ts";

export interface Follower {
  /** What was told that must not be. */
  readonly wrong: readonly string[];
  readonly revision: number;
  readonly reloads: number;
  /** Whether it knows what the store has. */
  agrees(): Promise<boolean>;
}

/** Begins with what there is, and follows from there. */
export async function follow(store: Store): Promise<Follower> {
  const begun = await contentsOf(await store.load());
  let known = new Map(begun.entries.map(({ key, value }) => [key, value]));
  const made = { wrong: [] as string[], revision: begun.revision, reloads: 0, agrees };
  const seen = new Set<number>();
  async function agrees(): Promise<boolean> {
    const { entries } = await contentsOf(await store.load());
    const wanted = entries.map(({ key, value }) => `${key}=${value}`);
    return (
      wanted.sort().join() ===
      [...known]
        .map(([key, value]) => `${key}=${value}`)
        .sort()
        .join()
    );
  }
  await store.watch(begun.revision, {
    commit: ({ revision, writes }) => {
      if (seen.has(revision)) made.wrong.push(`${revision} is told of twice`);
      if (revision <= made.revision) made.wrong.push(`${revision} is told of after ${made.revision}`);
      seen.add(revision);
      made.revision = revision;
      for (const { key, value } of writes) {
        if (value === undefined) known.delete(key);
        else known.set(key, value);
      }
    },
    reload: async (snapshot) => {
      const { revision, entries } = await contentsOf(snapshot);
      if (revision <= made.revision)
        made.wrong.push(`everything is told of anew as of ${revision} after ${made.revision}`);
      known = new Map(entries.map(({ key, value }) => [key, value]));
      made.revision = revision;
      made.reloads += 1;
    },
  });
  return made;
}
