// Several engines over one store: each instance is probed by one of them, all tell the same of it, and a window's end is told once.
import { expect } from "chai";
import type { Engine } from "../../engine/engine.ts";
import { call, makeNamespace, makeService, type Running, register, start } from "../engine/running.ts";
import { turn } from "../engine/trial.ts";
import { until } from "../local/until.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { type StandingClock, standingClock } from "./clock.ts";
import { closedPort, serveTcp } from "./targets.ts";

const probeInterval = 10_000;

interface Three extends AsyncDisposable {
  readonly memory: Memory;
  readonly clock: StandingClock;
  readonly engines: readonly [Running, Running, Running];
  readonly namespace: string;
}

async function three(): Promise<Three> {
  const memory = new Memory();
  const clock = standingClock();
  const launch = (node: string) =>
    start({
      store: openMemory(memory, { lag: 2 }),
      node,
      now: clock.now,
      after: clock.after,
      probeInterval,
      probeAllow: ["127.0.0.0/8"],
    });
  const engines = [await launch("a"), await launch("b"), await launch("c")] as const;
  const namespace = await makeNamespace(engines[0], "n");
  return {
    memory,
    clock,
    engines,
    namespace,
    [Symbol.asyncDispose]: async () => {
      for (const each of engines) await each[Symbol.asyncDispose]();
    },
  };
}

const probesOf = ({ engine }: Running): ReturnType<Engine["probes"]> => engine.probes();

/** A round of probes on all engines that run. */
async function round({ clock, engines }: Three): Promise<void> {
  for (let left = 2 * probeInterval; left > 0; left -= 100) {
    clock.advance(100);
    for (let turns = 0; engines.some((each) => probesOf(each).inFlight > 0) && turns < 100_000; turns += 1)
      await turn();
  }
}

async function settled({ memory, engines }: Three, running: readonly Running[] = engines): Promise<void> {
  await until("all have all", async () => {
    const revisions = running.map(
      async ({ url }) => (await (await fetch(`${url}/healthz`)).json()) as { revision: number },
    );
    return (await Promise.all(revisions)).every(({ revision }) => revision === memory.revision);
  });
}

async function statuses(engine: Running, ServiceId: string) {
  return (await call(engine, "GetInstancesHealthStatus", { ServiceId, MaxResults: 100 })).Status ?? {};
}

const instances = 24;

async function probed(nodes: Three, port: number): Promise<string> {
  const [first] = nodes.engines;
  const service = await makeService(first, nodes.namespace, "probed", { HealthCheckConfig: { Type: "TCP" } });
  const at = { AWS_INSTANCE_IPV4: "127.0.0.1", AWS_INSTANCE_PORT: String(port) };
  for (let id = 0; id < instances; id += 1) await register(first, service, `i-${id}`, at);
  await settled(nodes);
  return service;
}

describe("probes of several engines", () => {
  it("are made by one of them for each instance, and what they find is told by all", async () => {
    await using nodes = await three();
    const service = await probed(nodes, await closedPort());
    const checks = nodes.engines.map((each) => probesOf(each).checks);
    expect(checks.reduce((sum, each) => sum + each)).to.equal(instances);
    expect(checks.filter((each) => each === 0)).to.deep.equal([]);
    await round(nodes);
    await settled(nodes);
    const all = Object.fromEntries(Array.from({ length: instances }, (_, id) => [`i-${id}`, "UNHEALTHY"]));
    for (const engine of nodes.engines) {
      expect(await statuses(engine, service)).to.deep.equal(all);
      const asked = { NamespaceName: "n", ServiceName: "probed", HealthStatus: "UNHEALTHY" } as const;
      expect((await call(engine, "DiscoverInstances", asked)).Instances).to.have.length(instances);
    }
    const written = nodes.memory.commits.flatMap(({ writes }) => writes.filter(({ key }) => key.startsWith("health/")));
    expect(written, "a status is written when it changes, and by one").to.have.length(instances);
  });

  it("go over to those that are left when one goes, and find what changes then", async () => {
    await using nodes = await three();
    const { engines } = nodes;
    await using alive = await serveTcp((socket) => socket.end());
    const service = await probed(nodes, alive.port);
    await round(nodes);
    await engines[1].engine.stop();
    const left = [engines[0], engines[2]];
    await until("they have its share", () => left.reduce((sum, each) => sum + probesOf(each).checks, 0) === instances);
    await alive[Symbol.asyncDispose]();
    await round(nodes);
    await settled(nodes, left);
    for (const engine of left) {
      expect(new Set(Object.values(await statuses(engine, service)))).to.deep.equal(new Set(["UNHEALTHY"]));
    }
  });
});

