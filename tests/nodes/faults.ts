/** What befalls nodes and members of etcd while they are at work: each fault is begun, and ended when it has lasted. */
import type { Cluster } from "./cluster.ts";
import type { Member } from "./etcd.ts";
import type { Node } from "./node.ts";

export interface Scene {
  readonly cluster: Cluster;
  readonly random: () => number;
  /** To be called at the moment at which it strikes: a node, or with none all of them. */
  readonly strike: (node?: Node) => void;
}

export interface Fault {
  readonly name: string;
  /** Whether it is one of an embedded store too. */
  readonly isLocal?: true;
  /** Whether it needs a disk of its own. */
  readonly needsDisk?: true;
  /** Begins it; what it answers ends it. */
  readonly begin: (scene: Scene) => Promise<() => Promise<void>>;
}

const anyOf = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)] as T; // never empty

function onNode(
  name: string,
  begin: (node: Node, scene: Scene) => Promise<() => Promise<void>>,
  more: Partial<Fault> = {},
): Fault {
  return {
    name,
    begin: (scene) => begin(anyOf(scene.cluster.nodes, scene.random), scene),
    ...more,
  };
}

/** What can be done to a member, and undone. */
const ways = {
  kill: { begin: ({ program }: Member) => program.kill(), end: async ({ program }: Member) => program.start() },
  pause: {
    begin: async ({ program }: Member) => program.signal("SIGSTOP"),
    end: async ({ program }: Member) => program.signal("SIGCONT"),
  },
  cut: {
    begin: async ({ host }: Member) => host?.cut(),
    end: async ({ host }: Member) => host?.heal(),
  },
  /** A member that cannot write ends by itself; what looks after it starts it again. */
  fill: {
    begin: async ({ disk }: Member) => disk?.fill(),
    end: async ({ disk, program }: Member) => {
      disk?.free();
      if (!program.runs) program.start();
    },
  },
};

function onMember(
  name: string,
  choose: (cluster: Cluster, random: () => number) => Promise<readonly Member[]>,
  how: keyof typeof ways,
): Fault {
  return {
    name,
    begin: async ({ cluster, random, strike }) => {
      const members = await choose(cluster, random);
      const { begin, end } = ways[how];
      strike();
      await Promise.all(members.map(begin));
      return async () => {
        await Promise.all(members.map(end));
      };
    },
  };
}

async function leader(cluster: Cluster): Promise<readonly Member[]> {
  const found = (await cluster.etcd?.leader()) ?? cluster.etcd?.members[0];
  return found === undefined ? [] : [found];
}

async function follower(cluster: Cluster, random: () => number): Promise<readonly Member[]> {
  const [leading] = await leader(cluster);
  const others = cluster.etcd?.members.filter((member) => member !== leading) ?? [];
  return others.length === 0 ? [] : [anyOf(others, random)];
}

async function everyone({ etcd }: Cluster): Promise<readonly Member[]> {
  return etcd?.members ?? [];
}

/** The leader and another one: what is left cannot decide anything. */
async function majority(cluster: Cluster, random: () => number): Promise<readonly Member[]> {
  return [...(await leader(cluster)), ...(await follower(cluster, random))];
}

async function killed(node: Node, { strike }: Scene): Promise<() => Promise<void>> {
  strike(node);
  await node.program.kill();
  return async () => node.program.start();
}

async function paused(node: Node, { strike }: Scene): Promise<() => Promise<void>> {
  strike(node);
  node.program.signal("SIGSTOP");
  return async () => node.program.signal("SIGCONT");
}

async function cutOff(node: Node, { cluster, strike }: Scene): Promise<() => Promise<void>> {
  const links = cluster.linksOf(node);
  strike(node);
  for (const link of links) link.cut();
  return async () => {
    for (const link of links) link.heal();
  };
}

const turned =
  (hours: number) =>
  async (node: Node, { strike }: Scene) => {
    strike(node);
    node.turnClock(hours * 3_600_000);
    return async () => node.turnClock(0);
  };

const both = (one: Fault, other: Fault): Fault => ({
  name: `${one.name}, and ${other.name}`,
  begin: async (scene) => {
    const ends = [await one.begin(scene), await other.begin(scene)];
    return async () => {
      for (const end of ends) await end();
    };
  },
});

