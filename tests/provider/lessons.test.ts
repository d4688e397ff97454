// What has hurt users of other Cloud Map providers, as far as no other test is named after it: each guards one of their issues.
import { expect } from "chai";
import { startDeadline } from "../../provider/deadline.ts";
import { hosted } from "../../provider/dynamic/host.ts";
import { instanceIdOf } from "../../provider/ids.ts";
import { programInputs } from "../../provider/inputs.ts";
import { instance } from "../../provider/instance.ts";
import type { Kind, Resource } from "../../provider/kind.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import {
  checked,
  engineInTemp,
  failureOf,
  openWorkbench,
  owner,
  type TestEngine,
  type Workbench,
} from "./workbench.ts";

describe("Lessons of other providers", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let shop: Resource;
  before(async () => {
    engine = await engineInTemp({ operationDelay: 150 });
    bench = await openWorkbench(engine.url);
    shop = await bench.make(httpNamespace, { name: "shop" });
  });
  after(() => engine.stop());

  it("an empty custom health check has no warning, and none that would silence it (terraform-provider-aws#44285)", () => {
    const news = { name: "api", namespaceId: shop.id, healthCheckCustomConfig: {} };
    const { failures, warnings } = service.check({ olds: {}, news, defaultTags: {} });
    expect({ failures, warnings }).to.deep.equal({ failures: [], warnings: [] });
  });

  it("an ARN is as good as an id wherever something is named, and stays what the program wrote (#48378)", async () => {
    const home = await bench.make(service, { name: "by-arn", namespaceId: shop.props.arn });
    expect(home.props.namespaceId).to.equal(shop.props.arn);
    expect(await bench.look(service, home)).to.deep.equal(home);
    const news = { serviceId: home.props.arn, instanceId: "web", attributes: { zone: "a" } };
    const web = await bench.make(instance, news);
    expect(web.id).to.equal(instanceIdOf(home.id, "web"));
    expect(await bench.look(instance, web)).to.deep.equal(web);
    expect(bench.plan(instance, web, { ...news, serviceId: home.id }).changed).to.deep.equal([]);
    await bench.remove(instance, web);
    await bench.remove(service, home);
  });

  it("a recreated service of the same id shows in its generation (#46930)", async () => {
    const news = { name: "again", namespaceId: shop.id };
    const first = await bench.make(service, news);
    await bench.remove(service, first);
    const second = await bench.make(service, news);
    expect(second.id).to.equal(first.id);
    expect(second.props.generation).not.to.equal(first.props.generation);
  });

  it("changed default tags are a change of tagsAll alone, are made, and are no drift then (pulumi-aws#5522, #5740)", async () => {
    const kinds: [Kind, object][] = [
      [httpNamespace, { name: "tagged" }],
      [privateDnsNamespace, { name: "tagged.internal", vpc: "vpc-1" }],
      [publicDnsNamespace, { name: "tagged.example.com" }],
      [service, { name: "tagged", namespaceId: shop.id }],
    ];
    for (const [kind, own] of kinds) {
      for (const tags of [undefined, {}, { team: "web" }]) {
        const news = { ...own, ...(tags && { tags }) };
        const inputs = (defaultTags: Record<string, string>) => checked(kind, news, { defaultTags });
        const before = { stage: "dev", team: "ops" };
        const made = await bench.make(kind, news, { inputs: inputs(before) });
        const read = (props: Resource, defaultTags: Record<string, string>) =>
          kind.read({ id: made.id, props: props.props, defaultTags }, bench.session);
        expect(await read(made, before)).to.deep.equal(made);
        expect(kind.diff(made.props, inputs({ team: "ops", stage: "dev" })).changed).to.deep.equal([]);
        const after = { stage: "prod" };
        expect(kind.diff(made.props, inputs(after))).to.deep.include({ changed: ["tagsAll"], replaces: [] });
        const request = {
          id: made.id,
          olds: made.props,
          inputs: inputs(after),
          owner,
          deadline: startDeadline(10_000),
        };
        const later = { id: made.id, props: await kind.update(request, bench.session) };
        expect(later.props.tagsAll).to.deep.equal({ stage: "prod", ...tags });
        expect(await read(later, after)).to.deep.equal(later);
        await bench.remove(kind, later);
      }
    }
  });

  it("a delete whose operation was lost is done by the next one (crossplane provider-aws#944)", async () => {
    const made = await bench.make(httpNamespace, { name: "leaving" });
    const error = await failureOf(httpNamespace.delete({ ...made, deadline: startDeadline(60) }, bench.session)); // less than the operation takes
    expect(error.message).to.match(/DeleteNamespace/);
    const next = await openWorkbench(engine.url);
    await next.remove(httpNamespace, made);
    expect(await next.look(httpNamespace, made)).to.equal(undefined);
    expect(await next.look(httpNamespace, shop)).to.deep.equal(shop);
  });

  it("one time-out is as long as the program says, for an instance as for a namespace (its five minutes were fixed)", async () => {
    const inputs = checked(privateDnsNamespace, { name: "slow.internal", vpc: "vpc-1" });
    const error = await failureOf(bench.make(privateDnsNamespace, {}, { inputs, owner, deadline: startDeadline(60) }));
    expect(error.message).to.match(/allowed were 60 ms/);
  });

  it("an update answers every output, so that none vanishes on the dynamic host (pulumi#13983)", async () => {
    const made = await bench.make(service, { name: "whole", namespaceId: shop.id, tags: { a: "1" } });
    const later = await bench.change(service, made, { name: "whole", namespaceId: shop.id, tags: { a: "2" } });
    expect(Object.keys(later.props).sort()).to.deep.equal(Object.keys(made.props).sort());
  });

  it("the type of an API-only service stays an input after a refresh and an import where it has to be one (#46026)", async () => {
    const dns = await bench.make(privateDnsNamespace, { name: "typed.internal", vpc: "vpc-1" });
    const dnsConfig = { dnsRecords: [{ type: "A", ttl: 10 }] };
    const kept = { name: "api-only", namespaceId: dns.id, type: "HTTP" };
    const computed = [
      { name: "with-dns", namespaceId: dns.id, dnsConfig },
      { name: "flat", namespaceId: shop.id },
    ];
    for (const news of [kept, ...computed]) {
      const made = await bench.make(service, news);
      for (const props of [made.props, {}]) {
        const read = await bench.look(service, { id: made.id, props });
        expect(programInputs(read?.props ?? {}, service)).to.deep.equal(news);
      }
    }
  });

  it("nothing of a registry's credentials is a property of a resource (pulumi#3012)", async () => {
    const { inputs } = await hosted("HttpNamespace").check({}, { name: "x", accessKey: "a", secretKey: "b" });
    expect(inputs).not.to.have.property("__own");
    const { failures = [] } = await hosted("HttpNamespace").check({}, { name: "x", accessKey: "a", secretKey: "b" });
    expect(failures.map(({ property }) => property)).to.have.members(["accessKey", "secretKey"]);
  });
});
