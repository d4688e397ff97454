/** Starts a DNS thread, and passes on what it is told and what it tells. */
import { setTimeout as wait } from "node:timers/promises";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Totals } from "./counters.ts";
import type { DnsServer, ServerOptions } from "./server.ts";
import type { News, Order, ThreadData } from "./thread.ts";

export interface ThreadHooks {
  readonly failed: (error: unknown) => void;
  readonly writeLine: (line: string) => void;
  /** The thread died by itself. */
  readonly died: () => void;
}

const stopPatience = 5_000;

/** A server whose counts come from elsewhere. */
export type DnsThread = Omit<DnsServer, "totals"> & { totals(): Promise<Totals> };

/** A server in a thread of its own. */
export async function startThread(options: ServerOptions, hooks: ThreadHooks): Promise<DnsThread> {
  const { port1: port, port2 } = new MessageChannel();
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./thread.${extension}`, import.meta.url), {
    workerData: { options, port: port2, sent } satisfies ThreadData,
    transferList: [port2],
  });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const asked = new Map<number, (totals: Totals) => void>();
  const order = (message: Order) => {
    port.postMessage(message);
    Atomics.add(sent, 0, 1);
  };
  let running = false;
  worker.on("error", hooks.failed);
  const listening = Promise.withResolvers<readonly number[]>();
  const hear = (news: News) => {
    if ("listening" in news) listening.resolve(news.listening);
    else if ("refused" in news) listening.reject(Object.assign(new Error(news.refused.message), news.refused));
    else if ("lines" in news) for (const line of news.lines) hooks.writeLine(line);
    else if ("failed" in news) hooks.failed(news.failed);
    else {
      asked.get(news.answer)?.(news.totals);
      asked.delete(news.answer);
    }
  };
  port.on("message", hear);
  void exited.then(() => {
    hearLast(port, hear);
    port.close();
    listening.reject(new Error("a DNS thread ended while it started"));
    if (running) hooks.died();
  });
  const ports = await listening.promise.catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  running = true;
  let questions = 0;
  return {
    ports,
    apply: (batch) => order({ batch }),
    ready: () => order({ ready: true }),
    stale: (stale) => order({ stale }),
    totals: () =>
      new Promise((resolve, reject) => {
        const number = ++questions;
        asked.set(number, resolve);
        order({ ask: number });
        void exited.then(() => reject(new Error("the DNS thread has ended")));
      }),
    stop: async () => {
      running = false;
      order({ stop: true });
      await Promise.race([exited, wait(stopPatience, undefined, { ref: false })]);
      await worker.terminate();
    },
  };
}

/** The end of a thread may be told before what it said last. */
function hearLast(port: MessagePort, hear: (news: News) => void): void {
  for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port)) hear(left.message);
}
