/** A DNS thread: a server fed over a port by the thread that has the registry. */
import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { basename } from "node:path";
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Batch } from "./change.ts";
import type { Totals } from "./counters.ts";
import { type DnsServer, type ServerOptions, serveDns } from "./server.ts";

/** What a thread is told. */
export type Order =
  | { readonly batch: Batch }
  | { readonly ready: true }
  | { readonly stale: string | undefined }
  | { readonly ask: number }
  | { readonly stop: true };

/** What a thread tells. */
export type News =
  | { readonly listening: readonly number[] }
  | { readonly refused: { readonly code: string; readonly message: string } }
  | { readonly answer: number; readonly totals: Totals }
  | { readonly lines: readonly string[] }
  | { readonly failed: string };

export interface ThreadData {
  readonly options: ServerOptions;
  readonly port: MessagePort;
  /** How many orders were sent: a query that comes after one must be answered with it. */
  readonly sent: Int32Array;
}

/** Lines of the query log are passed on together. */
const logPause = 100;

/**
 * Lets the thread go before others on its core: an answer is a few microseconds, and a write that has the core would keep
 * it waiting for a turn of the scheduler. Where the system does not let us (it takes CAP_SYS_NICE), it waits its turn.
 */
function goFirst(): void {
  try {
    const thread = basename(readlinkSync("/proc/thread-self")); // Linux: a thread's number is taken as a process's
    setPriority(Number(thread), constants.priority.PRIORITY_HIGHEST);
  } catch {}
}

async function main({ options, port, sent }: ThreadData): Promise<void> {
  const tell = (news: News) => port.postMessage(news);
  let taken = 0;
  let server: DnsServer | undefined;
  const lines: string[] = [];
  const passOn = () => {
    if (lines.length > 0) tell({ lines: lines.splice(0) });
  };

  const take = (order: Order) => {
    taken = (taken + 1) | 0;
    if ("batch" in order) server?.apply(order.batch);
    else if ("ready" in order) server?.ready();
    else if ("stale" in order) server?.stale(order.stale);
    else if ("ask" in order && server) tell({ answer: order.ask, totals: server.totals() });
    else if ("stop" in order) void stop();
  };
  const stop = async () => {
    await server?.stop();
    clearInterval(timer);
    passOn();
    port.close();
  };
  const timer = setInterval(passOn, logPause);
  const catchUp = () => {
    while (Atomics.load(sent, 0) !== taken) {
      const found = receiveMessageOnPort(port);
      if (found === undefined) return;
      take(found.message as Order); // nothing else is sent to a thread
    }
  };
  const failed = (error: unknown) => tell({ failed: error instanceof Error ? `${error.stack}` : String(error) });
  try {
    server = await serveDns(options, { now: Date.now, catchUp, failed, logLine: (line) => lines.push(line) });
    port.on("message", take);
    tell({ listening: server.ports });
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException; // of a socket
    tell({ refused: { code, message } }); // whoever started it ends it: what is told before an end may be lost
  }
}

goFirst();
await main(workerData as ThreadData); // what threads.ts gives
