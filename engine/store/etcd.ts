/** The store in etcd: many engines have it open at once, and each commit of any of them reaches all. */
import { type Log, logToStderr } from "../log.ts";
import { EtcdConnection, type Patience, usualPatience } from "./etcd-connection.ts";
import { type FoundForm, OpenForm, openForm } from "./etcd-form.ts";
import { Layout } from "./etcd-layout.ts";
import { decodeRange, encodeRange, type KeyValue, type RangeResponse } from "./etcd-messages.ts";
import { Nodes, type NodesOptions } from "./etcd-nodes.ts";
import { type EtcdPlace, usualPrefix } from "./etcd-place.ts";
import { Raising } from "./etcd-raise.ts";
import type { Session } from "./etcd-session.ts";
import { decodeAnswer, encodeTransaction, mostExpectations, mostWrites } from "./etcd-transaction.ts";
import { Watch } from "./etcd-watch.ts";
import { steps as allSteps, newestOf, type Step } from "./steps.ts";
import {
  type Entry,
  type NodesListener,
  type Outcome,
  type Snapshot,
  type Store,
  StoreError,
  type Transaction,
  type Watcher,
} from "./store.ts";

/** Entries of one page: etcd 3.4 goes through all keys that are left for each. */
const pageSize = 20_000;
/** Milliseconds for a page: some megabytes. */
const pagePatience = 15_000;
/** etcd's --max-request-bytes as it is by default, less what etcd adds. */
const maxBytes = 1.5 * 1024 * 1024 - 4 * 1024;

export interface EtcdOptions extends EtcdPlace {
  readonly log?: Log;
  readonly patience?: Partial<Patience>;
  /** The versions of the data that it knows. */
  readonly steps?: readonly Step[];
}

