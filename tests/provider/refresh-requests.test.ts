// How many requests a refresh makes: a list for each hundred, and one for what no list answers.
import { expect } from "chai";
import { instance } from "../../provider/instance.ts";
import type { Kind, Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { startProxy } from "./proxy.ts";
import { engineInTemp, openWorkbench } from "./workbench.ts";

const services = 7;
const instances = 15;

describe("The requests of a refresh", () => {
  it("are one list of instances for each service, one of services for a namespace, and the tags of each", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const shop = await bench.make(httpNamespace, { name: "shop", tags: { a: "1" } });
    const made: [Kind, Resource][] = [[httpNamespace, shop]];
    for (let index = 0; index < services; index++) {
      const home = await bench.make(service, { name: `s-${index}`, namespaceId: shop.id, healthCheckCustomConfig: {} });
      made.push([service, home]);
      const attributes = { AWS_INSTANCE_IPV4: "192.0.2.1" };
      const ids = Array.from({ length: instances }, (_, each) => `i-${each}`);
      const news = ids.map((instanceId) => ({ serviceId: home.id, instanceId, attributes }));
      for (const each of await Promise.all(news.map((one) => bench.make(instance, one)))) made.push([instance, each]);
    }
    await using proxy = await startProxy(engine.url);
    const refresh = await openWorkbench(proxy.url);
    const found = await Promise.all(made.map(([kind, each]) => refresh.look(kind, each)));
    expect(found).to.deep.equal(made.map(([, each]) => each));
    expect(Object.fromEntries(proxy.counts)).to.deep.equal({
      GetCallerIdentity: 1,
      GetNamespace: 1,
      GetService: 1, // the first of a namespace: who asks for a second one will ask for more
      ListServices: 1,
      ListInstances: services,
      ListTagsForResource: services + 1,
    });
  });

  it("believe no list that a service is gone, and ask for it", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const shop = await bench.make(httpNamespace, { name: "shop" });
    const make = (name: string) => bench.make(service, { name, namespaceId: shop.id });
    const [a, b, c] = [await make("a"), await make("b"), await make("c")];
    await using proxy = await startProxy(engine.url);
    proxy.rewriting = (operation) => (operation === "ListServices" ? { body: { Services: [] } } : undefined);
    const refresh = await openWorkbench(proxy.url);
    expect(await refresh.look(service, a)).to.deep.equal(a);
    expect(await refresh.look(service, b)).to.deep.equal(b);
    await bench.remove(service, c);
    expect(await refresh.look(service, c)).to.equal(undefined);
    expect(proxy.counts.get("GetService")).to.equal(3);
  });

  it("trust no list of services about one that this process changes", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const shop = await bench.make(httpNamespace, { name: "shop" });
    const news = { namespaceId: shop.id, name: "a", attributes: { a: "1" }, tags: { a: "1" } };
    const [first, second] = [await bench.make(service, { ...news, name: "first" }), await bench.make(service, news)];
    for (const each of [first, second]) await bench.look(service, each);
    const later = await bench.change(service, second, { ...news, attributes: { a: "2" }, tags: { a: "2" } });
    expect(await bench.look(service, later)).to.deep.equal(later);
    await bench.remove(service, later);
    expect(await bench.look(service, later)).to.equal(undefined);
    expect(await bench.look(service, await bench.make(service, news))).to.not.equal(undefined);
  });
});
