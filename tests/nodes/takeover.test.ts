// A node that is killed: what it probed and what it was to end is the others' within seconds, and no probe is later than an interval and its lease.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect } from "chai";
import { Nodes } from "../../engine/nodes.ts";
import { healthKey } from "../../engine/records.ts";
import { nodeSeconds } from "../../engine/store/etcd-nodes.ts";
import { call, makeService, register } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { hasEtcd } from "../store/etcd-server.ts";
import { Cluster } from "./cluster.ts";
import type { Node } from "./node.ts";

const interval = 1_000;
const delay = 1_000;
/** etcd looks for leases that have ended twice a second; and for a machine that is busy. */
const slack = 3_000;
const lease = nodeSeconds * 1_000;
const ids = Array.from({ length: 12 }, (_, index) => `i-${index}`);
const addressOf = (id: string) => `127.0.77.${1 + ids.indexOf(id)}`;

interface Targets {
  readonly server: Server;
  readonly port: number;
  /** When each instance was probed. */
  readonly probes: ReadonlyMap<string, number[]>;
}

async function startTargets(): Promise<Targets> {
  const probes = new Map<string, number[]>(ids.map((id) => [addressOf(id), []]));
  const server = createServer((socket) => {
    socket.on("error", () => {}); // a probe leaves as soon as it knows
    probes.get(socket.localAddress ?? "")?.push(performance.now());
    socket.end();
  }).listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, port, probes };
}

/** Whose a piece of work is, of these. */
function ownerOf(work: string, nodes: readonly Node[]): Node | undefined {
  const names = nodes.map(({ name }) => name).sort();
  return nodes.find(({ name }) => {
    const own = new Nodes(name);
    own.update(names);
    return own.isMine(work);
  });
}

async function hasEnded(node: Node, operations: readonly string[]): Promise<boolean> {
  const asked = operations.map((OperationId) => call(node, "GetOperation", { OperationId }));
  return (await Promise.all(asked)).every(({ Operation }) => Operation?.Status === "SUCCESS");
}

async function checksOf({ url }: Node): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^cloudmap_probed_instances (\d+)$/m.exec(metrics)?.[1]);
}

describe("a node that is killed", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let targets: Targets;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    const flags = ["--probe-interval", `${interval}ms`, "--probe-allow", "127.0.0.0/8"];
    cluster = await Cluster.start(3, 1, { flags: [...flags, "--operation-delay", `${delay}ms`] });
    targets = await startTargets();
  });
  after(async () => {
    targets?.server.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  it("leaves its probes and its operations to the others, and none of them is late by more than its lease", async () => {
    const { nodes } = cluster;
    const [first] = nodes as readonly [Node, ...Node[]];
    const { OperationId = "" } = await call(first, "CreateHttpNamespace", { Name: "n" });
    await until("the namespace is made", () => hasEnded(first, [OperationId]));
    const { Operation } = await call(first, "GetOperation", { OperationId });
    const namespace = Operation?.Targets?.NAMESPACE ?? "";
    const health = { HealthCheckConfig: { Type: "TCP", FailureThreshold: 1 } } as const;
    const probed = await makeService(first, namespace, "probed", health);
    const plain = await makeService(first, namespace, "plain");
    const { port, probes, server } = targets;
    for (const id of ids) {
      await register(first, probed, id, { AWS_INSTANCE_IPV4: addressOf(id), AWS_INSTANCE_PORT: String(port) });
    }
    const probedSince = (time: number) => [...probes.values()].every((times) => (times.at(-1) ?? 0) > time);
    await until("all are probed", () => probedSince(0));

    const dying = ownerOf(healthKey(probed, "i-0"), nodes) ?? first;
    const [second, third] = nodes.filter((node) => node !== dying) as [Node, Node];
    const operations: string[] = [];
    const isDying = (id: string) => ownerOf(`operation/${id}`, nodes) === dying;
    while (operations.filter(isDying).length < 2 && operations.length < 100) {
      operations.push(await register(second, plain, `o-${operations.length}`));
    }
    await dying.program.kill();
    const killed = performance.now();
    expect(await hasEnded(second, operations.filter(isDying)), "they were to be ended yet").to.equal(false);

    for (const node of [second, third]) {
      await until(`all has ended on ${node.name}`, () => hasEnded(node, operations), lease + delay + slack);
    }
    await until("all are probed again", () => probedSince(killed + interval), lease + 2 * interval + slack);
    for (const [address, times] of probes) {
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(Math.max(...gaps), address).to.be.below(lease + 2 * interval + slack);
    }
    expect((await checksOf(second)) + (await checksOf(third))).to.equal(ids.length);

    server.close();
    for (const node of [second, third]) {
      await until(`all are unhealthy on ${node.name}`, async () => {
        const { Status = {} } = await call(node, "GetInstancesHealthStatus", { ServiceId: probed });
        return ids.every((id) => Status[id] === "UNHEALTHY");
      });
    }
  });
});
