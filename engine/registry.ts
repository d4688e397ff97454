/** The registry: everything that is known, in memory, with the indexes that reads need; built by applying commits in order. */

import {
  type BusyRecord,
  comparable,
  type HealthRecord,
  healthKey,
  type IdentityRecord,
  type InstanceRecord,
  type Key,
  type NamespaceRecord,
  type OperationRecord,
  partsOf,
  type ServiceRecord,
} from "./records.ts";
import { SortedMap } from "./sorted-map.ts";
import type { Commit, Entry, Snapshot, Write } from "./store/store.ts";

interface Held {
  readonly record: unknown;
  readonly revision: number;
}

export interface InstanceState {
  readonly id: string;
  readonly record: InstanceRecord;
  health: HealthRecord | undefined;
}

export interface ServiceState {
  record: ServiceRecord | undefined;
  /** The revision of the last registration or deregistration. */
  revision: number;
  /** The same of what a watch waits for: also of an instance's health taking effect. */
  counter: number;
  /** How many changes of its instances are under way. */
  busy: number;
  readonly instances: SortedMap<InstanceState>;
}

/** Told of what a commit wrote. It must not throw: a commit cannot be refused any more. */
export type Listener = (writes: readonly Write[]) => void;

export interface NamespaceState {
  record: NamespaceRecord | undefined;
  /** Services by name, as it is compared in the namespace. */
  readonly services: Map<string, string>;
  /** How many instances its services have. */
  instances: number;
}

export class Registry {
  revision = 0;
  readonly namespaces = new SortedMap<NamespaceState>();
  readonly services = new SortedMap<ServiceState>();
  readonly operations = new SortedMap<OperationRecord>();
  readonly httpNames = new Map<string, string>();
  /** How many namespaces accounts have; the registry's own under "". */
  readonly #namespaceCounts = new Map<string, number>();
  identity: IdentityRecord | undefined;
  readonly #held = new Map<string, Held>();
  readonly #listeners = new Set<Listener>();
  #waiting: { readonly revision: number; readonly resolve: () => void }[] = [];

  /** The record of a key. */
  get<R>(key: Key<R>): R | undefined {
    return this.#held.get(key)?.record as R | undefined; // a key's type says what was written under it
  }

  /** The revision at which a key was last written; 0 where there is no such key. */
  revisionOf(key: string): number {
    return this.#held.get(key)?.revision ?? 0;
  }

  /** Takes in everything that a store has. */
  async load({ revision, pages }: Snapshot): Promise<void> {
    for await (const page of pages) for (const entry of page) this.#put(entry);
    this.revision = revision;
  }

  /** Takes in a commit: the only way in which anything changes. */
  apply({ revision, writes }: Commit): void {
    for (const { key, value } of writes) {
      if (value === undefined) this.#delete(key, revision);
      else this.#put({ key, value, revision });
    }
    this.#tell(revision, writes);
  }

  /**
   * Takes in what a store has now where its commits are no longer known one by one: what changed since, as if it were one
   * commit, but each key at the revision that wrote it. Answers how many keys changed.
   */
  async reload({ revision, pages }: Snapshot): Promise<number> {
    const gone = new Set(this.#held.keys());
    const changed: Entry[] = [];
    for await (const page of pages) {
      for (const entry of page) {
        gone.delete(entry.key);
        if (entry.revision !== this.revisionOf(entry.key)) changed.push(entry);
      }
    }
    const removals = [...gone].sort();
    for (const key of removals) this.#delete(key, 0); // what a removal moves has a key of its own, with its revision
    const puts = changed.sort((a, b) => rankOf(a.key) - rankOf(b.key));
    for (const entry of puts) this.#put(entry);
    this.#tell(revision, [...removals.map((key) => ({ key, value: undefined })), ...puts]);
    return removals.length + puts.length;
  }

  /** All of a commit is applied: those who listen hear of it, and then those who wait. */
  #tell(revision: number, writes: readonly Write[]): void {
    this.revision = revision;
    for (const listener of this.#listeners) listener(writes);
    const reached = this.#waiting.filter((waiting) => waiting.revision <= revision);
    if (reached.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting.revision > revision);
    for (const { resolve } of reached) resolve();
  }

  /** Tells of every commit, when all of it is applied and before it is answered; until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Waits until the registry has applied a revision, or so many milliseconds; answers whether it has. */
  async reached(revision: number, patience: number): Promise<boolean> {
    if (this.revision >= revision) return true;
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        resolve(false);
      }, patience);
      const reached = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const waiting = { revision, resolve: reached };
      this.#waiting.push(waiting);
    });
  }

  #put({ key, value, revision }: Entry): void {
    const record: unknown = JSON.parse(value);
    this.#held.set(key, { record, revision });
    this.#index(key, { record, removed: undefined, revision });
  }

  #delete(key: string, revision: number): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#index(key, { record: undefined, removed: held.record, revision });
  }

  #index(key: string, change: Pick<Change<unknown>, "record" | "removed" | "revision">): void {
    const { noun, ...parts } = partsOf(key);
    indexers[noun]?.(this, { ...parts, ...change } as Change<never>); // a key's noun says which record it has
  }

  /** How many namespaces an account has: the registry's own, where none is given. */
  namespacesOf(account = ""): number {
    return this.#namespaceCounts.get(account) ?? 0;
  }

  /** Counts a namespace that came or went. */
  countNamespace({ Owner = "" }: NamespaceRecord, by: 1 | -1): void {
    this.#namespaceCounts.set(Owner, this.namespacesOf(Owner) + by);
  }

  namespace(id: string): NamespaceState {
    return this.namespaces.getOrAdd(id, () => ({ record: undefined, services: new Map(), instances: 0 }));
  }

  service(id: string): ServiceState {
    return this.services.getOrAdd(id, () => ({
      record: undefined,
      revision: 0,
      counter: 0,
      busy: 0,
      instances: new SortedMap(),
    }));
  }
}

