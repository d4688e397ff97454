/** Watches: whoever waits for a service to change is told when its counter moves; nobody else is woken. */
import { CloudMapError } from "../api/errors.ts";
import type { Watched } from "../api/extensions.ts";
import type { Clock } from "./clock.ts";
import { partsOf } from "./records.ts";
import type { Registry } from "./registry.ts";
import { serviceNotFound } from "./service.ts";
import type { Write } from "./store/store.ts";

interface Watch {
  readonly serviceId: string;
  readonly after: number;
  readonly resolve: (watched: Watched) => void;
  readonly reject: (error: unknown) => void;
  readonly stopTimer: () => void;
}

export interface WatchesOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly most?: number;
}

/** More than this many at once are not taken on. */
const mostWatches = 20_000;
/** So many are told at once; then others have their turn. */
const toldAtOnce = 256;
/** What moves the counter of a service, or ends it. */
const movers: ReadonlySet<string> = new Set(["instance", "revision", "watch", "service"]);

export class Watches {
  readonly #options: WatchesOptions;
  readonly #byService = new Map<string, Set<Watch>>();
  readonly #leave: () => void;
  #open = 0;
  #stopped = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.#leave = options.registry.listen((writes) => this.#follow(writes));
  }

  get open(): number {
    return this.#open;
  }

  /** Answers when the counter is above `after`, at the latest when the time is over or the signal comes. */
  wait(serviceId: string, after: number, patience: number, signal: AbortSignal): Watched | Promise<Watched> {
    const { registry, clock, most = mostWatches } = this.#options;
    const now = this.#look(serviceId, after);
    // A counter above the registry's revision is another registry's, or is lost: whoever has it must look again.
    if (after > registry.revision) return { ...now, Changed: true };
    if (now.Changed || patience === 0 || this.#stopped || signal.aborted) return now;
    if (this.#open >= most) {
      throw new CloudMapError("RequestLimitExceeded", `There are ${most} watches already; try again later.`);
    }
    return new Promise((resolve, reject) => {
      const stopTimer = clock.after(patience, () => this.#answer(watch));
      const watch: Watch = { serviceId, after, resolve, reject, stopTimer };
      signal.addEventListener("abort", () => this.#answer(watch), { once: true });
      const watches = this.#byService.get(serviceId) ?? new Set();
      this.#byService.set(serviceId, watches.add(watch));
      this.#open += 1;
    });
  }

  /** Answers all that wait, and lets nobody wait any more. */
  stop(): void {
    this.#stopped = true;
    this.#leave();
    for (const watches of [...this.#byService.values()]) for (const watch of [...watches]) this.#answer(watch);
  }

  #look(serviceId: string, after: number): Watched {
    const state = this.#options.registry.services.get(serviceId);
    if (state?.record === undefined) throw serviceNotFound(serviceId);
    return { Counter: state.counter, InstancesRevision: state.revision, Changed: state.counter > after };
  }

  #answer(watch: Watch): void {
    const watches = this.#byService.get(watch.serviceId);
    if (!watches?.delete(watch)) return;
    if (watches.size === 0) this.#byService.delete(watch.serviceId);
    this.#open -= 1;
    watch.stopTimer();
    try {
      watch.resolve(this.#look(watch.serviceId, watch.after));
    } catch (error) {
      watch.reject(error);
    }
  }

  #follow(writes: readonly Write[]): void {
    if (this.#open === 0) return;
    const moved = new Set<string>();
    for (const { key } of writes) {
      const { noun, id } = partsOf(key);
      if (movers.has(noun) && this.#byService.has(id)) moved.add(id);
    }
    for (const serviceId of moved) this.#wake(serviceId);
  }

  #wake(serviceId: string): void {
    const state = this.#options.registry.services.get(serviceId);
    const isDue = ({ after }: Watch) => state?.record === undefined || state.counter > after;
    this.#tell([...(this.#byService.get(serviceId) ?? [])].filter(isDue));
  }

  #tell(due: readonly Watch[]): void {
    for (const watch of due.slice(0, toldAtOnce)) this.#answer(watch);
    if (due.length > toldAtOnce) setImmediate(() => this.#tell(due.slice(toldAtOnce)));
  }
}
