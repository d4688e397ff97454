/** The form of a registry in etcd: read when it is opened, written where there is none. */
import type { EtcdConnection } from "./etcd-connection.ts";
import { type Form, formVersion, type Layout, parseForm } from "./etcd-layout.ts";
import { decodeRange, encodeRange, type KeyValue } from "./etcd-messages.ts";
import { encodePutIf } from "./etcd-transaction.ts";
import { StoreError } from "./store.ts";

export interface FoundForm {
  readonly form: Form;
  /** etcd's revision that wrote it. */
  readonly at: number;
}

export async function openForm(connection: EtcdConnection, layout: Layout): Promise<FoundForm> {
  const found = await findForm(connection, layout);
  if (found !== undefined) return { form: parseForm(found.value, layout.prefix), at: found.revision };
  if (await hasKeys(connection, layout)) {
    // Another node may have begun the registry since: it writes the form before anything else.
    if ((await findForm(connection, layout)) !== undefined) return openForm(connection, layout);
    throw new StoreError(
      "damaged",
      `etcd has keys below ${layout.prefix} that are not a registry's: give another --etcd-prefix`,
    );
  }
  const form: Form = { version: formVersion, offset: 0 };
  await connection.ask("KV/Txn", encodePutIf(layout.form, JSON.stringify(form), 0)); // the first of several nodes does
  return openForm(connection, layout);
}

/** Throws where the form is not what it was when the registry was opened: then its data are not to be written. */
export function checkForm(found: KeyValue | undefined, at: number, prefix: string): void {
  if (found?.revision === at) return;
  if (found !== undefined) parseForm(found.value, prefix);
  throw new StoreError(
    "damaged",
    `the registry in etcd below ${prefix} was removed or replaced while this node was at work: restart the node`,
  );
}

export async function findForm(connection: EtcdConnection, layout: Layout): Promise<KeyValue | undefined> {
  return decodeRange(await connection.ask("KV/Range", encodeRange({ key: layout.form }))).entries[0];
}

export async function hasKeys(connection: EtcdConnection, { prefix: key, end }: Layout): Promise<boolean> {
  const answer = await connection.ask("KV/Range", encodeRange({ key, end, limit: 1, keysOnly: true }));
  return decodeRange(answer).entries.length > 0;
}