/** Those who listen are told of a namespace before its services, and of a service before its instances. */
function rankOf(key: string): number {
  return key.startsWith("namespace/") ? 0 : key.startsWith("service/") ? 1 : 2;
}

/** A key's new record, or its removal, as an index sees it: the key is `noun/id` or `noun/id/rest`. */
interface Change<R> {
  /** All of the key after the noun. */
  readonly name: string;
  readonly id: string;
  readonly rest: string;
  readonly record: R | undefined;
  readonly removed: R | undefined;
  readonly revision: number;
}

type Indexer<R> = (registry: Registry, change: Change<R>) => void;

/** How each noun's index follows its records; nouns without an index are only ever asked for by key. */
const indexers: { readonly [noun: string]: Indexer<never> } = {
  identity: ((registry, { record }) => {
    registry.identity = record;
  }) satisfies Indexer<IdentityRecord>,

  namespace: ((registry, { id, record, removed }) => {
    if (record === undefined) {
      if (removed !== undefined) registry.countNamespace(removed, -1);
      registry.namespaces.delete(id);
    } else {
      const namespace = registry.namespace(id);
      if (namespace.record === undefined) registry.countNamespace(record, 1);
      namespace.record = record;
    }
  }) satisfies Indexer<NamespaceRecord>,

  "http-name": ((registry, { name, record }) => {
    if (record === undefined) registry.httpNames.delete(name);
    else registry.httpNames.set(name, record.Id);
  }) satisfies Indexer<{ Id: string }>,

  service: ((registry, { id, record, removed }) => {
    if (record !== undefined) {
      const service = registry.service(id);
      const namespace = registry.namespace(record.NamespaceId);
      if (service.record === undefined) namespace.instances += service.instances.size; // a start loads instances first
      service.record = record;
      namespace.services.set(comparable(namespace.record?.Type ?? "HTTP", record.Name), id);
    } else if (removed !== undefined) {
      const namespace = registry.namespaces.get(removed.NamespaceId);
      if (namespace !== undefined) namespace.instances -= registry.services.get(id)?.instances.size ?? 0;
      registry.services.delete(id);
      namespace?.services.delete(comparable(namespace.record?.Type ?? "HTTP", removed.Name));
    }
  }) satisfies Indexer<ServiceRecord>,

  instance: ((registry, { id: serviceId, rest: id, record, revision }) => {
    const service = registry.service(serviceId);
    const before = service.instances.size;
    if (record === undefined) service.instances.delete(id);
    else service.instances.set(id, { id, record, health: registry.get(healthKey(serviceId, id)) });
    move(service, revision);
    const namespace = service.record && registry.namespaces.get(service.record.NamespaceId);
    if (namespace !== undefined) namespace.instances += service.instances.size - before;
  }) satisfies Indexer<InstanceRecord>,

  health: ((registry, { id: serviceId, rest: id, record }) => {
    const instance = registry.services.get(serviceId)?.instances.get(id);
    if (instance !== undefined) instance.health = record;
  }) satisfies Indexer<HealthRecord>,

  revision: ((registry, { id: serviceId, record, revision }) => {
    if (record !== undefined) move(registry.service(serviceId), revision);
  }) satisfies Indexer<true>,

  watch: ((registry, { id: serviceId, record, revision }) => {
    if (record === undefined) return;
    const service = registry.service(serviceId);
    service.counter = Math.max(service.counter, revision);
  }) satisfies Indexer<true>,

  operation: ((registry, { id, record }) => {
    if (record === undefined) registry.operations.delete(id);
    else registry.operations.set(id, record);
  }) satisfies Indexer<OperationRecord>,

  /** Changes of instances are busy under their service; those of other things need no index. */
  busy: ((registry, { id: serviceId, record }) => {
    if (serviceId.startsWith("srv-")) registry.service(serviceId).busy += record === undefined ? -1 : 1;
  }) satisfies Indexer<BusyRecord>,
};

/** Entries are loaded in the order of their keys, not of their revisions. */
function move(service: ServiceState, revision: number): void {
  service.revision = Math.max(service.revision, revision);
  service.counter = Math.max(service.counter, revision);
}