describe("the window of a reported UNHEALTHY", () => {
  const report = async (nodes: Three) => {
    const [first] = nodes.engines;
    const service = await makeService(first, nodes.namespace, "custom", { HealthCheckCustomConfig: {} });
    const ids = Array.from({ length: 6 }, (_, id) => `i-${id}`);
    for (const InstanceId of ids) {
      await register(first, service, InstanceId);
      await call(first, "UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId, Status: "UNHEALTHY" });
    }
    await settled(nodes);
    return service;
  };
  /** How often watches were told of the service, which is once for each instance. */
  const told = ({ memory }: Three, service: string) =>
    memory.commits.flatMap(({ writes }) => writes.filter(({ key }) => key === `watch/${service}`)).length;
  const pending = ({ memory }: Three) =>
    [...memory.entries.values()].filter(({ key, value }) => key.startsWith("health/") && !value.includes('"Told"'))
      .length;

  it("is told to have ended by one of them", async () => {
    await using nodes = await three();
    const service = await report(nodes);
    nodes.clock.advance(30_000);
    await until("all are told", () => pending(nodes) === 0);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await settled(nodes);
    const commits = nodes.memory.commits.filter(({ writes }) => writes.some(({ value }) => value?.includes('"Told"')));
    const keys = commits.flatMap(({ writes }) => writes.filter(({ key }) => key.startsWith("health/")));
    expect(keys).to.have.length(6);
    expect(told(nodes, service)).to.be.within(1, 6);
  });

  it("ends also where the engine that was to tell it has gone", async () => {
    await using nodes = await three();
    await report(nodes);
    nodes.clock.advance(15_000);
    await nodes.engines[0].engine.stop();
    await nodes.engines[2].engine.stop();
    nodes.clock.advance(15_000);
    await until("all are told", () => pending(nodes) === 0);
  });

  it("has ended for an engine whose clock is behind as soon as another one has told it", async () => {
    const memory = new Memory();
    const clock = standingClock();
    const launch = (node: string, behind: number) =>
      start({ store: openMemory(memory), node, now: () => clock.now() - behind, after: clock.after });
    await using quick = await launch("a", 0);
    await using slow = await launch("b", 20_000);
    const service = await makeService(quick, await makeNamespace(quick, "n"), "s", { HealthCheckCustomConfig: {} });
    const ids = Array.from({ length: 8 }, (_, id) => `i-${id}`); // of which each engine has some
    for (const InstanceId of ids) {
      await register(quick, service, InstanceId);
      await call(quick, "UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId, Status: "UNHEALTHY" });
    }
    clock.advance(30_000);
    const toldBy = () => [...memory.entries.values()].filter(({ value }) => value.includes('"Told"')).length;
    await until("the first has told of its share", () => toldBy() > 0);
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect(toldBy(), "the second waits for its own clock").to.be.below(ids.length);
    const found = Object.values(await statuses(slow, service));
    expect(found.filter((each) => each === "UNHEALTHY")).to.have.length(toldBy());
    clock.advance(20_000);
    await until("all are told", () => toldBy() === ids.length);
  });
});
