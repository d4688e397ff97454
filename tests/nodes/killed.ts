/** Nodes behind one address, of which one after the other is killed and started again; and what is noted of it for a bench. */
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { type Balancer, balance } from "./balancer.ts";
import { Cluster } from "./cluster.ts";
import type { Node } from "./node.ts";

export interface NodesOptions {
  readonly nodes: number;
  /** Milliseconds from one kill to the next; the first one comes after a tenth of it. */
  readonly killEvery: number;
}

export interface Killed extends AsyncDisposable {
  readonly url: string;
  readonly account: string;
  /** How many nodes have been killed. */
  readonly kills: () => number;
}

/** What happened, as a line of the file that UP_NODES_NOTES names. */
export type Note = { readonly struck: number } | { readonly lost: number } | { readonly alone: string };

export function note(what: Note): void {
  const file = process.env.UP_NODES_NOTES;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(what)}\n`);
}

/** UP_NODES has the suites of the provider run over so many nodes. */
export const nightly: NodesOptions | undefined =
  process.env.UP_NODES === undefined ? undefined : { nodes: Number(process.env.UP_NODES), killEvery: 10_000 };

export async function openKilled(flags: readonly string[], { nodes, killEvery }: NodesOptions): Promise<Killed> {
  const cluster = await Cluster.start(nodes, 1, { flags });
  const front = await balance(cluster.nodes);
  const { account = "" } = (await cluster.nodes[0]?.health()) ?? {};
  const killing = killInTurn(cluster.nodes, front, killEvery);
  return {
    url: front.url,
    account,
    kills: killing.kills,
    [Symbol.asyncDispose]: async () => {
      await killing.stop();
      note({ lost: front.lost() });
      for (const each of [front, cluster]) await each[Symbol.asyncDispose]();
    },
  };
}

interface Killing {
  readonly kills: () => number;
  readonly stop: () => Promise<void>;
}

/** Kills one node after the other, from any of them on; each is well again before the next one goes. */
function killInTurn(nodes: readonly Node[], front: Balancer, killEvery: number): Killing {
  const first = Math.floor(Math.random() * nodes.length);
  const stopped = new AbortController();
  let kills = 0;
  const work = async () => {
    for (let wait = killEvery / 10; await passed(wait, stopped.signal); wait = killEvery) {
      const node = nodes[(first + kills) % nodes.length];
      if (node === undefined) return;
      const back = await front.spare(node);
      await front.asked(node, 2_000); // to strike it at work, where it has some
      await setTimeout(Math.random() * 4);
      note({ struck: front.inFlight(node) });
      await node.program.kill();
      kills += 1;
      node.program.start();
      await node.ready();
      back();
    }
  };
  const done = work();
  done.catch(() => {}); // it is told of at the end
  return {
    kills: () => kills,
    stop: async () => {
      stopped.abort();
      await done;
    },
  };
}

/** Whether so much time has passed before it was stopped. */
function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(milliseconds, true, { signal }).catch(() => false);
}
