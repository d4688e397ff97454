/** A draft: what a batch of commands would change, laid over the registry so that each command sees those before it. */
import type { Key } from "./records.ts";
import { busyInstancePrefix, instancePrefix, memberPrefix } from "./records.ts";
import type { Registry } from "./registry.ts";
import type { Expectation, Store, Transaction } from "./store/store.ts";

/**
 * Thrown where a command can only be decided once those before it are committed: a store can be asked that no key has a
 * prefix, but not that none will be left.
 */
export class NextBatch extends Error {}

export class Draft {
  readonly registry: Registry;
  readonly #under: Draft | undefined;
  readonly #writes = new Map<string, unknown>();
  readonly #expected = new Map<string, Expectation>();
  readonly #tallies = new Map<string, number>();

  constructor(registry: Registry, under?: Draft) {
    this.registry = registry;
    this.#under = under;
  }

  /** The record of a key, without making anything depend on it. */
  peek<R>(key: Key<R>): R | undefined {
    if (this.#writes.has(key)) return this.#writes.get(key) as R | undefined; // a key's type says what is put under it
    return this.#under === undefined ? this.registry.get(key) : this.#under.peek(key);
  }

  /** The record of a key; the commit is refused if anyone has changed it, made it or removed it in the meantime. */
  guard<R>(key: Key<R>): R | undefined {
    if (!this.#isDrafted(key)) this.#expected.set(key, { key, revision: this.registry.revisionOf(key) });
    return this.peek(key);
  }

  /** Whether a service has instances, or any on their way; the commit is refused if one has come in the meantime. */
  guardInstances(serviceId: string): boolean {
    const { instances, busy } = this.registry.services.get(serviceId) ?? { instances: { size: 0 }, busy: 0 };
    const has = this.#guardUnder(instancePrefix(serviceId), instances.size);
    return this.#guardUnder(busyInstancePrefix(serviceId), busy) || has;
  }

  /** Whether a namespace has services; the commit is refused if any has come in the meantime. */
  guardMembers(namespaceId: string): boolean {
    const count = this.registry.namespaces.get(namespaceId)?.services.size ?? 0;
    return this.#guardUnder(memberPrefix(namespaceId), count);
  }

  /** Whether there are keys under a prefix, of which the registry counts `count`. */
  #guardUnder(prefix: string, count: number): boolean {
    const { added, removed } = this.#changesUnder(prefix);
    if (count + added - removed > 0) return true;
    if (removed > 0) throw new NextBatch();
    this.#expected.set(prefix, { prefix });
    return false;
  }

  #changesUnder(prefix: string): { added: number; removed: number } {
    const { added, removed } = this.#under === undefined ? { added: 0, removed: 0 } : this.#under.#changesUnder(prefix);
    let [more, less] = [added, removed];
    for (const [key, record] of this.#writes) {
      if (!key.startsWith(prefix)) continue;
      const was = this.#under === undefined ? this.registry.get(key) : this.#under.peek(key);
      if (was === undefined && record !== undefined) more += 1;
      if (was !== undefined && record === undefined) less += 1;
    }
    return { added: more, removed: less };
  }

  put<R>(key: Key<R>, record: R): void {
    this.#writes.set(key, record);
  }

  delete(key: Key<unknown>): void {
    this.#writes.set(key, undefined);
  }

  /** Counts more of something, or less: what quotas are about is too much to be counted by looking at each. */
  tally(name: string, change: number): void {
    this.#tallies.set(name, (this.#tallies.get(name) ?? 0) + change);
  }

  /** By how much a count would change. */
  tallied(name: string): number {
    return (this.#tallies.get(name) ?? 0) + (this.#under?.tallied(name) ?? 0);
  }

  /** Whether a store takes what is in this draft and in one that lies over it as one transaction. */
  fits(over: Draft, { maxExpectations, maxWrites }: Pick<Store, "maxExpectations" | "maxWrites">): boolean {
    const [expectations, writes] = [this.#expected.size + over.#expected.size, this.#writes.size + over.#writes.size];
    return expectations <= maxExpectations && writes <= maxWrites;
  }

  get isEmpty(): boolean {
    return this.#writes.size === 0;
  }

  /** Takes over what a draft that lies over this one has. */
  absorb(over: Draft): void {
    for (const [key, record] of over.#writes) this.#writes.set(key, record);
    for (const [name, change] of over.#tallies) this.tally(name, change);
    this.absorbGuards(over);
  }

  /** Takes over what a draft that lies over this one depends on, but not its writes. */
  absorbGuards(over: Draft): void {
    for (const [key, expectation] of over.#expected) if (!this.#expected.has(key)) this.#expected.set(key, expectation);
  }

  transaction(): Transaction {
    const writes = [...this.#writes].map(([key, record]) => ({
      key,
      value: record === undefined ? undefined : JSON.stringify(record),
    }));
    return { expectations: [...this.#expected.values()], writes };
  }

  #isDrafted(key: string): boolean {
    if (this.#writes.has(key)) return true;
    return this.#under === undefined ? false : this.#under.#isDrafted(key);
  }
}
