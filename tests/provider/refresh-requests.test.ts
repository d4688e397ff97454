// How many requests a refresh makes: a list for each hundred, and one for what no list answers.
import { expect } from "chai";
import { instance } from "../../provider/instance.ts";
import type { Kind, Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { TestProxy } from "./proxy.ts";
import { engineInTemp, openWorkbench } from "./workbench.ts";

const services = 7;
const instances = 15;

describe("The requests of a refresh", () => {
  it("are a list of instances for each service, one of services, and the tags of each where they are not told with it", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const shop = await bench.make(httpNamespace, { name: "shop", tags: { a: "1" } });
    const made: [Kind, Resource][] = [[httpNamespace, shop]];
    for (let index = 0; index < services; index++) {
      const tags = index % 2 === 0 ? { index: String(index) } : undefined;
      const news = { name: `s-${index}`, namespaceId: shop.id, healthCheckCustomConfig: {}, ...(tags && { tags }) };
      const home = await bench.make(service, news);
      made.push([service, home]);
      const attributes = { AWS_INSTANCE_IPV4: "192.0.2.1" };
      const ids = Array.from({ length: instances }, (_, each) => `i-${each}`);
      const each = ids.map((instanceId) => bench.make(instance, { serviceId: home.id, instanceId, attributes }));
      for (const one of await Promise.all(each)) made.push([instance, one]);
    }
    await using proxy = await TestProxy.start(engine.url);
    const requests = async () => {
      proxy.counts.clear();
      const refresh = await openWorkbench(proxy.url);
      const found = await Promise.all(made.map(([kind, each]) => refresh.look(kind, each)));
      expect(found).to.deep.equal(made.map(([, each]) => each));
      return Object.fromEntries(proxy.counts);
    };
    const lists = {
      GetCallerIdentity: 1,
      GetNamespace: 1,
      GetService: 1, // the first of a namespace: who asks for a second one will ask for more
      ListServices: 1,
      ListInstances: services,
    };
    expect(await requests()).to.deep.equal({ ...lists, ListTagsForResource: services + 1 });
    proxy.asAws = false;
    expect(await requests()).to.deep.equal(lists);
  });

  it("believe no list that a service is gone, and ask for it", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const shop = await bench.make(httpNamespace, { name: "shop" });
    const make = (name: string) => bench.make(service, { name, namespaceId: shop.id });
    const [a, b, c] = [await make("a"), await make("b"), await make("c")];
    await using proxy = await TestProxy.start(engine.url);
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
