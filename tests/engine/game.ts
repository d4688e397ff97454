/** A game of two nodes over one store: random operations on few names, and which of the rules that span records are broken. */
import { CloudMapError } from "../../api/errors.ts";
import { operations } from "../../api/operations.ts";
import { rootOf } from "../../engine/auth/caller.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher } from "../../engine/dispatch.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store } from "../../engine/store/store.ts";
import { contentsOf } from "../store/place.ts";
import { brokenRules } from "./rules.ts";
import { node, randomOf, turn } from "./trial.ts";

export const contexts = new Contexts({
  home: "123456789012",
  region: "us-east-1",
  now: Date.now,
  operationDelay: 0,
  healthWindow: 30_000,
  quotas: {},
});
export const asking = { caller: rootOf("123456789012"), address: "127.0.0.1" };

/** A new place for a registry, of which each node opens a store of its own. */
export type NewPlace = (random: () => number) => Promise<() => Promise<Store>>;

function ids(registry: Registry, kind: "namespaces" | "services"): string[] {
  return registry[kind].page("", 100).map(([id]) => id);
}

function requestTo(registry: Registry, random: () => number): [name: string, input: object] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // never empty
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
}

/** Plays from both nodes at once; answers which rules are broken. */
export async function play(seed: number, newPlace: NewPlace): Promise<string[]> {
  const random = randomOf(seed);
  const open = await newPlace(random);
  const join = async () => {
    const store = await open();
    const registry = await node(store, new Registry());
    return { store, registry, dispatcher: new Dispatcher(registry, store, contexts) };
  };
  const nodes = [await join(), await join()];
  const broken = new Set<string>();

  const worker = async ({ registry, dispatcher }: (typeof nodes)[number]) => {
    for (let count = 0; count < 60; count += 1) {
      for (let wait = Math.floor(random() * 5); wait > 0; wait -= 1) await turn();
      const [name, input] = requestTo(registry, random);
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
  const last = await open();
  const newest = await last.head();
  for (const each of nodes) while (each.registry.revision < newest) await turn();

  for (const rule of await brokenIn(last)) broken.add(rule);
  const fresh = await node(last, new Registry());
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
  for (const store of [last, ...nodes.map((each) => each.store)]) await store.close();
  return [...broken];
}

/** The rules that are broken in a store. */
export async function brokenIn(store: Store): Promise<string[]> {
  const { entries } = await contentsOf(await store.load());
  return brokenRules(new Map(entries.map(({ key, value }) => [key, value])));
}
