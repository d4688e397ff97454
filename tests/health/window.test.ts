// Windows and watches over a store that refuses, and where there are many: without HTTP.
import { expect } from "chai";
import type { Watched } from "../../api/extensions.ts";
import { type Command, Pipeline } from "../../engine/command.ts";
import { Windows } from "../../engine/health/window.ts";
import { healthKey, serviceKey, watchKey } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import { type Store, StoreError } from "../../engine/store/store.ts";
import { Watches } from "../../engine/watch.ts";
import { node, turn } from "../engine/trial.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { standingClock } from "./clock.ts";

const forEver = new AbortController().signal;

/** Two nodes over a store with a service, and an instance of it whose UNHEALTHY takes effect after 30 seconds. */
async function nodes() {
  const [clock, memory] = [standingClock(), new Memory()];
  const trouble = { isFull: false, tried: 0 };
  const put = (key: string, record: unknown) =>
    memory.write({ expectations: [], writes: [{ key, value: JSON.stringify(record) }] });
  const service = { Id: "srv-1", NamespaceId: "ns-1", Name: "s", HealthCheckCustomConfig: {}, CreateDate: 0, Tags: [] };
  put(serviceKey("srv-1"), service);
  put("instance/srv-1/a/b", { Attributes: {}, OperationId: "o" });
  put(healthKey("srv-1", "a/b"), { Status: "UNHEALTHY", Since: clock.now() + 30_000 });
  const one = async () => {
    const inner = openMemory(memory);
    const commit: Store["commit"] = (transaction) => {
      trouble.tried += 1;
      return trouble.isFull ? Promise.reject(new StoreError("full", "the disk is full")) : inner.commit(transaction);
    };
    const store = { ...inner, commit };
    const registry = await node(store, new Registry());
    const pipeline = new Pipeline(registry, store);
    const windows = new Windows({ registry, clock, submit: (run) => pipeline.submit(run) });
    windows.start();
    return { registry, windows, watches: new Watches({ registry, clock, most: 1_000 }) };
  };
  const pass = async (milliseconds: number) => {
    for (let left = milliseconds; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      for (let turns = 0; turns < 10; turns += 1) await turn();
    }
  };
  return { clock, memory, trouble, pass, put, nodes: [await one(), await one()] as const };
}

describe("the window of a report", () => {
  it("is told of once, by whichever node, with the counter of the service", async () => {
    const made = await nodes();
    const [a, b] = made.nodes;
    const { revision } = made.memory;
    await made.pass(29_999);
    expect(made.memory.revision).to.equal(revision);
    await made.pass(60_000);
    expect(made.memory.revision).to.equal(revision + 1);
    expect(made.memory.commits.at(-1)?.writes.map(({ key }) => key)).to.deep.equal([
      healthKey("srv-1", "a/b"),
      watchKey("srv-1"),
    ]);
    for (const { registry } of [a, b]) expect(registry.services.get("srv-1")?.counter).to.equal(revision + 1);
  });

  it("is told of later where the store refuses, and asks it every two seconds", async () => {
    const made = await nodes();
    const [, { windows }] = made.nodes;
    windows.stop();
    const { revision } = made.memory;
    made.trouble.isFull = true;
    await made.pass(50_000);
    expect(made.memory.revision).to.equal(revision);
    expect(made.trouble.tried).to.be.within(9, 12);
    made.trouble.isFull = false;
    await made.pass(2_000);
    expect(made.memory.revision).to.equal(revision + 1);
  });

  it("is not told of by a command that another report has overtaken", async () => {
    const made = await nodes();
    const [{ registry, windows }, other] = made.nodes;
    windows.stop();
    other.windows.stop();
    const held: (() => Promise<unknown>)[] = [];
    const pipeline = new Pipeline(registry, openMemory(made.memory));
    const submit = <T>(run: Command<T>) =>
      new Promise<T>((resolve, reject) => {
        held.push(() => pipeline.submit(run).then(resolve, reject));
      });
    new Windows({ registry, clock: made.clock, submit }).start();
    await made.pass(30_000);
    expect(held).to.have.length(1);
    const Since = made.clock.now() + 30_000;
    made.put(healthKey("srv-1", "a/b"), { Status: "UNHEALTHY", Since });
    const { revision } = made.memory;
    await held[0]?.();
    expect(made.memory.revision).to.equal(revision);
    await made.pass(30_000);
    await held[1]?.();
    expect(made.memory.revision).to.equal(revision + 1);
  });

  it("is closed by what comes in it, and by a stop", async () => {
    const made = await nodes();
    expect(made.clock.pending).to.equal(2);
    made.put(healthKey("srv-1", "a/b"), { Status: "HEALTHY", Since: 0, Told: true });
    expect(made.clock.pending).to.equal(0);
    made.put(healthKey("srv-1", "a/b"), { Status: "UNHEALTHY", Since: made.clock.now() + 1_000 });
    expect(made.clock.pending).to.equal(2);
    for (const { windows } of made.nodes) windows.stop();
    expect(made.clock.pending).to.equal(0);
  });
});

describe("watches", () => {
  const now = (watches: Watches) => (watches.wait("srv-1", 0, 0, forEver) as Watched).Counter;

  it("are taken on up to a number; what need not wait is answered all the same", async () => {
    const made = await nodes();
    const [{ watches }] = made.nodes;
    const after = now(watches);
    const waiting = Array.from({ length: 1_000 }, () => watches.wait("srv-1", after, 60_000, forEver));
    expect(() => watches.wait("srv-1", after, 60_000, forEver)).to.throw("There are 1000 watches already");
    expect(now(watches)).to.equal(after);
    made.put("instance/srv-1/c", { Attributes: {}, OperationId: "o" });
    const told = await Promise.all(waiting);
    expect(told.filter(({ Changed, Counter }) => Changed && Counter === made.memory.revision)).to.have.length(1_000);
    expect([watches.open, made.clock.pending]).to.deep.equal([0, 2]); // the windows
  });

  it("are told in parts, between which others have their turn", async () => {
    const made = await nodes();
    const [{ watches }] = made.nodes;
    const after = now(watches);
    const waiting = Array.from({ length: 1_000 }, () => watches.wait("srv-1", after, 60_000, forEver));
    made.put(watchKey("srv-1"), true);
    expect(watches.open).to.be.within(1, 999);
    await turn();
    await turn();
    await turn();
    await turn();
    expect(watches.open).to.equal(0);
    await Promise.all(waiting);
  });

  it("end with their signal, also when it came before, and do not wait once they are stopped", async () => {
    const made = await nodes();
    const [{ watches }] = made.nodes;
    const after = now(watches);
    const gone = new AbortController();
    const waiting = watches.wait("srv-1", after, 60_000, gone.signal);
    expect(watches.open).to.equal(1);
    gone.abort();
    expect(await waiting).to.include({ Counter: after, Changed: false });
    expect(watches.open).to.equal(0);
    expect(watches.wait("srv-1", after, 60_000, gone.signal)).to.include({ Changed: false });
    const last = watches.wait("srv-1", after, 60_000, forEver);
    watches.stop();
    expect(await last).to.include({ Changed: false });
    expect(watches.wait("srv-1", after, 60_000, forEver)).to.include({ Changed: false });
  });
});
