// The kinds over three nodes behind a balancer, one of which hears late of the others: what was just made is what is read.
import { expect } from "chai";
import type { Store } from "../../engine/store/store.ts";
import { instance } from "../../provider/instance.ts";
import type { Kind, Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { balance } from "../nodes/balancer.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { wrap } from "../store/wrap.ts";
import { engineInTemp, openWorkbench } from "./workbench.ts";

/** Tells of each commit so much later. */
function slow(store: Store, milliseconds: number): Store {
  let told = Promise.resolve();
  return wrap(store, {
    watch: (revision, watcher) =>
      store.watch(revision, {
        ...watcher,
        commit: (commit) => {
          const due = new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
          told = told.then(() => due).then(() => watcher.commit(commit));
        },
      }),
  });
}

describe("resources over three nodes behind a balancer", () => {
  it("are read as they were made, changed and removed, whichever node is asked", async () => {
    const memory = new Memory();
    const launch = (lag: number) => engineInTemp({ store: slow(openMemory(memory), lag) });
    await using a = await launch(0);
    await using b = await launch(0);
    await using c = await launch(200);
    await using front = await balance([a, b, c].map(({ url }) => ({ port: Number(new URL(url).port) })));
    const bench = await openWorkbench(front.url);
    /** On each of the nodes. */
    const look = (kind: Kind, resource: Resource) =>
      Promise.all(["a", "b", "c"].map(async () => (await bench.look(kind, resource))?.props));
    const space = await bench.make(httpNamespace, { name: "n", description: "1" });
    const api = await bench.make(service, { name: "api", namespaceId: space.id, healthCheckCustomConfig: {} });
    const of = { serviceId: api.id, instanceId: "i" };
    const one = await bench.make(instance, { ...of, attributes: { v: "1" } });
    for (const v of ["2", "3"]) {
      await bench.change(httpNamespace, space, { name: "n", description: v });
      for (const found of await look(httpNamespace, space)) expect(found?.description).to.equal(v);
      await bench.change(instance, one, { ...of, attributes: { v } });
      for (const found of await look(instance, one)) expect(found?.attributes).to.deep.equal({ v });
    }
    for (const [kind, resource] of [
      [instance, one],
      [service, api],
      [httpNamespace, space],
    ] as const) {
      for (const found of await look(kind, resource)) expect(found).not.to.equal(undefined);
      await bench.remove(kind, resource);
      expect(await look(kind, resource)).to.deep.equal([undefined, undefined, undefined]);
    }
  });
});
