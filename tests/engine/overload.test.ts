// More than can be stored: some changes are told to come back, the rest is stored; and a store that fails is told of once.
import { expect } from "chai";
import { rootOf } from "../../engine/auth/caller.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher, mostWaiting } from "../../engine/dispatch.ts";
import { loadRegistry } from "../../engine/loading.ts";
import type { Log } from "../../engine/log.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store } from "../../engine/store/store.ts";
import { Throttled } from "../../engine/throttle.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { node, turn } from "./trial.ts";

const home = "123456789012";
const asking = { caller: rootOf(home), address: "127.0.0.1" };
const contexts = (operationDelay = 0) =>
  new Contexts({ home, region: "us-east-1", now: Date.now, operationDelay, healthWindow: 0, quotas: {} });

/** A log that is kept. */
function keptLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: (level, message, fields) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`) };
}

describe("a flood of changes", () => {
  it("is not kept in memory: those beyond a number are told when to come back, the others are stored", async () => {
    const store = openMemory(new Memory());
    const registry = await node(store, new Registry());
    const dispatcher = new Dispatcher(registry, store, contexts());
    const create = async (Name: string) => dispatcher.answer("CreateHttpNamespace", { Name }, asking);
    const outcomes = await Promise.all(
      Array.from({ length: mostWaiting + 500 }, (_, index) =>
        create(`n-${index}`).then(
          () => "stored",
          (error) => error,
        ),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome !== "stored");
    expect(refused).to.have.length(500);
    for (const error of refused) {
      expect(error).to.be.instanceOf(Throttled);
      expect(error).to.include({ code: "ThrottlingException", retryAfter: 1_000 });
    }
    expect(registry.namespaces.size).to.equal(mostWaiting);
    await create("after");
    await dispatcher.close();
  });
});

describe("an operation that cannot be ended", () => {
  it("is told of once, and ended when it can be", async () => {
    const memory = new Memory();
    let broken = false;
    const inner = openMemory(memory);
    const store: Store = {
      ...inner,
      commit: async (each) => (broken ? Promise.reject(new Error("bug")) : inner.commit(each)),
    };
    const { log, lines } = keptLog();
    const registry = await node(store, new Registry());
    const dispatcher = new Dispatcher(registry, store, contexts(1), log);
    dispatcher.resume();
    await dispatcher.answer("CreateHttpNamespace", { Name: "n" }, asking);
    broken = true;
    while (lines.length === 0) await turn();
    expect(lines.join()).to.match(/^warn operation \S+ cannot be ended yet; .*Error: bug/);
    broken = false;
    while (registry.namespaces.size === 0) await turn();
    expect(lines).to.have.length(1);
    await dispatcher.close();
  });
});

describe("a start", () => {
  const fill = (count: number) => {
    const memory = new Memory();
    const writes = Array.from({ length: count }, (_, index) => ({ key: `counter/${index}`, value: "1" }));
    memory.write({ expectations: [], writes });
    return openMemory(memory); // in pages of three
  };

  it("says how far it is, once a second, and when it is done", async () => {
    const { log, lines } = keptLog();
    let time = 0;
    const registry = await loadRegistry(fill(12), log, () => (time += 600));
    expect(registry.revision).to.equal(1);
    expect(lines).to.deep.equal([
      'info loading the registry {"entries":6,"seconds":1.2}',
      'info loading the registry {"entries":12,"seconds":2.4}',
      'info loaded the registry {"entries":12,"seconds":3}',
    ]);
  });

  it("says nothing where it does not take long", async () => {
    const { log, lines } = keptLog();
    await loadRegistry(fill(12), log, () => 5);
    expect(lines).to.deep.equal([]);
  });
});
