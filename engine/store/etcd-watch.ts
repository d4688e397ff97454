/**
 * The watch of the commits in etcd: it goes on from the last commit that was told of, over whichever session there is. A
 * commit is told of when the write of the head is there, which is the last of each: however etcd splits what it sends,
 * a commit is whole.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { EtcdConnection } from "./etcd-connection.ts";
import type { OpenForm } from "./etcd-form.ts";
import type { Layout } from "./etcd-layout.ts";
import { decodeWatch, encodeWatch, type WatchEvent } from "./etcd-messages.ts";
import { leave, type Session } from "./etcd-session.ts";
import { type Commit, type Snapshot, StoreError, type Watcher, type Write } from "./store.ts";

export interface WatchSource {
  readonly connection: EtcdConnection;
  readonly layout: Layout;
  readonly form: OpenForm;
  load(): Promise<Snapshot>;
  /** The revision of the newest commit, as of a revision of etcd's own. */
  head(at: number): Promise<number>;
}

/** Milliseconds until a watch that etcd ended begins again. */
const pause = 50;

export class Watch {
  readonly #source: WatchSource;
  readonly #watcher: Watcher;
  /** The last commit that was told of. */
  #told: number;
  /** etcd's revision up to which there is nothing that was not told of. */
  #known: number;
  /** What is there of a commit whose head has not come. */
  #part: { revision: number; writes: Write[] } = { revision: 0, writes: [] };
  /** Own commits that are known before they are told of, by the commit that they follow. */
  readonly #early = new Map<number, Commit>();
  #reloading = false;

  constructor(source: WatchSource, watcher: Watcher, revision: number) {
    this.#source = source;
    this.#watcher = watcher;
    this.#told = revision;
    this.#known = source.layout.etcdRevision(revision);
  }

  /** Begins, and goes on by itself; resolves when etcd tells of commits, or everything has been told of anew. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#run(resolve).then(resolve, reject);
    });
  }

  /** Takes in a commit of this node's own as soon as it is known: what follows the last one need not be waited for. */
  committed(commit: Commit, before: number): void {
    if (commit.revision <= this.#told) return;
    this.#early.set(before, commit);
    this.#tellEarly();
  }

  #tellEarly(): void {
    if (this.#reloading) return;
    for (let next = this.#early.get(this.#told); next !== undefined; next = this.#early.get(this.#told)) {
      this.#tell(next);
    }
  }

  #tell(commit: Commit): void {
    if (commit.revision <= this.#told) return;
    this.#early.delete(this.#told);
    this.#told = commit.revision;
    this.#watcher.commit(commit);
  }

  async #run(ready: () => void): Promise<void> {
    const { connection, form } = this.#source;
    while (!connection.closed.aborted && !form.isRefused) {
      try {
        const session = await connection.session(Number.POSITIVE_INFINITY);
        await this.#catchUp(await this.#follow(session, ready));
        ready();
      } catch (error) {
        if (connection.closed.aborted) return;
        if (!(error instanceof StoreError)) throw error;
        await wait(pause, undefined, { ref: false });
      }
    }
  }

  /** Listens over one session, until it fails, or until etcd does not know what came after the last commit told of: answers since when. */
  #follow(session: Session, ready: () => void): Promise<number> {
    const { connection, layout } = this.#source;
    const stream = session.stream("Watch/Watch");
    this.#part = { revision: 0, writes: [] };
    return new Promise((resolve, reject) => {
      stream.on("error", (error) => reject(connection.fail(session, error).error));
      stream.on("end", () => reject(new StoreError("unreachable", "etcd ended the watch")));
      stream.on("data", (message: Buffer) => {
        const { created, canceled, events } = decodeWatch(message);
        if (canceled === undefined) {
          for (const event of events) this.#take(event);
          if (created) ready();
          return;
        }
        leave(stream);
        if (canceled.compacted > 0) resolve(canceled.compacted);
        else reject(connection.fail(session, { details: canceled.reason }).error);
      });
      const from = Math.max(layout.etcdRevision(this.#told), this.#known) + 1;
      stream.write(encodeWatch(layout.data, layout.streamEnd, from));
    });
  }

  #take(event: WatchEvent): void {
    const { layout, form } = this.#source;
    const at = layout.storeRevision(event.revision);
    if (event.key === layout.form) form.hear(event);
    if (event.key === layout.form || at <= this.#told || form.isRefused) return;
    if (this.#part.revision !== at) this.#part = { revision: at, writes: [] };
    if (event.key !== layout.head) this.#part.writes.push(this.#writeOf(event));
    else {
      this.#tell(this.#part);
      this.#tellEarly();
    }
  }

  #writeOf({ key: whole, value, revision }: WatchEvent): Write {
    const { layout, form } = this.#source;
    const key = whole.slice(layout.data.length);
    return { key, value: value === undefined ? undefined : form.read(key, value, revision) };
  }

  /** What etcd has forgotten: nothing, if the newest commit of then was told of; else everything is told anew. */
  async #catchUp(forgotten: number): Promise<void> {
    const { head, load } = this.#source;
    if ((await head(forgotten)) <= this.#told) {
      this.#known = forgotten;
      return;
    }
    this.#reloading = true;
    try {
      const snapshot = await load();
      await this.#watcher.reload(snapshot);
      this.#told = snapshot.revision;
    } finally {
      this.#reloading = false;
    }
    for (const [before] of this.#early) if (before < this.#told) this.#early.delete(before);
    this.#tellEarly();
  }
}
