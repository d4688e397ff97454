// The monitor where something is wrong around it: a store that refuses, a machine that lacks something, ten thousand at once.
import { expect } from "chai";
import { Pipeline } from "../../engine/command.ts";
import type { Refuse } from "../../engine/health/address.ts";
import { Monitor, type MonitorOptions } from "../../engine/health/monitor.ts";
import type { Outcome, Probe } from "../../engine/health/probe.ts";
import { healthKey, instanceKey, serviceKey } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import { type Store, StoreError } from "../../engine/store/store.ts";
import { node, randomOf, turn } from "../engine/trial.ts";
import { Memory, openMemory, type Trouble } from "../store/memory.ts";
import { type StandingClock, standingClock } from "./clock.ts";

const interval = 30_000;
const passed: Outcome = { passed: true, reason: "" };
const failed: Outcome = { passed: false, reason: "gone" };
const anywhere: Refuse = () => undefined;

interface World {
  readonly clock: StandingClock;
  readonly memory: Memory;
  readonly registry: Registry;
  readonly monitor: Monitor;
  readonly logged: string[];
  /** What probes find from now on. */
  outcome: Outcome;
  /** Whether the store refuses. */
  isFull: boolean;
  /** How many commits were tried. */
  tried: number;
  probes: number;
}

/** A monitor over a service with so many instances, whose probes answer within 20 milliseconds. */
async function world(count: number, trouble: Trouble = {}, more: Partial<MonitorOptions> = {}): Promise<World> {
  const [clock, memory, logged] = [standingClock(), new Memory(), [] as string[]];
  fill(memory, count);
  const memoryStore = openMemory(memory, trouble);
  const commit: Store["commit"] = (transaction) => {
    made.tried += 1;
    if (made.isFull) return Promise.reject(new StoreError("full", "the disk is full"));
    return memoryStore.commit(transaction);
  };
  const store: Store = { ...memoryStore, commit };
  const registry = await node(store, new Registry());
  const pipeline = new Pipeline(registry, store);
  const probe: Probe = (_target, { after }, done) => {
    made.probes += 1;
    return after(20, () => done(made.outcome));
  };
  const monitor = new Monitor({
    ...{ registry, clock, refuse: anywhere, interval, probe, random: randomOf(7) },
    submit: (run) => pipeline.submit(run),
    log: (level, message, fields) => logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
    ...more,
  });
  const made: World = { clock, memory, registry, monitor, logged, outcome: passed, isFull: false, tried: 0, probes: 0 };
  return made;
}

function fill(memory: Memory, count: number): void {
  const HealthCheckConfig = { Type: "TCP", FailureThreshold: 1 };
  const service = { Id: "srv-1", NamespaceId: "ns-1", Name: "s", HealthCheckConfig, CreateDate: 0, Tags: [] };
  const writes: { key: string; value: string }[] = [{ key: serviceKey("srv-1"), value: JSON.stringify(service) }];
  for (let index = 0; index < count; index += 1) {
    const Attributes = { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: String(1 + index) };
    const value = JSON.stringify({ Attributes, OperationId: `o-${index}` });
    writes.push({ key: instanceKey("srv-1", `i-${index}`), value });
  }
  memory.write({ expectations: [], writes });
}

/** Moves the clock, and lets what is written be written. */
async function pass({ clock }: World, milliseconds: number, step = 100): Promise<void> {
  for (let left = milliseconds; left > 0; left -= step) {
    clock.advance(Math.min(step, left));
    for (let turns = 0; turns < 5; turns += 1) await turn();
  }
}

const unhealthy = ({ registry }: World) =>
  [...(registry.services.get("srv-1")?.instances.values() ?? [])].filter(({ health }) => health?.Status === "UNHEALTHY")
    .length;

