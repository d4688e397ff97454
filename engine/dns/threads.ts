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

/** Milliseconds until a thread that died is replaced; longer and longer where that fails. */
const [restartPause, longestPause] = [500, 10_000];

export class Threads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Map<number, Thread>();
  readonly #unlisten: () => void;
  /** How many died. */
  restarts = 0;
  /** What each had counted when it was asked last, and what those that died had: a count never goes back. */
  readonly #counted = new Map<number, Totals>();
  #before: Totals = sumOf([]);
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
    const counted = await Promise.all([...this.#threads].map(([number, thread]) => this.#totalsOf(number, thread)));
    return sumOf([this.#before, ...counted]);
  }

  async #totalsOf(number: number, thread: Thread): Promise<Totals> {
    try {
      const totals = await thread.totals();
      if (this.#threads.get(number) === thread) this.#counted.set(number, totals);
      return totals;
    } catch {
      return sumOf([]); // it died meanwhile
    }
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
    this.restarts += 1;
    this.#before = sumOf([this.#before, this.#counted.get(number) ?? sumOf([])]);
    this.#counted.delete(number);
    this.#options.log("error", `the DNS thread ${number} ended; another one is started`);
    void this.#startAgain(number, { ...server, bindings: this.#bindings ?? server.bindings });
  }

  async #startAgain(number: number, server: ServerOptions): Promise<void> {
    for (let pause = restartPause; ; pause = Math.min(2 * pause, longestPause)) {
      await wait(pause, undefined, { ref: false });
      if (this.#stopped) return;
      try {
        await this.#start(number, server);
        if (this.#stopped) return this.#threads.get(number)?.stop();
        return this.#options.log("info", `the DNS thread ${number} answers again`);
      } catch (error) {
        this.#failed(error);
      }
    }
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
