/** A registry in etcd as a whole: read for a backup, and made of one. */
import type { Log } from "../log.ts";
import { connect, openEtcd } from "./etcd.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import { findForm, hasKeys } from "./etcd-form.ts";
import { type Form, Layout } from "./etcd-layout.ts";
import { encodeDelete } from "./etcd-messages.ts";
import { type EtcdPlace, usualPrefix } from "./etcd-place.ts";
import { decodeAnswer, encodePutIf, encodeTransaction, mostWrites } from "./etcd-transaction.ts";
import { newestOf, steps } from "./steps.ts";
import { type Entry, type Snapshot, StoreError, type Write } from "./store.ts";

/** Bytes of one transaction: etcd takes 1.5 MiB. */
const mostBytes = 1_000_000;
/** So many transactions are under way at once. */
const mostAtOnce = 4;
/** Milliseconds for the removal of what a filling left that was broken off. */
const removalPatience = 60_000;

const quiet: Log = () => {};

/** Reads the registry below a prefix as it is now, while its nodes go on. */
export async function readEtcd(place: EtcdPlace): Promise<Snapshot> {
  const layout = new Layout(place.prefix ?? usualPrefix);
  const connection = await connect({ ...place, log: quiet });
  const found = await findForm(connection, layout).finally(() => connection.close());
  if (found === undefined) throw new StoreError("failed", `there is no registry in etcd below ${layout.prefix}`);
  const store = await openEtcd({ ...place, log: quiet });
  const { revision, pages } = await store.load();
  const closedAfter = async function* () {
    try {
      yield* pages;
    } finally {
      await store.close();
    }
  };
  return { revision, pages: closedAfter() };
}

/**
 * Makes a registry below a prefix, where nothing is, of what another one had: all of it, or nothing. Its revisions are new
 * and above those that it had.
 */
export async function fillEtcd(place: EtcdPlace, { revision, pages }: Snapshot): Promise<void> {
  const connection = await connect({ ...place, log: quiet });
  try {
    const form: Form = { version: newestOf(steps), offset: revision, filling: true };
    const layout = new Layout(place.prefix ?? usualPrefix, revision);
    await makeRoom(connection, layout);
    const at = await writeForm(connection, layout, form, 0);
    try {
      await writeAll(connection, layout, at, pages);
    } catch (error) {
      const isOurs = (await findForm(connection, layout).catch(() => undefined))?.revision === at;
      if (isOurs) await makeRoom(connection, layout).catch(() => {}); // the next restore does it else
      throw error;
    }
    await writeForm(connection, layout, { ...form, filling: false }, at);
  } finally {
    connection.close();
  }
}

/** Removes what a filling left that was broken off; refuses to touch anything else. */
async function makeRoom(connection: EtcdConnection, layout: Layout): Promise<void> {
  const found = await findForm(connection, layout);
  const { filling = false }: Partial<Form> = found === undefined ? {} : JSON.parse(found.value);
  if (filling) await connection.ask("KV/DeleteRange", encodeDelete(layout.prefix, layout.end), removalPatience);
  else if (found !== undefined || (await hasKeys(connection, layout))) {
    const what = found === undefined ? "keys that are not a registry's" : "a registry already";
    const remedy = `give another --etcd-prefix, or remove them (etcdctl del --prefix ${layout.prefix})`;
    throw new StoreError("failed", `etcd has ${what} below ${layout.prefix}: ${remedy}`);
  }
}

/** Answers etcd's revision that wrote it. */
async function writeForm(connection: EtcdConnection, layout: Layout, form: Form, before: number): Promise<number> {
  await connection.ask("KV/Txn", encodePutIf(layout.form, JSON.stringify(form), before));
  const found = await findForm(connection, layout); // who asked twice finds what the first time wrote
  if (found?.value !== JSON.stringify(form)) throw disturbed(layout);
  return found.revision;
}

async function writeAll(connection: EtcdConnection, layout: Layout, at: number, pages: Snapshot["pages"]) {
  const under = new Set<Promise<void>>();
  for await (const writes of batches(pages)) {
    const writing = write(connection, layout, at, writes).finally(() => under.delete(writing));
    writing.catch(() => {}); // it is thrown where it is waited for
    under.add(writing);
    if (under.size >= mostAtOnce) await Promise.race(under);
  }
  await Promise.all(under);
}

/** What is written twice is the same. */
async function write(connection: EtcdConnection, layout: Layout, at: number, writes: readonly Write[]): Promise<void> {
  const request = encodeTransaction({ expectations: [], writes }, layout, at);
  const answer = decodeAnswer(await connection.ask("KV/Txn", request, connection.patience.commit), layout);
  if (!("committed" in answer)) throw disturbed(layout);
}

function disturbed(layout: Layout): StoreError {
  return new StoreError(
    "failed",
    `something else began to write below ${layout.prefix} in etcd: nothing was restored; let one restore run at a time`,
  );
}

async function* batches(pages: Snapshot["pages"]): AsyncGenerator<readonly Write[]> {
  let [batch, bytes]: [Entry[], number] = [[], 0];
  for await (const page of pages) {
    for (const entry of page) {
      const size = Buffer.byteLength(entry.key) + Buffer.byteLength(entry.value) + 100;
      if (batch.length === mostWrites || (batch.length > 0 && bytes + size > mostBytes)) {
        yield batch;
        [batch, bytes] = [[], 0];
      }
      batch.push(entry);
      bytes += size;
    }
  }
  if (batch.length > 0) yield batch;
}
