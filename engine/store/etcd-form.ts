/** The form of a registry in etcd: read when it is opened, written where there is none, and watched for newer ones. */
import type { Log } from "../log.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import { type Form, type Layout, newerForm, parseForm } from "./etcd-layout.ts";
import { decodeRange, encodeRange, type KeyValue, type WatchEvent } from "./etcd-messages.ts";
import { encodePutIf } from "./etcd-transaction.ts";
import { bringDown, bringUp, newestOf, type Step } from "./steps.ts";
import { StoreError, type Write } from "./store.ts";

export interface FoundForm {
  readonly form: Form;
  /** etcd's revision that wrote it. */
  readonly at: number;
}

export async function openForm(connection: EtcdConnection, layout: Layout, newest: number): Promise<FoundForm> {
  const found = await findForm(connection, layout);
  if (found !== undefined) {
    const form = parseForm(found.value, layout.prefix);
    if (form.version > newest) throw newerForm(layout.prefix, form.version, newest);
    return { form, at: found.revision };
  }
  if (await hasKeys(connection, layout)) {
    // Another node may have begun the registry since: it writes the form before anything else.
    if ((await findForm(connection, layout)) !== undefined) return openForm(connection, layout, newest);
    throw new StoreError(
      "damaged",
      `etcd has keys below ${layout.prefix} that are not a registry's: give another --etcd-prefix`,
    );
  }
  const form: Form = { version: newest, offset: 0 };
  await connection.ask("KV/Txn", encodePutIf(layout.form, JSON.stringify(form), 0)); // the first of several nodes does
  return openForm(connection, layout, newest);
}

export async function findForm(connection: EtcdConnection, layout: Layout): Promise<KeyValue | undefined> {
  return decodeRange(await connection.ask("KV/Range", encodeRange({ key: layout.form }))).entries[0];
}

export async function hasKeys(connection: EtcdConnection, { prefix: key, end }: Layout): Promise<boolean> {
  const answer = await connection.ask("KV/Range", encodeRange({ key, end, limit: 1, keysOnly: true }));
  return decodeRange(answer).entries.length > 0;
}

export interface FormOptions {
  readonly prefix: string;
  readonly steps: readonly Step[];
  readonly log: Log;
  /** Told once, when the registry has come to a version that this node does not know. */
  readonly refused: () => void;
}

/**
 * The form of a registry that is open. Every commit compares it, so that each value is of the version that the form had at
 * the value's revision: to raise the form is all that a new version takes, and old values are brought up as they are read.
 */
export class OpenForm {
  readonly newest: number;
  readonly #options: FormOptions;
  #found: FoundForm;
  /** Why this node may read and write no more. */
  #refusal: StoreError | undefined;

  constructor(found: FoundForm, options: FormOptions) {
    this.#found = found;
    this.#options = options;
    this.newest = newestOf(options.steps);
  }

  /** etcd's revision that wrote it. */
  get at(): number {
    return this.#found.at;
  }

  get version(): number {
    return this.#found.form.version;
  }

  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  /** Throws where the registry is of a version that this node does not know. */
  check(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** What raises it. */
  raisedTo(version: number): Form {
    const { form, at } = this.#found;
    return { ...form, version, older: [...(form.older ?? []), { version: form.version, from: at }] };
  }

  /** Takes the form as it was found: the one that is known, or one that was raised since; throws where it is neither. */
  take(found: KeyValue | undefined): void {
    const { prefix, log } = this.#options;
    this.check();
    if (found !== undefined && found.revision <= this.at) return;
    const form = found === undefined ? undefined : parseForm(found.value, prefix);
    if (form !== undefined && form.version > this.newest) this.#refuse(form.version);
    if (found === undefined || !form?.older?.some(({ from }) => from === this.at)) {
      throw new StoreError(
        "damaged",
        `the registry in etcd below ${prefix} was removed or replaced while this node was at work: restart the node`,
      );
    }
    this.#found = { form, at: found.revision };
    log("info", "the registry's data are of a newer version from now on", { version: form.version });
  }

  /** What a watch tells of it. */
  hear({ key, value, revision }: WatchEvent): void {
    try {
      if (value !== undefined) this.take({ key, value, revision });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error; // whoever writes next is told
    }
  }

  #refuse(version: number): never {
    const { prefix, log, refused } = this.#options;
    this.#refusal = newerForm(prefix, version, this.newest);
    log("error", "this node can no longer read the registry", { reason: this.#refusal.message });
    refused();
    throw this.#refusal;
  }

  /** A value as this node knows it, of one that was written at a revision of etcd's. */
  read(key: string, value: string, revision: number): string {
    const { form, at } = this.#found;
    if (form.version === this.newest && (revision >= at || form.older === undefined)) return value;
    return bringUp(this.#options.steps, this.#versionAt(revision), key, value);
  }

  #versionAt(revision: number): number {
    const { form, at } = this.#found;
    const all = [...(form.older ?? []), { version: form.version, from: at }];
    return (all.findLast(({ from }) => from <= revision) ?? all[0] ?? form).version;
  }

  /** Writes as the registry's version has them, and as all nodes will read them. */
  write(writes: readonly Write[]): { readonly stored: readonly Write[]; readonly told: readonly Write[] } {
    if (this.version === this.newest) return { stored: writes, told: writes };
    const { steps } = this.#options;
    const each = (change: typeof bringUp, all: readonly Write[]) =>
      all.map(({ key, value }) => ({ key, value: value && change(steps, this.version, key, value) }));
    const stored = each(bringDown, writes);
    return { stored, told: each(bringUp, stored) };
  }
}
