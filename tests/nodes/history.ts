/** What clients were told, in the order in which they were told it, and the rules that are checked as it comes in. */
import type { Answer } from "./client.ts";
import { type Done, judge, type Model } from "./linearizable.ts";
import { type InstanceOperation, instanceModel, type NamespaceOperation, namespaceModel } from "./model.ts";

/** The highest number that was told up to a moment, in the order of the moments. */
class Heights {
  readonly #told: { readonly at: number; readonly height: number }[] = [];

  /** Whether a number is as high as each that was told before a moment; it counts from another moment on. */
  rises(called: number, returned: number, height: number): boolean {
    const before = this.#told.findLast(({ at }) => at < called)?.height ?? 0;
    this.#told.push({ at: returned, height: Math.max(height, this.#told.at(-1)?.height ?? 0) });
    return height >= before;
  }

  /** Whether a number is as high as each that was told before a moment. */
  reaches(called: number, height: number): boolean {
    return height >= (this.#told.findLast(({ at }) => at < called)?.height ?? 0);
  }
}

export class History {
  /** By `service/instance`. */
  readonly instances = new Map<string, Done<InstanceOperation>[]>();
  readonly namespace: Done<NamespaceOperation>[] = [];
  /** Rules that were broken, as sentences. */
  readonly broken = new Set<string>();
  readonly #revisions = new Map<string, Heights>();
  readonly #anywhere = new Heights();
  /** What was read of a key at a revision. */
  readonly #atRevision = new Map<string, string>();
  answers = 0;

  /** Looks at the revision that an answer of a node says it is from. */
  observe(node: string, { called, returned, revision }: Answer, isConsistent: boolean): void {
    this.answers += 1;
    if (revision === undefined) return void this.broken.add(`an answer of ${node} does not tell its revision`);
    if (!this.#heightsOf(node).rises(called, returned, revision)) {
      this.broken.add(`the revision of ${node} has fallen to ${revision}`);
    }
    if (isConsistent && !this.#anywhere.reaches(called, revision)) {
      this.broken.add(`a consistent read of ${node} is at ${revision}, which is behind what was answered before it`);
    }
    this.#anywhere.rises(called, returned, revision);
  }

  /** Looks at the InstancesRevision of a service, as a node tells it. */
  observeInstances(node: string, service: string, { called, returned }: Answer, revision: number): void {
    if (this.#heightsOf(`${node} ${service}`).rises(called, returned, revision)) return;
    this.broken.add(`the InstancesRevision of ${service} has fallen to ${revision} on ${node}`);
  }

  /** Two nodes at one revision say the same. */
  compare(key: string, { revision }: Answer, value: string): void {
    const at = `${key} at revision ${revision}`;
    const before = this.#atRevision.get(at) ?? value;
    this.#atRevision.set(at, before);
    if (before !== value) this.broken.add(`${at} is ${before || "not there"} here and ${value || "not there"} there`);
  }

  add(key: string, done: Done<InstanceOperation>): void {
    const all = this.instances.get(key) ?? [];
    all.push(done);
    this.instances.set(key, all);
  }

  /** All rules that were broken, the order of things among them. */
  verdict(): string[] {
    for (const [key, history] of this.instances) this.#judge(key, instanceModel, history);
    this.#judge("the namespace that comes and goes", namespaceModel, this.namespace);
    return [...this.broken];
  }

  #judge<S, O>(what: string, model: Model<S, O>, history: readonly Done<O>[]): void {
    try {
      const { linearizable, stuck } = judge(model, history);
      if (linearizable) return;
      const next = stuck?.next.map(({ operation }) => JSON.stringify(operation)).join(", ");
      this.broken.add(
        `${what} is not linearizable: after ${stuck?.after} it is "${stuck?.state}", and none may follow of ${next}`,
      );
    } catch (error) {
      this.broken.add(`${what} cannot be judged: ${error}`);
    }
  }

  #heightsOf(name: string): Heights {
    const heights = this.#revisions.get(name) ?? new Heights();
    this.#revisions.set(name, heights);
    return heights;
  }
}
