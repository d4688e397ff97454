// The same kinds against another implementation of the API: moto's server, where Python has it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import { instance } from "../../provider/instance.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

describe("the kinds against moto", () => {
  let moto: ChildProcess;
  let bench: Workbench;

  before(async function () {
    if (spawnSync("moto_server", ["--help"]).status !== 0) this.skip();
    this.timeout(60_000);
    const port = await freePort();
    moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    bench = await answered(`http://127.0.0.1:${port}/`);
  });
  after(() => moto?.kill());

  it("know its account", () => {
    expect(bench.session.account).to.equal("123456789012");
  });

  it("live from the first create to the last delete", async () => {
    const shop = await bench.make(httpNamespace, { name: "shop", description: "The shop", tags: { team: "web" } });
    expect(await bench.look(httpNamespace, shop)).to.deep.equal(shop);
    // moto 5.2 answers UpdateHttpNamespace with `operationId`, which is no member of its output
    const tagged = await bench.change(httpNamespace, shop, { name: "shop", description: "The shop", tags: { a: "1" } });
    expect(await bench.look(httpNamespace, tagged)).to.deep.equal(tagged);

    for (const healthCheckConfig of [{ type: "TCP" }, { type: "HTTP" }, { type: "HTTPS", resourcePath: "/up" }]) {
      const probed = await bench.make(service, { name: "probed", namespaceId: shop.id, healthCheckConfig });
      expect(await bench.look(service, probed)).to.deep.equal(probed);
      await bench.remove(service, probed);
    }
    const inputs = { name: "api", namespaceId: shop.id, healthCheckCustomConfig: {}, tags: { a: "1" } };
    const api = await bench.make(service, inputs);
    expect(await bench.look(service, api)).to.deep.equal(api);

    const news = { serviceId: api.id, instanceId: "web", attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" } };
    const web = await bench.make(instance, news);
    expect(await bench.look(instance, web)).to.deep.equal(web);
    // moto 5.2 keeps what was registered first beside what is registered again: no attributes are changed here

    await bench.remove(instance, web);
    expect(await bench.look(instance, web)).to.equal(undefined);
    await bench.remove(service, api);
    expect(await bench.look(service, api)).to.equal(undefined);
    await bench.remove(httpNamespace, tagged);
    expect(await bench.look(httpNamespace, tagged)).to.equal(undefined);
  });

  it("live in DNS namespaces as well", async () => {
    const properties = { dnsProperties: { soa: { ttl: 30 } } };
    const demo = await bench.make(privateDnsNamespace, { name: "demo.internal", vpc: "vpc-1", properties });
    expect(await bench.look(privateDnsNamespace, demo)).to.deep.equal(demo);
    const open = await bench.make(publicDnsNamespace, { name: "open.example.com", properties, tags: { a: "1" } });
    expect(await bench.look(publicDnsNamespace, open)).to.deep.equal(open);

    const dnsConfig = { dnsRecords: [{ type: "A", ttl: 10 }] };
    const inside = await bench.make(service, { name: "inside", namespaceId: demo.id, dnsConfig });
    expect(await bench.look(service, inside)).to.deep.equal(inside);
    const later = { name: "inside", namespaceId: demo.id, dnsConfig: { dnsRecords: [{ type: "A", ttl: 20 }] } };
    const changed = await bench.change(service, inside, { ...later, description: "in place" });
    expect(await bench.look(service, changed)).to.deep.equal(changed);

    await bench.remove(service, changed);
    await bench.remove(privateDnsNamespace, demo);
    await bench.remove(publicDnsNamespace, open);
    expect(await bench.look(privateDnsNamespace, demo)).to.equal(undefined);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Python takes its time to load; until it listens, the connection is refused. */
async function answered(endpoint: string): Promise<Workbench> {
  const deadline = performance.now() + 50_000;
  for (;;) {
    try {
      return await openWorkbench(endpoint, { maxRetries: 0 });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}
