/** The threads that answer: all fed with the same changes, in their order; one that dies is replaced. */
import { setImmediate, setTimeout as wait } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Registry } from "../registry.ts";
import { type Batch, changesOf, everything } from "./change.ts";
import { sumOf, type Totals } from "./counters.ts";
import { type DnsServer, type ServerOptions, serveDns } from "./server.ts";
import { type DnsThread, startThread } from "./started-thread.ts";

export interface ThreadsOptions {
  /** 0: no thread of its own; answers where the registry is. */
  readonly count: number;
  readonly registry: Registry;
  readonly now: () => number;
  readonly log: Log;
  readonly writeLine: (line: string) => void;
}

type Thread = DnsThread | DnsServer;
type Bindings = ServerOptions["bindings"];

const restartPause = 500;

export class Threads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Map<number, Thread>();
  readonly #unlisten: () => void;
  #stopped = false;
  #since: string | undefined;
  /** With the ports that were taken: a thread that replaces another one takes the same. */
  #bindings: Bindings | undefined;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    const { registry } = options;
    this.#unlisten = registry.listen((writes) => {
      const changes = changesOf(registry, writes);
      if (changes.length > 0) this.#apply({ revision: registry.revision, changes });
    });
  }

  /** Starts all; the first one takes the ports, or other ones where these are taken and that is wanted. */
  async start(server: ServerOptions, elsewhere: boolean): Promise<Bindings> {
    const bindings = await this.#first(server, elsewhere);
    this.#bindings = bindings;
    for (let number = 1; number < this.#options.count; number += 1) await this.#start(number, { ...server, bindings });
    return bindings;
  }

  stale(since: string | undefined): void {
    this.#since = since;
    for (const thread of this.#threads.values()) thread.stale(since);
  }

  async totals(): Promise<Totals> {
    return sumOf(await Promise.all([...this.#threads.values()].map((thread) => thread.totals())));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unlisten();
    await Promise.all([...this.#threads.values()].map((thread) => thread.stop()));
  }

  #apply(batch: Batch): void {
    for (const thread of this.#threads.values()) thread.apply(batch);
  }

  async #first(server: ServerOptions, elsewhere: boolean): Promise<Bindings> {
    const at = (bindings: Bindings, ports: readonly number[]) =>
      bindings.map((binding, index) => ({ ...binding, port: ports[index] ?? binding.port }));
    try {
      return at(server.bindings, await this.#start(0, server));
    } catch (error) {
      if (!elsewhere || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      const bindings = server.bindings.map((binding) => ({ ...binding, port: 0 }));
      return at(bindings, await this.#start(0, { ...server, bindings }));
    }
  }

  async #start(number: number, server: ServerOptions): Promise<readonly number[]> {
    const { count, now, writeLine } = this.#options;
    const failed = (error: unknown) => this.#failed(error);
    const thread =
      count === 0
        ? await serveDns(server, { now, catchUp: () => {}, failed, logLine: writeLine })
        : await startThread(server, { failed, writeLine, died: () => this.#replace(number, server) });
    this.#threads.set(number, thread);
    thread.stale(this.#since);
    await fill(thread, this.#options.registry);
    thread.ready();
    return thread.ports;
  }

  #replace(number: number, server: ServerOptions): void {
    this.#threads.delete(number);
    if (this.#stopped) return;
    this.#options.log("error", `the DNS thread ${number} ended; another one is started`);
    wait(restartPause)
      .then(async () =>
        this.#stopped ? undefined : this.#start(number, { ...server, bindings: this.#bindings ?? server.bindings }),
      )
      .catch((error) => {
        this.#failed(error);
        this.#replace(number, server);
      });
  }

  #failed(error: unknown): void {
    this.#options.log("error", "DNS failed", { error: error instanceof Error ? error.stack : String(error) });
  }
}

/** Gives a thread everything; what is committed meanwhile reaches it too, and each change is of what is there by then. */
async function fill(thread: Thread, registry: Registry): Promise<void> {
  for (const { changes } of everything(registry)) {
    thread.apply({ revision: registry.revision, changes });
    await setImmediate();
  }
}