describe("the monitor", () => {
  it("probes 10,000 instances once an interval, none late, and writes only what changes", async () => {
    const made = await world(10_000);
    made.monitor.start();
    await pass(made, 3 * interval, 1_000);
    expect(made.monitor.counts).to.include({ checks: 10_000, late: 0, failed: 0, undecided: 0 });
    expect(made.monitor.counts.passed).to.be.within(25_000, 35_000);
    expect(made.tried).to.equal(0);
    made.outcome = failed;
    await pass(made, 1.2 * interval, 100);
    expect(unhealthy(made)).to.equal(10_000);
    const { tried } = made;
    expect(tried).to.be.below(1_000);
    await pass(made, interval, 1_000);
    expect(made.tried).to.equal(tried);
    made.monitor.stop();
    expect(made.clock.pending).to.equal(0);
  });

  it("stores a result later where the store refuses it, without asking it more often than every few seconds", async () => {
    const made = await world(1);
    made.monitor.start();
    made.isFull = true;
    made.outcome = failed;
    await pass(made, interval);
    expect([unhealthy(made), made.tried > 0]).to.deep.equal([0, true]);
    const { tried } = made;
    await pass(made, 10 * interval);
    expect(made.tried - tried).to.be.within(50, 75);
    made.isFull = false;
    await pass(made, 5_100);
    expect(unhealthy(made)).to.equal(1);
  });

  it("stores nothing where the result has changed back before the store took it", async () => {
    const made = await world(1);
    made.monitor.start();
    made.isFull = true;
    made.outcome = failed;
    await pass(made, interval);
    made.outcome = passed;
    await pass(made, 1.2 * interval);
    made.isFull = false;
    const { tried } = made;
    await pass(made, 3 * interval);
    expect([unhealthy(made), made.tried]).to.deep.equal([0, tried]);
    expect(made.memory.entries.has(healthKey("srv-1", "i-0"))).to.equal(false);
  });

  it("stores a result again where the store took it and said that it did not", async () => {
    const made = await world(1, {}, { submit: () => Promise.reject(new Error("no answer")) });
    made.monitor.start();
    made.outcome = failed;
    await pass(made, interval);
    const value = JSON.stringify({ Status: "UNHEALTHY", Since: 0 });
    made.memory.write({ expectations: [], writes: [{ key: healthKey("srv-1", "i-0"), value }] });
    expect(unhealthy(made)).to.equal(1);
    made.monitor.stop();
    const pipeline = new Pipeline(made.registry, openMemory(made.memory));
    let submitted = 0;
    const { clock, registry } = made;
    const submit: MonitorOptions["submit"] = (run) => {
      submitted += 1;
      const lost = submitted === 1;
      return pipeline.submit(run).then((answer) => (lost ? Promise.reject(new Error("no answer")) : answer));
    };
    const probe: Probe = (_target, { after }, done) => after(20, () => done(made.outcome));
    const again = new Monitor({ registry, clock, refuse: anywhere, interval, probe, submit, log: () => {} });
    again.start();
    made.outcome = passed;
    await pass(made, 1.2 * interval);
    expect([unhealthy(made), submitted]).to.deep.equal([0, 1]);
    made.outcome = failed;
    await pass(made, 1.2 * interval);
    expect([unhealthy(made), submitted]).to.deep.equal([1, 2]);
  });

  it("clears away a status that was left behind by a check that is no more", async () => {
    const made = await world(3);
    const service = { Id: "srv-1", NamespaceId: "ns-1", Name: "s", CreateDate: 0, Tags: [] };
    const left = JSON.stringify({ Status: "UNHEALTHY", Since: 0 });
    const writes = [
      { key: serviceKey("srv-1"), value: JSON.stringify(service) },
      { key: healthKey("srv-1", "i-1"), value: left },
    ];
    made.memory.write({ expectations: [], writes });
    made.monitor.start();
    await pass(made, 1_000);
    expect(made.memory.entries.has(healthKey("srv-1", "i-1"))).to.equal(false);
    expect([made.tried, made.monitor.counts.checks]).to.deep.equal([1, 0]);
  });

  it("drops a result on its way to the store when the instance has been registered again", async () => {
    const held: (() => void)[] = [];
    const made = await world(1);
    const pipeline = new Pipeline(made.registry, openMemory(made.memory));
    const submit: MonitorOptions["submit"] = (run) =>
      new Promise((resolve, reject) => held.push(() => pipeline.submit(run).then(resolve, reject)));
    const { clock, registry } = made;
    const probe: Probe = (_target, time, done) => time.after(20, () => done(failed));
    const monitor = new Monitor({ registry, clock, refuse: anywhere, interval, probe, submit, log: () => {} });
    monitor.start();
    clock.advance(interval);
    expect(held).to.have.length(1);
    const Attributes = { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "1" };
    const value = JSON.stringify({ Attributes, OperationId: "another" });
    made.memory.write({ expectations: [], writes: [{ key: instanceKey("srv-1", "i-0"), value }] });
    for (const release of held) release();
    for (let turns = 0; turns < 10; turns += 1) await turn();
    expect(unhealthy(made)).to.equal(0);
    monitor.stop();
  });

  it("has fewer probes under way on a machine that cannot make so many", async () => {
    let found: Outcome = passed;
    const slow: Probe = (_target, time, done) => time.after(9_000, () => done(found));
    const made = await world(2_000, {}, { probe: slow });
    made.monitor.start();
    await pass(made, 2 * interval, 1_000);
    expect(made.monitor.counts.inFlight).to.be.above(500);
    found = { passed: undefined, reason: "connect EMFILE" };
    await pass(made, interval, 1_000);
    expect(made.monitor.counts.inFlight).to.be.within(1, 64);
    found = passed;
    await pass(made, 4 * interval, 1_000);
    expect(made.monitor.counts.inFlight).to.be.above(500);
  });

  it("comes to the right statuses over a store with conflicts, failures and a watch that lags", async () => {
    for (const seed of [1, 2, 3]) {
      const made = await world(40, { conflicts: 0.3, failures: 0.3, lag: 4, random: randomOf(seed) });
      made.monitor.start();
      for (const [outcome, wanted] of [
        [failed, 40],
        [passed, 0],
        [failed, 40],
      ] as const) {
        made.outcome = outcome;
        await pass(made, 4 * interval);
        expect(unhealthy(made)).to.equal(wanted);
      }
      made.monitor.stop();
    }
  });

  it("takes what this machine lacks for no finding about a target, and says it once", async () => {
    const made = await world(200);
    made.monitor.start();
    made.outcome = { passed: undefined, reason: "connect EMFILE" };
    await pass(made, 3 * interval);
    expect(made.monitor.counts).to.include({ passed: 0, failed: 0 });
    expect(made.monitor.counts.undecided).to.be.above(400);
    expect([unhealthy(made), made.tried]).to.deep.equal([0, 0]);
    expect(made.logged).to.have.length(1);
    expect(made.logged[0]).to.include("warn this machine cannot probe all instances in their time");
    expect(made.logged[0]).to.include("connect EMFILE");
    made.outcome = failed;
    await pass(made, 2 * interval);
    expect(unhealthy(made)).to.equal(200);
  });

  it("says when probes are late, and not again for ten minutes", async () => {
    const slow: Probe = (_target, time, done) => time.after(9_000, () => done(passed));
    const made = await world(20, {}, { probe: slow, most: 2 });
    made.monitor.start();
    await pass(made, 500_000, 1_000);
    expect(made.monitor.counts.late).to.be.above(0);
    expect(made.logged.filter((line) => line.includes("late"))).to.have.length(1);
    await pass(made, 700_000, 1_000);
    expect(made.logged.filter((line) => line.includes("late"))).to.have.length(2);
  });

  it("probes what is its own only, and takes over what becomes so", async () => {
    let mine = (id: string) => Number(id.slice(2)) % 2 === 0;
    const made = await world(10, {}, { isMine: (_service, id) => mine(id) });
    made.monitor.start();
    expect(made.monitor.counts.checks).to.equal(5);
    mine = () => true;
    made.monitor.review(true);
    expect(made.monitor.counts.checks).to.equal(10);
    mine = () => false;
    made.monitor.review(true);
    expect(made.monitor.counts.checks).to.equal(0);
    made.outcome = failed;
    await pass(made, 2 * interval);
    expect([made.probes, unhealthy(made)]).to.deep.equal([0, 0]);
  });
});
