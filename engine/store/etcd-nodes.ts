/**
 * Who is at work: each node has a key that etcd removes when the node has not been heard of for some seconds. A lease per
 * node, and nothing per instance.
 */
import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { inTime } from "../deadline.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import type { Layout } from "./etcd-layout.ts";
import {
  decodeKeepAlive,
  decodeRange,
  decodeWatch,
  encodeGrant,
  encodeLease,
  encodePut,
  encodeRange,
  encodeWatch,
} from "./etcd-messages.ts";
import { leave } from "./etcd-session.ts";
import { type NodesListener, StoreError } from "./store.ts";

/** Seconds after which a node that is not heard of is not at work any more. */
export const nodeSeconds = 5;
const keepAlivePause = 1_000;
const pause = 200;

export class Nodes {
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #name: string;
  readonly #listener: NodesListener;
  readonly #left = new AbortController();
  #told = "";
  #lease: number | undefined;

  constructor(connection: EtcdConnection, layout: Layout, name: string, listener: NodesListener) {
    this.#connection = connection;
    this.#layout = layout;
    this.#name = name;
    this.#listener = listener;
  }

  async join(): Promise<void> {
    await this.#begin();
    this.#goOn(() => this.#keepAlive());
    this.#goOn(() => this.#follow());
  }

  /** etcd may be without a leader for a moment: it is tried for as long as a start waits for etcd. */
  async #begin(): Promise<void> {
    const started = performance.now();
    for (;;) {
      try {
        await this.#enter();
        await this.#tell();
        return;
      } catch (error) {
        const isPassing = error instanceof StoreError && error.failure !== "denied";
        if (!isPassing || this.#isOver || performance.now() - started > this.#connection.patience.start) throw error;
        await wait(pause);
      }
    }
  }

  /** Is not at work any more, and says so. */
  async leave(): Promise<void> {
    this.#left.abort();
    if (this.#lease === undefined || this.#connection.closed.aborted) return;
    await this.#connection.ask("Lease/LeaseRevoke", encodeLease(this.#lease), 1_000).catch(() => {}); // it ends by itself
  }

  /** Does something until the node leaves, again and again where etcd cannot be asked. */
  #goOn(work: () => Promise<void>): void {
    const run = async () => {
      while (!this.#isOver) {
        await work().catch((error) => {
          if (!(error instanceof StoreError)) throw error;
        });
        await wait(pause, undefined, { ref: false });
      }
    };
    run().catch((error) => {
      if (!this.#isOver) throw error;
    });
  }

  get #isOver(): boolean {
    return this.#left.signal.aborted || this.#connection.closed.aborted;
  }

  async #enter(): Promise<void> {
    const lease = randomInt(1, 2 ** 48 - 1);
    await this.#connection.ask("Lease/LeaseGrant", encodeGrant(lease, nodeSeconds));
    await this.#connection.ask("KV/Put", encodePut(`${this.#layout.nodes}${this.#name}`, "", lease));
    this.#lease = lease;
  }

  /** Says that this node is at work, until etcd does not answer or knows nothing of it: then it says who it is again. */
  async #keepAlive(): Promise<void> {
    const { patience } = this.#connection;
    const session = await this.#connection.session(Number.POSITIVE_INFINITY);
    const stream = session.stream("Lease/LeaseKeepAlive");
    try {
      const answers = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      while (!this.#isOver) {
        stream.write(encodeLease(this.#lease ?? 0));
        const answer = await inTime(answers.next(), patience.answer, () => expired(patience.answer));
        if (answer.done) throw new Error("etcd ended the lease's stream");
        if (decodeKeepAlive(answer.value) === 0) await this.#enter();
        await wait(keepAlivePause, undefined, { ref: false });
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw this.#connection.fail(session, error).error;
    } finally {
      leave(stream);
    }
  }

  /** Tells of who is at work whenever a node came or went. */
  async #follow(): Promise<void> {
    const session = await this.#connection.session(Number.POSITIVE_INFINITY);
    const from = (await this.#tell()) + 1;
    const stream = session.stream("Watch/Watch");
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        leave(stream);
        resolve();
      };
      this.#left.signal.addEventListener("abort", begin, { once: true });
      stream.on("error", (error) => reject(this.#connection.fail(session, error).error));
      stream.on("end", resolve);
      stream.on("data", (message: Buffer) => {
        const { events, canceled } = decodeWatch(message);
        if (canceled !== undefined) begin(); // compacted: who is at work is read anew
        if (events.length > 0) this.#tell().catch(begin);
      });
      stream.write(encodeWatch(this.#layout.nodes, this.#layout.nodesEnd, from));
    });
  }

  /** Answers etcd's revision at which it was so. */
  async #tell(): Promise<number> {
    const { nodes, nodesEnd: end } = this.#layout;
    const request = encodeRange({ key: nodes, end, keysOnly: true });
    const answer = decodeRange(await this.#connection.ask("KV/Range", request), Buffer.byteLength(nodes));
    const names = [...new Set([this.#name, ...answer.entries.map(({ key }) => key)])].sort();
    if (!this.#isOver && JSON.stringify(names) !== this.#told) {
      this.#told = JSON.stringify(names);
      this.#listener(names);
    }
    return answer.revision;
  }
}

/** A member that does not answer is lost, as if the call itself had a deadline. */
function expired(patience: number): Error {
  const details = `no answer within ${patience} ms`;
  return Object.assign(new Error(), { code: status.DEADLINE_EXCEEDED, details });
}
