// The life of DNS namespaces against a real engine: what sets them apart from HTTP namespaces, whose life is tested beside.
import { expect } from "chai";
import { defaultSoaTtl } from "../../api/namespace.ts";
import type { Props } from "../../provider/casing.ts";
import { startDeadline } from "../../provider/deadline.ts";
import { PartialFailure } from "../../provider/failure.ts";
import { instance } from "../../provider/instance.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { allowing } from "../local/until.ts";
import { TestProxy } from "./proxy.ts";
import { checked, engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

const none = { changed: [], replaces: [], deleteBeforeReplace: true };
const zone = (ttl: number) => ({ dnsProperties: { soa: { ttl } } });

const kinds = [
  { kind: privateDnsNamespace, type: "DNS_PRIVATE", own: { vpc: "vpc-1" } },
  { kind: publicDnsNamespace, type: "DNS_PUBLIC", own: {} },
] as const;

for (const { kind, type, own } of kinds) {
  describe(`The ${kind.title}`, () => {
    let engine: TestEngine;
    let bench: Workbench;
    let count = 0;
    const fresh = (more: Props = {}): Props => ({ name: `shop-${++count}.example.com`, ...own, ...more });
    const there = async (id: string) => (await bench.session.client.call("GetNamespace", { Id: id })).Namespace;
    const soaOf = async (id: string) => (await there(id))?.Properties?.DnsProperties?.SOA?.TTL;

    before(async () => {
      engine = await engineInTemp();
      bench = await openWorkbench(engine.url);
    });
    after(() => engine.stop());

    it("makes one with all that is given, and reads it back as it was given", async () => {
      const news = fresh({ description: "The shop", tags: { a: "1" }, forceDestroy: true, properties: zone(30) });
      const made = await bench.make(kind, news);
      const { generation, hostedZone, ...props } = made.props;
      expect(generation).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
      expect(hostedZone).to.match(/^Z[A-Z0-9]+$/);
      expect(props).to.deep.equal({
        ...news,
        tagsAll: news.tags,
        account: engine.account,
        arn: `arn:aws:servicediscovery:us-east-1:${engine.account}:namespace/${made.id}`,
      });
      expect((await there(made.id))?.Type).to.equal(type);
      expect(await soaOf(made.id)).to.equal(30);
      expect(await bench.look(kind, made)).to.deep.equal(made);
      expect(bench.plan(kind, made, news)).to.deep.equal(none);
    });

    it("says that one is gone when it disappears, and deletes what is gone without a word", async () => {
      const made = await bench.make(kind, fresh());
      await bench.remove(kind, made);
      expect(await bench.look(kind, made)).to.equal(undefined);
      await bench.remove(kind, made);
    });

    it("sets, changes and clears the SOA's TTL in place, back to the service's own", async () => {
      const news = fresh();
      let made = await bench.make(kind, news);
      expect(await soaOf(made.id)).to.equal(defaultSoaTtl[type]);
      for (const ttl of [5, 0, 600, undefined]) {
        made = await bench.change(kind, made, { ...news, ...(ttl !== undefined && { properties: zone(ttl) }) });
        expect(await soaOf(made.id)).to.equal(ttl ?? defaultSoaTtl[type]);
        expect(await bench.look(kind, made)).to.deep.equal(made);
      }
    });

    it("has no difference with the TTL that the service gives, however it is written", async () => {
      const news = fresh();
      const made = await bench.make(kind, news);
      expect(bench.plan(kind, made, { ...news, properties: zone(defaultSoaTtl[type]) })).to.deep.equal(none);
      expect(bench.plan(kind, made, { ...news, properties: zone(99) }).changed).to.deep.equal(["properties"]);
    });

    it("sets, changes and clears the description in place, and leaves the TTL as it is", async () => {
      const news = fresh({ properties: zone(7) });
      let made = await bench.make(kind, news);
      for (const description of ["first", "second", undefined]) {
        made = await bench.change(kind, made, { ...news, ...(description && { description }) });
        expect((await there(made.id))?.Description).to.equal(description);
        expect(await soaOf(made.id)).to.equal(7);
        expect(await bench.look(kind, made)).to.deep.equal(made);
      }
    });

    it("changes description and TTL by one operation, and tags beside", async () => {
      await using proxy = await TestProxy.start(engine.url);
      const behind = await openWorkbench(proxy.url);
      const news = fresh();
      const made = await behind.make(kind, news);
      proxy.counts.clear();
      const later = { ...news, description: "both", properties: zone(3), tags: { a: "1" } };
      const changed = await behind.change(kind, made, later);
      const update = type === "DNS_PRIVATE" ? "UpdatePrivateDnsNamespace" : "UpdatePublicDnsNamespace";
      expect(Object.fromEntries(proxy.counts)).to.deep.equal({ [update]: 1, GetOperation: 1, TagResource: 1 });
      expect(await behind.look(kind, changed)).to.deep.equal(changed);
    });

    it("sets, changes and clears tags in place", async () => {
      const news = fresh();
      let made = await bench.make(kind, news);
      for (const tags of [{ a: "1", b: "2" }, { b: "3" }, {}]) {
        made = await bench.change(kind, made, { ...news, tags });
        expect(await bench.look(kind, made)).to.deep.equal(made);
      }
    });

    it("is replaced under another name, side by side with the old one", async () => {
      const made = await bench.make(kind, fresh());
      expect(bench.plan(kind, made, fresh())).to.deep.equal({
        ...{ changed: ["name"], replaces: ["name"], deleteBeforeReplace: false },
      });
    });

    it("shows what somebody else changed, and nothing else", async () => {
      const made = await bench.make(kind, fresh({ description: "ours" }));
      const update = type === "DNS_PRIVATE" ? "UpdatePrivateDnsNamespace" : "UpdatePublicDnsNamespace";
      const Namespace = { Description: "theirs", Properties: { DnsProperties: { SOA: { TTL: 77 } } } };
      await bench.session.client.call(update, { Id: made.id, Namespace });
      const read = await bench.look(kind, made);
      expect(read?.props).to.deep.equal({ ...made.props, description: "theirs", properties: zone(77) });
    });

    it("is read by its id or its ARN alone", async () => {
      const made = await bench.make(kind, fresh({ properties: zone(30), tags: { a: "1" } }));
      expect(await bench.look(kind, { id: made.id, props: {} })).to.deep.equal(made);
      expect(await bench.look(kind, { id: String(made.props.arn), props: {} })).to.deep.equal(made);
      const other = kinds.find((each) => each.kind !== kind)?.kind ?? httpNamespace;
      expect((await failureOf(bench.look(other, { id: made.id, props: {} }))).message).to.include(`of type ${type}`);
    });

    it("drains its services with forceDestroy, all at once", async () => {
      const made = await bench.make(kind, fresh({ forceDestroy: true }));
      const names = ["a", "b", "c", "d", "e", "f"];
      for (const name of names) {
        const { id } = await bench.make(service, { name, namespaceId: made.id, type: "HTTP" });
        for (const instance of ["1", "2"]) {
          const input = { ServiceId: id, InstanceId: `${name}-${instance}`, Attributes: {} };
          await bench.session.client.call("RegisterInstance", input);
        }
      }
      await bench.remove(kind, made);
      expect(await bench.look(kind, made)).to.equal(undefined);
      const told = bench.said.join("\n");
      expect(told).to.match(/the services \w \(srv-.* and 1 more\./);
      for (const name of names) expect(told).to.include(`${name}-1, ${name}-2`);
    });

    it("takes over what an earlier run made and did not record, and brings it to what is wanted by now", async () => {
      const news = fresh({ properties: zone(30), tags: { old: "1" } });
      const lost = await bench.make(kind, news);
      const found = await bench.make(kind, { ...news, properties: zone(40), description: "later", tags: {} });
      expect(found.id).to.equal(lost.id);
      expect(await bench.look(kind, found)).to.deep.equal(found);
      expect(await soaOf(found.id)).to.equal(40);
      expect(bench.said.at(-1)).to.include("is taken over");
    });

    it("refuses a name that somebody else's namespace has, and says how to take it over", async () => {
      const news = fresh();
      const theirs = await bench.make(kind, news, { owner: "somebody" });
      const error = await failureOf(bench.make(kind, news));
      expect(error.message)
        .to.include(`a ${kind.title} named ${news.name} exists already: ${theirs.id}`)
        .and.include(`pulumi config set cloudmap:adopt ${theirs.id}`);
      const willing = await openWorkbench(engine.url, {}, { adopt: new Set([theirs.id]) });
      const adopted = await willing.make(kind, { ...news, description: "ours now" });
      expect(adopted.id).to.equal(theirs.id);
      expect(await willing.look(kind, adopted)).to.deep.equal(adopted);
    });

    it("is recorded as half-made when time is up and it is there", async () => {
      await using proxy = await TestProxy.start(engine.url);
      const behind = await openWorkbench(proxy.url);
      proxy.rewriting = (operation, output) => {
        const { Operation } = output as { Operation: object };
        return operation === "GetOperation" ? { body: { Operation: { ...Operation, Status: "PENDING" } } } : undefined;
      };
      const news = fresh({ properties: zone(9) });
      const error = await failureOf(behind.make(kind, news, { deadline: startDeadline(allowing(900)) }));
      expect(error).to.be.instanceOf(PartialFailure);
      const { id, properties } = error as PartialFailure;
      proxy.rewriting = () => undefined;
      expect(await behind.look(kind, { id, props: properties })).to.deep.equal({ id, props: properties });
    });
  });
}

describe("The private DNS namespace's VPC", () => {
  let engine: TestEngine;
  let bench: Workbench;
  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
  });
  after(() => engine.stop());

  it("can have one of each name, so that another VPC is another namespace beside it", async () => {
    const news = { name: "same.internal", vpc: "vpc-1" };
    const first = await bench.make(privateDnsNamespace, news);
    const plan = bench.plan(privateDnsNamespace, first, { ...news, vpc: "vpc-2" });
    expect(plan).to.deep.equal({ changed: ["vpc"], replaces: ["vpc"], deleteBeforeReplace: false });
    const second = await bench.make(privateDnsNamespace, { ...news, vpc: "vpc-2" });
    expect(second.id).not.to.equal(first.id);
  });

  it("tells what a crash left behind from what is being replaced, though name and owner are the same", async () => {
    const news = { name: "moving.internal", vpc: "vpc-1" };
    const replaced = await bench.make(privateDnsNamespace, news);
    const lost = await bench.make(privateDnsNamespace, { ...news, vpc: "vpc-2" });
    const found = await bench.make(privateDnsNamespace, { ...news, vpc: "vpc-2" });
    expect(found).to.deep.equal(lost);
    expect((await bench.make(privateDnsNamespace, news)).id).to.equal(replaced.id);

    await bench.make(privateDnsNamespace, { ...news, vpc: "vpc-3" }, { owner: "somebody" });
    const error = await failureOf(bench.make(privateDnsNamespace, { ...news, vpc: "vpc-3" }));
    expect(error.message).to.include("ConflictingDomainExists").and.not.include(replaced.id).and.not.include(lost.id);
  });

  it("is kept in the state, for the API does not tell it, and read from the id of an import", async () => {
    const made = await bench.make(privateDnsNamespace, { name: "kept.internal", vpc: "vpc-7" });
    expect((await bench.look(privateDnsNamespace, made))?.props.vpc).to.equal("vpc-7");
    const imported = await bench.look(privateDnsNamespace, { id: `${made.id}:vpc-7`, props: {} });
    expect(imported).to.deep.equal(made);
  });

  it("tells what an operation failed for, with what has the name", async () => {
    const news = { name: "taken.internal", vpc: "vpc-1" };
    const theirs = await bench.make(privateDnsNamespace, news, { owner: "somebody" });
    const error = await failureOf(bench.make(privateDnsNamespace, news));
    expect(error.message)
      .to.include("CreatePrivateDnsNamespace failed: CANNOT_CREATE_HOSTED_ZONE: ConflictingDomainExists")
      .and.include(`exists already: ${theirs.id}`);
  });
});

