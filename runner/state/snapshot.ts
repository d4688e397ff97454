// The state while an operation runs: what was there, what is new, what is gone, what is under way.

import type { Properties } from "../value/value.ts";
import { merge } from "./merge.ts";
import type { OperationType, PendingOperation, Resource } from "./resource.ts";

/** What a finished step did to the state. */
export interface Commit {
  /** The resource whose pending operation is over. */
  readonly finished?: Resource;
  readonly removed?: readonly (Resource | undefined)[];
  readonly added?: Resource | undefined;
  /** A resource whose `delete` or `pendingReplacement` was set in place. */
  readonly marked?: Resource | undefined;
}

/** Is told of every change, so that a crash loses none. */
export interface Recorder {
  begin(resource: Resource, type: OperationType): void;
  commit(commit: Commit, removed: readonly Resource[]): void;
  outputs(resource: Resource, outputs: Properties): void;
}

export class Snapshot {
  #base: readonly Resource[];
  #added: Resource[] = [];
  readonly #gone = new Set<Resource>();
  readonly #pending = new Map<Resource, OperationType>();
  // A create that was cut off may have made something: only a person can say (`refresh --clear-pending-creates`).
  readonly #creating: readonly PendingOperation[];
  readonly #recorder: Recorder | undefined;

  constructor(base: readonly Resource[], pending: readonly PendingOperation[], recorder?: Recorder) {
    this.#base = base;
    this.#creating = pending.filter(({ type }) => type === "creating");
    this.#recorder = recorder;
  }

  begin(resource: Resource, type: OperationType): void {
    this.#pending.set(resource, type);
    this.#recorder?.begin(resource, type);
  }

  commit(commit: Commit): void {
    const removed = (commit.removed ?? []).filter((resource) => resource !== undefined);
    if (commit.finished !== undefined) this.#pending.delete(commit.finished);
    for (const resource of removed) this.#gone.add(resource);
    if (commit.added !== undefined) this.#added.push(commit.added);
    this.#recorder?.commit(commit, removed);
  }

  setOutputs(resource: Resource, outputs: Properties): void {
    resource.outputs = outputs;
    this.#recorder?.outputs(resource, outputs);
  }

  get resources(): Resource[] {
    return merge(this.#base, this.#added, this.#gone);
  }

  get pending(): PendingOperation[] {
    const running = [...this.#pending].map(([resource, type]) => ({ resource, type }));
    return [...running, ...this.#creating];
  }
}
