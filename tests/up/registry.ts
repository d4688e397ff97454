// What a stack is deployed to: an engine in this process; or, where UP_NODES says how many, nodes over etcd of which one after the other is killed.
import type { EngineOptions } from "../../engine/engine.ts";
import { start } from "../engine/running.ts";
import { balance } from "../nodes/balancer.ts";
import { Cluster } from "../nodes/cluster.ts";

export interface Registry extends AsyncDisposable {
  /** Where a test asks for itself. */
  readonly url: string;
  readonly engine: { readonly account: string };
  /** Where the provider asks, which is told when its request is lost. */
  readonly front: { readonly url: string };
  /** How many nodes have been killed. */
  readonly kills: () => number;
}

export type RegistryOptions = Partial<Pick<EngineOptions, "operationDelay" | "healthWindow">>;

export interface NodesOptions {
  readonly nodes: number;
  /** Milliseconds from one kill to the next. */
  readonly killEvery: number;
}

const nightly: NodesOptions | undefined =
  process.env.UP_NODES === undefined ? undefined : { nodes: Number(process.env.UP_NODES), killEvery: 10_000 };

export async function openRegistry(options: RegistryOptions = {}, nodes = nightly): Promise<Registry> {
  if (nodes !== undefined) return openNodes(options, nodes);
  const running = await start({ now: Date.now, ...options });
  return {
    url: running.url,
    engine: running.engine,
    front: running,
    kills: () => 0,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

async function openNodes({ operationDelay, healthWindow }: RegistryOptions, { nodes, killEvery }: NodesOptions) {
  const flags = [
    ...(operationDelay === undefined ? [] : ["--operation-delay", `${operationDelay}ms`]),
    ...(healthWindow === undefined ? [] : ["--health-window", `${healthWindow}ms`]),
  ];
  const cluster = await Cluster.start(nodes, 1, { flags });
  const front = await balance(cluster.nodes);
  const own = await balance(cluster.nodes, { again: true });
  const [first] = cluster.nodes;
  const { account = "" } = (await first?.health()) ?? {};
  const killing = killInTurn(cluster, killEvery);
  return {
    url: own.url,
    engine: { account },
    front,
    kills: killing.kills,
    [Symbol.asyncDispose]: async () => {
      await killing.stop();
      for (const each of [front, own, cluster]) await each[Symbol.asyncDispose]();
    },
  };
}

/** Kills one node after the other; each is well again before the next one goes. */
function killInTurn({ nodes }: Cluster, killEvery: number): { kills: () => number; stop: () => Promise<void> } {
  let kills = 0;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const work = async () => {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const due = new Promise<"due">((resolve) => {
        timer = setTimeout(() => resolve("due"), killEvery);
      });
      const isDue = (await Promise.race([due, stopped])) === "due";
      clearTimeout(timer);
      const node = nodes[kills % nodes.length];
      if (!isDue || node === undefined) return;
      await node.program.kill();
      kills += 1;
      node.program.start();
      await node.ready();
    }
  };
  const done = work();
  return {
    kills: () => kills,
    stop: async () => {
      stop();
      await done;
    },
  };
}
