// Two nodes over one store, under conflicts and lag: the rules that span records hold on what is stored.
import { expect } from "chai";
import { Dispatcher } from "../../engine/dispatch.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store } from "../../engine/store/store.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { asking, brokenIn, contexts, type NewPlace, play } from "./game.ts";
import { node, turn } from "./trial.ts";

const inMemory: NewPlace = async (random) => {
  const memory = new Memory();
  return async () => openMemory(memory, { conflicts: 0.2, compactions: 0.1, lag: 4, random });
};
const plantedIn =
  (planted: (store: Store) => Store): NewPlace =>
  async (random) => {
    const open = await inMemory(random);
    return async () => planted(await open());
  };

const seeds = Array.from({ length: 15 }, (_, index) => index + 1);

describe("two nodes", () => {
  it("keep the rules that span records, and agree with what a restart finds", async () => {
    for (const seed of seeds) expect(await play(seed, inMemory), `seed ${seed}`).to.deep.equal([]);
  });

  it("leave no health behind when one hears of it after the other took the instance out", async () => {
    const memory = new Memory();
    const open = async (lag: number) => {
      const store = openMemory(memory, { lag, random: () => 0.9 });
      return new Dispatcher(await node(store, new Registry()), store, contexts);
    };
    const [slow, quick] = [await open(1_000), await open(0)];
    const ask = async (to: Dispatcher, name: string, input: object) => to.answer(name, input, asking);
    await ask(quick, "CreateHttpNamespace", { Name: "n" });
    const [NamespaceId] = quick.registry.namespaces.page("", 1)[0] ?? [];
    await ask(quick, "CreateService", { NamespaceId, Name: "s", HealthCheckCustomConfig: {} });
    const [ServiceId] = quick.registry.services.page("", 1)[0] ?? [];
    const instance = { ServiceId, InstanceId: "i" };
    await ask(quick, "RegisterInstance", { ...instance, Attributes: {} });
    while (slow.registry.revision < memory.revision) await turn();
    await ask(quick, "UpdateInstanceCustomHealthStatus", { ...instance, Status: "UNHEALTHY" });
    await ask(slow, "DeregisterInstance", instance);
    expect(await brokenIn(openMemory(memory))).to.deep.equal([]);
    await ask(quick, "RegisterInstance", { ...instance, Attributes: {} });
    expect(quick.registry.services.get(ServiceId ?? "")?.instances.get("i")?.health).to.equal(undefined);
  });

  const dropping =
    (drop: (expectation: object) => boolean) =>
    (store: Store): Store => ({
      ...store,
      commit: ({ expectations, writes }) =>
        store.commit({ expectations: expectations.filter((each) => !drop(each)), writes }),
    });
  for (const [what, planted, sign] of [
    ["the emptiness of a prefix", dropping((each) => "prefix" in each), "in a "],
    [
      "the presence of a service",
      dropping((each) => "key" in each && String(each.key).startsWith("service/")),
      "an instance is in",
    ],
  ] as const) {
    it(`are noticed when their store does not compare ${what}`, async () => {
      for (let seed = 1; seed <= 100; seed += 1) {
        if ((await play(seed, plantedIn(planted))).some((each) => each.includes(sign))) return;
      }
      expect.fail("100 games have not shown it");
    });
  }
});
