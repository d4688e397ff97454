/** The end of the window of a reported UNHEALTHY: it takes effect by the clock, and those who watch are told by a commit. */
import type { Clock } from "../clock.ts";
import type { Command } from "../command.ts";
import { type HealthRecord, healthKey, partsOf, watchKey } from "../records.ts";
import type { Registry } from "../registry.ts";
import type { Write } from "../store/store.ts";

export interface WindowsOptions {
  readonly registry: Registry;
  readonly submit: <T>(run: Command<T>) => Promise<T>;
  readonly clock: Clock;
  /** Whether it is this node that tells of a window's end. */
  readonly isMine?: (key: string) => boolean;
}

/** Milliseconds until a commit that was refused is tried again. */
const retryDelay = 2_000;

export class Windows {
  readonly #options: WindowsOptions;
  /** Those that are open, by the key of the health record; nothing is waited for where another node tells of the end. */
  readonly #open = new Map<string, () => void>();
  #leave = () => {};

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  start(): void {
    const { registry } = this.#options;
    for (const { record, instances } of registry.services.values()) {
      for (const { id } of instances.values()) if (record !== undefined) this.#follow(healthKey(record.Id, id));
    }
    this.#leave = registry.listen((writes) => this.#followAll(writes));
  }

  /** Takes up the windows that have become this node's, and leaves those that are another's. */
  share(): void {
    for (const key of [...this.#open.keys()]) this.#follow(key);
  }

  stop(): void {
    this.#leave();
    for (const close of this.#open.values()) close();
    this.#open.clear();
  }

  #followAll(writes: readonly Write[]): void {
    for (const { key } of writes) if (key.startsWith("health/")) this.#follow(key);
  }

  #follow(key: string): void {
    this.#open.get(key)?.();
    this.#open.delete(key);
    const record = this.#pending(key);
    if (record !== undefined) this.#wait(key, record.Since - this.#options.clock.now());
  }

  /** A report that takes effect later; the findings of probes do so at once. */
  #pending(key: string): HealthRecord | undefined {
    const { registry } = this.#options;
    const service = registry.services.get(partsOf(key).id)?.record;
    const record = registry.get<HealthRecord>(key);
    if (service?.HealthCheckCustomConfig === undefined) return undefined;
    return record?.Status === "UNHEALTHY" && record.Told === undefined ? record : undefined;
  }

  #wait(key: string, delay: number): void {
    const { clock, isMine = () => true } = this.#options;
    this.#open.set(key, isMine(key) ? clock.after(Math.max(0, delay), () => this.#end(key)) : () => {});
  }

  #end(key: string): void {
    const { clock, submit } = this.#options;
    const left = (this.#pending(key)?.Since ?? 0) - clock.now();
    if (left > 0) {
      this.#wait(key, left); // timers may be early, and the time of day may be set back
      return;
    }
    submit(tell(key, clock.now())).catch(() => {
      if (this.#open.has(key)) this.#wait(key, retryDelay);
    });
  }
}

/** Unless it was taken back, or another node has told it: the compare on its key lets one of two nodes do so. */
function tell(key: string, now: number): Command<void> {
  return (draft) => {
    const record = draft.guard<HealthRecord>(key);
    if (record?.Status !== "UNHEALTHY" || record.Told || record.Since > now) return;
    draft.put<HealthRecord>(key, { ...record, Told: true });
    draft.put(watchKey(partsOf(key).id), true);
  };
}
