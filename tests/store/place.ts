/** Where the stores of the tests lie, what is put into them, and how what is in them is read. */
import type { Entry, Snapshot, Store, Transaction, Write } from "../../engine/store/store.ts";

/** Where a store's data lies, for one test. */
export interface Place extends AsyncDisposable {
  open(): Promise<Store>;
  /** Makes the store forget what was committed one by one so far; it may commit to it, and open it again. */
  compact(store: Store): Promise<Store>;
}

/** Commits what must not be refused; answers the revision. */
export async function commitTo(store: Store, transaction: Transaction): Promise<number> {
  const outcome = await store.commit(transaction);
  if ("committed" in outcome) return outcome.committed;
  throw new Error(`refused at ${outcome.conflict}: ${JSON.stringify(transaction.expectations)}`);
}

/** In as many commits as it takes: the keys of one are limited. */
export async function fillStore(store: Store, writes: readonly Write[]): Promise<number> {
  let last = 0;
  for (let start = 0; start < writes.length; start += store.maxWrites) {
    last = await commitTo(store, { expectations: [], writes: writes.slice(start, start + store.maxWrites) });
  }
  return last;
}

export type Contents = { readonly revision: number; readonly entries: readonly Entry[] };

export async function contentsOf({ revision, pages }: Snapshot): Promise<Contents> {
  const entries: Entry[] = [];
  for await (const page of pages) entries.push(...page);
  return { revision, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

export function put(key: string, value: string): Write {
  return { key, value };
}

export function gone(key: string): Write {
  return { key, value: undefined };
}

export function entry(key: string, value: string, revision: number): Entry {
  return { key, value, revision };
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
