// Keeps a stack's state on disk while an operation changes it.

import { openDeployment, type Deployment as State } from "../state/deployment.ts";
import type { Journal } from "../state/journal.ts";
import type { PendingOperation, Resource } from "../state/resource.ts";
import type { SecretCache } from "../state/secret-cache.ts";
import { Snapshot } from "../state/snapshot.ts";
import type { Store } from "../state/store.ts";

// Seldom enough to cost little, often enough that who opens the state after a crash without this runner finds most.
const shortestInterval = 5000;

export class Keeper {
  readonly #store: Store;
  readonly #cache: SecretCache;
  readonly #journal: Journal | undefined;
  readonly #metadata: unknown;
  readonly notice: string | undefined;
  readonly before: readonly Resource[];
  readonly pendingBefore: readonly PendingOperation[];
  #text: string;
  #snapshot: Snapshot;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, cache: SecretCache, preview: boolean, clearPendingCreates: boolean) {
    const { text, checkpoint, notice } = store.load(!preview);
    const state = openDeployment(checkpoint.checkpoint.latest, cache);
    this.#store = store;
    this.#cache = cache;
    this.#journal = preview ? undefined : store.journal(cache);
    this.#metadata = state.metadata;
    this.#text = text;
    this.notice = notice;
    this.before = state.resources.map((resource) => ({ ...resource }));
    this.pendingBefore = clearPendingCreates ? [] : state.pending;
    this.#snapshot = new Snapshot(state.resources, this.pendingBefore, this.#journal);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  start(): void {
    this.#journal?.start(this.#text, this.#snapshot.resources, this.#snapshot.pending);
    this.#schedule(shortestInterval);
  }

  /** Goes on from other resources: those that a refresh found. */
  rebase(resources: readonly Resource[]): void {
    this.#snapshot = new Snapshot(resources, this.pendingBefore, this.#journal);
    this.write();
  }

  finish(): void {
    this.stop();
    this.write();
    this.#journal?.remove();
  }

  /** Without a write the journal stays, for the next run to recover from. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  get state(): State {
    return { resources: this.#snapshot.resources, pending: this.#snapshot.pending, metadata: this.#metadata };
  }

  /** The state as it is now; what is under way is pending in it. */
  write(): void {
    if (this.#journal === undefined) return;
    this.#text = this.#store.format(this.state, this.#cache);
    this.#store.write(this.#text);
    this.#journal.start(this.#text, this.#snapshot.resources, this.#snapshot.pending);
  }

  // The longer a write takes, the rarer it becomes: never more than a twentieth of the time.
  #schedule(delay: number): void {
    if (this.#journal === undefined) return;
    this.#timer = setTimeout(() => {
      const started = Date.now();
      this.write();
      this.#schedule(Math.max(shortestInterval, 20 * (Date.now() - started)));
    }, delay);
    this.#timer.unref();
  }
}
