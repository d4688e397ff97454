// Two nodes over one store, under conflicts and lag: the rules that span records hold on what is stored.
import { expect } from "chai";
import { CloudMapError } from "../../api/errors.ts";
import { operations } from "../../api/operations.ts";
import { rootOf } from "../../engine/auth/caller.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher } from "../../engine/dispatch.ts";
import { namespaceNameKey } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store } from "../../engine/store/store.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { node, randomOf, turn } from "./trial.ts";

const contexts = new Contexts({
  home: "123456789012",
  region: "us-east-1",
  now: Date.now,
  operationDelay: 0,
  healthWindow: 30_000,
  quotas: {},
});
const asking = { caller: rootOf("123456789012"), address: "127.0.0.1" };

interface Cluster {
  readonly memory: Memory;
  readonly nodes: readonly { readonly registry: Registry; readonly dispatcher: Dispatcher }[];
}

async function cluster(random: () => number, planted: (store: Store) => Store = (store) => store): Promise<Cluster> {
  const memory = new Memory();
  const open = async () => {
    const store = planted(openMemory(memory, { conflicts: 0.2, compactions: 0.1, lag: 4, random }));
    const registry = await node(store, new Registry());
    return { registry, dispatcher: new Dispatcher(registry, store, contexts) };
  };
  return { memory, nodes: [await open(), await open()] };
}

/** Random operations on few names from both nodes at once; answers which rules are broken. */
async function play(seed: number, planted?: (store: Store) => Store): Promise<string[]> {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // never empty
  const { memory, nodes } = await cluster(random, planted);
  const broken = new Set<string>();
  const ids = (registry: Registry, kind: "namespaces" | "services") => registry[kind].page("", 100).map(([id]) => id);

  const request = (registry: Registry): [name: string, input: object] => {
    const namespace = pick([...ids(registry, "namespaces"), "ns-none"]);
    const service = pick([...ids(registry, "services"), "srv-none"]);
    const instance = { ServiceId: service, InstanceId: pick(["a", "b"]) };
    return pick<[string, object]>([
      [
        "CreateHttpNamespace",
        { Name: pick(["one", "two"]), ...(random() < 0.5 && { CreatorRequestId: pick(["t", "u"]) }) },
      ],
      ["DeleteNamespace", { Id: namespace }],
      ["UpdateHttpNamespace", { Id: namespace, Namespace: { Description: pick(["x", "y"]) } }],
      ["CreateService", { NamespaceId: namespace, Name: pick(["s", "t"]), HealthCheckCustomConfig: {} }],
      ["CreateService", { NamespaceId: namespace, Name: pick(["s", "t"]), HealthCheckCustomConfig: {} }],
      ["DeleteService", { Id: service }],
      ["RegisterInstance", { ...instance, Attributes: {} }],
      ["RegisterInstance", { ...instance, Attributes: { AWS_INIT_HEALTH_STATUS: pick(["HEALTHY", "UNHEALTHY"]) } }],
      ["DeregisterInstance", instance],
      ["DeregisterInstance", instance],
      ["UpdateInstanceCustomHealthStatus", { ...instance, Status: pick(["HEALTHY", "UNHEALTHY"]) }],
    ]);
  };

  const worker = async ({ registry, dispatcher }: Cluster["nodes"][number]) => {
    for (let count = 0; count < 60; count += 1) {
      for (let wait = Math.floor(random() * 5); wait > 0; wait -= 1) await turn();
      const [name, input] = request(registry);
      try {
        await dispatcher.answer(name, input, asking);
      } catch (error) {
        const known: readonly string[] = operations[name as keyof typeof operations].errors;
        const expected = error instanceof CloudMapError && [...known, "ServiceUnavailable"].includes(error.code);
        if (!expected) broken.add(`${name} answers ${error}`);
      }
    }
  };
  await Promise.all(nodes.flatMap((each) => [worker(each), worker(each), worker(each)]));
  for (const each of nodes) while (each.registry.revision < memory.revision) await turn();

  for (const rule of brokenRules(memory)) broken.add(rule);
  const fresh = await node(openMemory(memory), new Registry());
  for (const { registry } of nodes) {
    for (const service of ids(fresh, "services")) {
      const [mine, stored] = [registry.services.get(service), fresh.services.get(service)];
      if (mine?.revision !== stored?.revision) broken.add("an InstancesRevision is not what a restart finds");
      if (mine?.instances.size !== stored?.instances.size)
        broken.add("a service's instances are not what a restart finds");
    }
    for (const kind of ["namespaces", "services"] as const) {
      if (ids(registry, kind).join() !== ids(fresh, kind).join()) broken.add(`${kind} are not what a restart finds`);
    }
  }
  return [...broken];
}

/** The rules that span records, looked up in the store itself. */
function brokenRules(memory: Memory): string[] {
  const broken: string[] = [];
  const rule = (holds: boolean, sentence: string) => holds || broken.push(sentence);
  const has = (key: string) => memory.entries.has(key);
  for (const { key, value } of memory.entries.values()) {
    const record = JSON.parse(value);
    const [noun, id, ...rest] = key.split("/");
    if (noun === "namespace") {
      rule(
        memory.entries.get(namespaceNameKey("HTTP", record.Name, { scope: "" }))?.value === `{"Id":"${id}"}`,
        "a namespace does not have its name",
      );
      rule(
        memory.entries.get(`http-name/${record.HttpName}`)?.value === `{"Id":"${id}"}`,
        "a namespace is not found by its HTTP name",
      );
    }
    if (noun === "name" || noun === "http-name")
      rule(has(`namespace/${record.Id}`), "a name is of a namespace that is gone");
    if (noun === "service") {
      rule(has(`namespace/${record.NamespaceId}`), "a service is in a namespace that is gone");
      rule(has(`member/${record.NamespaceId}/${id}`), "a service is not a member of its namespace");
    }
    if (noun === "member") rule(has(`service/${rest.join("/")}`), "a member is a service that is gone");
    if (noun === "instance") rule(has(`service/${id}`), "an instance is in a service that is gone");
    if (noun === "health") rule(has(`instance/${id}/${rest.join("/")}`), "a health is of an instance that is gone");
    if (noun === "revision") rule(has(`service/${id}`), "a revision is of a service that is gone");
    if (noun === "busy") rule(false, "something is still busy");
  }
  return [...new Set(broken)];
}

const seeds = Array.from({ length: 15 }, (_, index) => index + 1);

describe("two nodes", () => {
  it("keep the rules that span records, and agree with what a restart finds", async () => {
    for (const seed of seeds) expect(await play(seed), `seed ${seed}`).to.deep.equal([]);
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
    expect(brokenRules(memory)).to.deep.equal([]);
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
        if ((await play(seed, planted)).some((each) => each.includes(sign))) return;
      }
      expect.fail("100 games have not shown it");
    });
  }
});