/** Opens the registry below a prefix in etcd, which is made where it is not there. */
export async function openEtcd(options: EtcdOptions): Promise<Store> {
  const { prefix = usualPrefix, log = logToStderr, steps = allSteps } = options;
  const connection = await connect(options);
  try {
    const found = await openForm(connection, new Layout(prefix), newestOf(steps));
    return new EtcdStore(connection, found, { prefix, log, steps });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A session is one with a member that reads what is there, and not only what it once was. */
export async function connect(options: EtcdOptions): Promise<EtcdConnection> {
  const { prefix = usualPrefix, log = logToStderr } = options;
  const patience = { ...usualPatience, ...options.patience };
  const request = encodeRange({ key: new Layout(prefix).form });
  const trial = (session: Session) => session.call("KV/Range", request, patience.answer);
  const connection = new EtcdConnection(options, log, patience, trial);
  try {
    await connection.open();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class EtcdStore implements Store {
  readonly maxExpectations = mostExpectations;
  readonly maxWrites = mostWrites;
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #form: OpenForm;
  readonly #raising: Raising;
  readonly #watches: Watch[] = [];
  readonly #nodes: Nodes[] = [];
  readonly #committing = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(
    connection: EtcdConnection,
    found: FoundForm,
    options: Required<Pick<EtcdOptions, "log" | "steps">> & { readonly prefix: string },
  ) {
    this.#connection = connection;
    this.#layout = new Layout(options.prefix, found.form.offset);
    this.#form = new OpenForm(found, { ...options, refused: () => void this.#leave() });
    this.#raising = new Raising({ connection, layout: this.#layout, form: this.#form, log: options.log });
  }

  async load(): Promise<Snapshot> {
    const first = await this.#page(this.#layout.data);
    const [form, head] = await this.#marks(first.revision);
    if (form !== undefined) this.#form.take(form);
    return { revision: this.#layout.storeRevision(head?.revision ?? 0), pages: this.#pages(first) };
  }

  /** The form and the head, as of a revision of etcd's. */
  async #marks(at: number): Promise<[form: KeyValue | undefined, head: KeyValue | undefined]> {
    const { form: key, streamEnd: end, head } = this.#layout;
    const { entries } = decodeRange(await this.#connection.ask("KV/Range", encodeRange({ key, end, at })));
    return [entries.find((each) => each.key === key), entries.find((each) => each.key === head)];
  }

  async *#pages(first: RangeResponse): AsyncGenerator<readonly Entry[]> {
    let page = first;
    for (;;) {
      const last = page.entries.at(-1);
      const next = page.more && last ? this.#page(`${this.#layout.keyOf(last.key)}\0`, first.revision) : undefined;
      next?.catch(() => {}); // it is asked for early, and whoever reads may stop before
      if (last !== undefined) yield page.entries.map((each) => this.#entry(each));
      if (next === undefined) return;
      page = await next;
    }
  }

  async #page(key: string, at?: number): Promise<RangeResponse> {
    const { dataEnd: end, cut } = this.#layout;
    const request = encodeRange({ key, end, limit: pageSize, ...(at !== undefined && { at }) });
    return decodeRange(await this.#connection.ask("KV/Range", request, pagePatience), cut);
  }

  #entry({ key, value, revision }: KeyValue): Entry {
    return { key, value: this.#form.read(key, value, revision), revision: this.#layout.storeRevision(revision) };
  }

  async watch(revision: number, watcher: Watcher): Promise<void> {
    const source = {
      connection: this.#connection,
      layout: this.#layout,
      form: this.#form,
      load: () => this.load(),
      head: (at: number) => this.#head(at),
    };
    const watch = new Watch(source, watcher, revision);
    this.#watches.push(watch);
    await watch.start();
  }

  async head(): Promise<number> {
    return await this.#head();
  }

  async #head(at?: number): Promise<number> {
    this.#form.check();
    const request = encodeRange({ key: this.#layout.head, ...(at !== undefined && { at }), keysOnly: true });
    const { entries } = decodeRange(await this.#connection.ask("KV/Range", request));
    return this.#layout.storeRevision(entries[0]?.revision ?? 0);
  }

  async join(name: string, listener: NodesListener): Promise<void> {
    const [connection, layout, form] = [this.#connection, this.#layout, this.#form];
    const knowing: NodesOptions["knowing"] = (all, revision) => this.#raising.consider(all, revision);
    const nodes = new Nodes({ connection, layout, form, name, listener, knowing });
    this.#nodes.push(nodes);
    await nodes.join();
  }

  async commit(transaction: Transaction): Promise<Outcome> {
    if (this.#closed !== undefined) throw new StoreError("failed", "the store is closed");
    const committing = this.#commit(transaction);
    this.#committing.add(committing);
    try {
      return await committing;
    } finally {
      this.#committing.delete(committing);
    }
  }

  async #commit(transaction: Transaction): Promise<Outcome> {
    this.#form.check();
    const { stored, told } = this.#form.write(transaction.writes);
    const request = encodeTransaction({ ...transaction, writes: stored }, this.#layout, this.#form.at);
    if (request.length > maxBytes) {
      throw new StoreError("large", `etcd takes ${maxBytes} bytes at once, and these are ${request.length}`);
    }
    const { patience } = this.#connection;
    const answer = decodeAnswer(await this.#connection.askOnce("KV/Txn", request, patience.commit), this.#layout);
    if (!("committed" in answer)) {
      this.#form.take(answer.form); // a conflict too, where the version was raised meanwhile
      return { conflict: this.#layout.storeRevision(answer.head?.revision ?? 0) };
    }
    const revision = this.#layout.storeRevision(answer.committed);
    const before = this.#layout.storeRevision(answer.before);
    for (const watch of this.#watches) watch.committed({ revision, writes: told }, before);
    return { committed: revision };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#committing);
    await this.#leave();
    this.#connection.close();
  }

  async #leave(): Promise<void> {
    this.#raising.stop();
    await Promise.all(this.#nodes.map((nodes) => nodes.leave()));
  }
}