const nodeKilled = onNode("a node is killed", killed, { isLocal: true });
const nodePaused = onNode("a node is paused", paused, { isLocal: true });
const nodeCutOff = onNode("a node is cut off from etcd", cutOff);
const leaderKilled = onMember("the leader is killed", leader, "kill");

/** The node does not hear of changes while etcd forgets them: its watch cannot go on from where it was. */
const compacted = onNode("etcd is compacted while a node is cut off", async (node, scene) => {
  const end = await cutOff(node, scene);
  return async () => {
    await scene.cluster.etcd?.compact();
    await end();
  };
});

const compactedPaused = onNode("etcd is compacted while a node is paused", async (node, scene) => {
  const end = await paused(node, scene);
  return async () => {
    await scene.cluster.etcd?.compact();
    await end();
  };
});

/** Every connection of a node to etcd breaks, again and again. */
const reset = onNode("a node's connections to etcd break again and again", async (node, { cluster, strike }) => {
  strike(node);
  const timer = setInterval(() => {
    for (const link of cluster.linksOf(node)) link.reset();
  }, 100);
  return async () => clearInterval(timer);
});

const noSpace: Fault = {
  name: "etcd's space is used up",
  begin: async ({ cluster, strike }) => {
    strike();
    await cluster.etcd?.alarm("ACTIVATE");
    return async () => cluster.etcd?.alarm("DEACTIVATE");
  },
};

const allKilled: Fault = {
  name: "all nodes are killed",
  begin: async ({ cluster, strike }) => {
    strike();
    await Promise.all(cluster.nodes.map(({ program }) => program.kill()));
    return async () => {
      for (const { program } of cluster.nodes) program.start();
    };
  },
};

const diskFull: Fault = {
  name: "the disk is full",
  isLocal: true,
  needsDisk: true,
  begin: async ({ cluster, strike }) => {
    strike();
    cluster.disk?.fill();
    return async () => cluster.disk?.free();
  },
};

/** For seeing what the checks say of a cluster that has nothing but its bugs. */
export const none: Fault = { name: "nothing", begin: async () => async () => {} };

/** The first ten are CI's rounds, in this order; the others come at night too. */
export const faults: readonly Fault[] = [
  leaderKilled,
  nodeKilled,
  nodePaused,
  nodeCutOff,
  onMember("the leader is paused", leader, "pause"),
  compacted,
  noSpace,
  onNode("a node's clock is an hour ahead", turned(1), { isLocal: true }),
  reset,
  both(nodeKilled, leaderKilled),
  onMember("a follower is killed", follower, "kill"),
  onMember("a follower is paused", follower, "pause"),
  onMember("most members are killed", majority, "kill"),
  onMember("most members are paused", majority, "pause"),
  onNode("a node's clock is an hour behind", turned(-1), { isLocal: true }),
  compactedPaused,
  allKilled,
  both(nodeCutOff, nodeKilled),
  both(nodePaused, leaderKilled),
  both(compacted, onMember("a follower is killed", follower, "kill")),
];

/** Of members on hosts of their own: they are cut off from each other too, and go on believing what they believed. */
export const partitions: readonly Fault[] = [
  onMember("the leader is cut off from everybody", leader, "cut"),
  onMember("a follower is cut off from everybody", follower, "cut"),
  onMember("most members are cut off from everybody", majority, "cut"),
  both(onMember("the leader is cut off from everybody", leader, "cut"), nodeKilled),
  both(onMember("the leader is cut off from everybody", leader, "cut"), nodeCutOff),
];

/** Of members on disks of their own. */
export const fullDisks: readonly Fault[] = [
  onMember("the leader's disk is full", leader, "fill"),
  onMember("a follower's disk is full", follower, "fill"),
  onMember("the disks of most members are full", majority, "fill"),
  onMember("the disks of all members are full", everyone, "fill"),
];

/** Of one node with the embedded store, on a disk of its own. */
export const local: readonly Fault[] = [...faults.filter(({ isLocal }) => isLocal), diskFull];