describe("What a DNS namespace holds", () => {
  it("goes instances first, the namespace last, whoever is asked first", async () => {
    await using engine = await engineInTemp();
    const bench = await openWorkbench(engine.url);
    const home = await bench.make(publicDnsNamespace, { name: "ordered.example.com" });
    const dnsConfig = { dnsRecords: [{ type: "A", ttl: 10 }] };
    const made = await bench.make(service, { name: "api", namespaceId: home.id, dnsConfig });
    const attributes = { AWS_INSTANCE_IPV4: "192.0.2.1" };
    const web = await bench.make(instance, { serviceId: made.id, instanceId: "web", attributes });
    const removals = [bench.remove(publicDnsNamespace, home), bench.remove(service, made)];
    await bench.remove(instance, web);
    await Promise.all(removals);
    expect(await bench.look(publicDnsNamespace, home)).to.equal(undefined);
    expect(bench.said.join("\n")).to.match(/still has services: api|is still in use/); // it may go before it is listed
  });
});

describe("The names of DNS namespaces", () => {
  it("are the resource's own, without a suffix, and refused where DNS cannot carry them", () => {
    expect(checked(privateDnsNamespace, { vpc: "vpc-1" }, { autoName: "demo.internal" }).name).to.equal(
      "demo.internal",
    );
    const { failures } = publicDnsNamespace.check({ olds: {}, news: {}, autoName: "shop", defaultTags: {} });
    expect(failures.map(({ reason }) => reason).join()).to.include("two labels or more");
  });
});
