/** How a registry in etcd comes to a newer version of the data: when every node at work has known it for a while. */
import type { Log } from "../log.ts";
import type { EtcdConnection } from "./etcd-connection.ts";
import type { OpenForm } from "./etcd-form.ts";
import type { Layout } from "./etcd-layout.ts";
import { decodeAnswer, encodeRaise } from "./etcd-transaction.ts";
import { StoreError } from "./store.ts";

/** A node at work, and the newest version of the data that it knows. */
export interface Knowing {
  readonly name: string;
  readonly version: number;
}

export interface RaisingOptions {
  readonly connection: EtcdConnection;
  readonly layout: Layout;
  readonly form: OpenForm;
  readonly log: Log;
}

export class Raising {
  readonly #options: RaisingOptions;
  #timer: NodeJS.Timeout | undefined;
  #told = "";

  constructor(options: RaisingOptions) {
    this.#options = options;
  }

  /** Told of the nodes at work as of a revision of etcd's, whenever they have changed. */
  consider(nodes: readonly Knowing[], revision: number): void {
    const { form } = this.#options;
    clearTimeout(this.#timer);
    const known = Math.min(form.newest, ...nodes.map(({ version }) => version));
    if (known < form.newest) this.#tellWaiting(nodes);
    if (known > form.version) this.#wait(known, revision);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(version: number, revision: number): void {
    const raise = () => {
      this.#raise(version, revision).catch((error) => {
        if (!(error instanceof StoreError)) throw error;
        if (!this.#options.connection.closed.aborted && !this.#options.form.isRefused) this.#wait(version, revision);
      });
    };
    this.#timer = setTimeout(raise, this.#options.connection.patience.raise).unref();
  }

  /** Nothing comes of it where a node has come since: then the nodes at work have changed, and it is considered again. */
  async #raise(version: number, revision: number): Promise<void> {
    const { connection, layout, form } = this.#options;
    if (version <= form.version) return;
    const value = JSON.stringify(form.raisedTo(version));
    const request = encodeRaise(layout, { value, at: form.at, nodesAt: revision });
    const answer = decodeAnswer(await connection.ask("KV/Txn", request), layout);
    if ("committed" in answer) form.take({ key: layout.form, value, revision: answer.committed });
    else form.take(answer.form);
  }

  #tellWaiting(nodes: readonly Knowing[]): void {
    const { form, log } = this.#options;
    const older = nodes.filter(({ version }) => version < form.newest).map(({ name }) => name);
    if (older.join() === this.#told) return;
    this.#told = older.join();
    log("info", "the data stay of an older version until these nodes are upgraded", {
      nodes: older,
      version: form.version,
      newest: form.newest,
    });
  }
}
