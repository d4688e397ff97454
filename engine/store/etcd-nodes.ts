/**
 * Who is at work: each node has a key that etcd removes when the node has not been heard of for some seconds. A lease per
 * node, and nothing per instance.
 */
import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { inTime } from "../deadline.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import type { OpenForm } from "./etcd-form.ts";
import type { Layout } from "./etcd-layout.ts";
import {
  decodeKeepAlive,
  decodeRange,
  decodeWatch,
  encodeGrant,
  encodeLease,
  encodeRange,
  encodeWatch,
} from "./etcd-messages.ts";
import type { Knowing } from "./etcd-raise.ts";
import { leave } from "./etcd-session.ts";
import { decodeAnswer, encodePresence } from "./etcd-transaction.ts";
import { type NodesListener, StoreError, type StoreFailure } from "./store.ts";

/** Seconds after which a node that is not heard of is not at work any more. */
export const nodeSeconds = 5;
const keepAlivePause = 1_000;
const pause = 200;

export interface NodesOptions {
  readonly connection: EtcdConnection;
  readonly layout: Layout;
  readonly form: OpenForm;
  readonly name: string;
  readonly listener: NodesListener;
  /** Told of what the nodes at work know, as of a revision of etcd's. */
  readonly knowing: (nodes: readonly Knowing[], revision: number) => void;
}

/** Why a node cannot join, and waiting does not help. */
const lasting: ReadonlySet<StoreFailure> = new Set(["denied", "newer", "damaged"]);

export class Nodes {
  readonly #options: NodesOptions;
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #left = new AbortController();
  #told = "";
  #toldAt = 0;
  #lease: number | undefined;

  constructor(options: NodesOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#layout = options.layout;
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
        const isPassing = error instanceof StoreError && !lasting.has(error.failure);
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
    while (!(await this.#isThere(lease)));
    this.#lease = lease;
  }

  /** A node that does not know the version of the data is not let in; one that does takes it first. */
  async #isThere(lease: number): Promise<boolean> {
    const { form, name } = this.#options;
    form.check();
    const known: Known = { version: form.newest };
    const key = `${this.#layout.nodes}${name}`;
    const request = encodePresence(this.#layout, key, JSON.stringify(known), { lease, at: form.at });
    const answer = decodeAnswer(await this.#connection.ask("KV/Txn", request), this.#layout);
    if ("committed" in answer) return true;
    form.take(answer.form);
    return false;
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
    const { name: own, listener, knowing } = this.#options;
    const request = encodeRange({ key: nodes, end });
    const answer = decodeRange(await this.#connection.ask("KV/Range", request), Buffer.byteLength(nodes));
    const names = [...new Set([own, ...answer.entries.map(({ key }) => key)])].sort();
    if (this.#isOver || answer.revision < this.#toldAt) return answer.revision; // what was asked later came first
    this.#toldAt = answer.revision;
    if (JSON.stringify(names) !== this.#told) {
      this.#told = JSON.stringify(names);
      listener(names);
    }
    knowing(
      answer.entries.map(({ key: name, value }) => ({ name, version: versionOf(value) })),
      answer.revision,
    );
    return answer.revision;
  }
}

/** What a node says of itself. */
interface Known {
  /** The newest version of the data that it knows. */
  readonly version: number;
}

function versionOf(value: string): number {
  const { version = 1 }: Partial<Known> = value === "" ? {} : JSON.parse(value);
  return version;
}

/** A member that does not answer is lost, as if the call itself had a deadline. */
function expired(patience: number): Error {
  const details = `no answer within ${patience} ms`;
  return Object.assign(new Error(), { code: status.DEADLINE_EXCEEDED, details });
}
