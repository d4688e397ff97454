// The life of services in DNS namespaces against a real engine: records, probes, and what changes in place.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { instance } from "../../provider/instance.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { unknown } from "../../provider/unknown.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { checked, engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

const none = { changed: [], replaces: [], deleteBeforeReplace: true };
const a = (ttl: number) => ({ type: "A", ttl });
const aaaa = (ttl: number) => ({ type: "AAAA", ttl });
const srv = (ttl: number) => ({ type: "SRV", ttl });
const records = (...dnsRecords: Props[]) => ({ dnsConfig: { dnsRecords } });

describe("Service in a DNS namespace", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let space: Resource;
  let inner: Resource;
  let count = 0;
  const fresh = (more: Props = {}): Props => ({
    name: `api-${++count}`,
    namespaceId: space.id,
    ...records(a(10)),
    ...more,
  });
  const there = async ({ id }: Resource) => (await bench.session.client.call("GetService", { Id: id })).Service;
  /** Changes it in place; what is there and what a refresh reads is what is wanted, and a second look finds no difference. */
  const follow = async (made: Resource, news: Props) => {
    const changed = await bench.change(service, made, news);
    expect(await bench.look(service, changed)).to.deep.equal(changed);
    expect(bench.plan(service, changed, news)).to.deep.equal(none);
    return changed;
  };

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
    space = await bench.make(publicDnsNamespace, { name: "shop.example.com" });
    inner = await bench.make(privateDnsNamespace, { name: "demo.internal", vpc: "vpc-1" });
  });
  after(() => engine.stop());

  it("makes one with all that is given, and reads it back as it was given", async () => {
    const news = fresh({
      dnsConfig: { routingPolicy: "WEIGHTED", dnsRecords: [aaaa(20), a(10)] },
      description: "The API",
      healthCheckConfig: { type: "HTTP", resourcePath: "/up", failureThreshold: 3 },
      tags: { team: "web" },
      forceDestroy: true,
    });
    const made = await bench.make(service, news);
    const { generation, ...props } = made.props;
    expect(generation).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(props).to.deep.equal({
      ...news,
      tagsAll: news.tags,
      type: "DNS_HTTP",
      account: engine.account,
      arn: `arn:aws:servicediscovery:us-east-1:${engine.account}:service/${made.id}`,
    });
    expect((await there(made))?.DnsConfig).to.deep.include({ RoutingPolicy: "WEIGHTED" });
    expect(await bench.look(service, made)).to.deep.equal(made);
    expect(bench.plan(service, made, news)).to.deep.equal(none);
  });

  it("says that one is gone when it or its namespace disappears, and deletes what is gone without a word", async () => {
    const short = await bench.make(publicDnsNamespace, { name: "short.example.com", forceDestroy: true });
    const made = await bench.make(service, fresh({ namespaceId: short.id }));
    await bench.remove(publicDnsNamespace, short);
    expect(await bench.look(service, made)).to.equal(undefined);
    await bench.remove(service, made);
  });

  it("changes TTLs in place, records in whatever order", async () => {
    const news = fresh(records(a(10), aaaa(20)));
    let made = await bench.make(service, news);
    made = await follow(made, { ...news, ...records(a(5), aaaa(6)) });
    made = await follow(made, { ...news, ...records(aaaa(8), a(7)) });
    const found = (await there(made))?.DnsConfig?.DnsRecords ?? [];
    expect(Object.fromEntries(found.map(({ Type, TTL }) => [Type, TTL]))).to.deep.equal({ A: 7, AAAA: 8 });
    expect(bench.plan(service, made, { ...news, ...records(a(7), aaaa(8)) })).to.deep.equal(none);
  });

  it("sets, changes and clears the description in place, and loses neither records nor probe by it", async () => {
    const news = fresh({ healthCheckConfig: { type: "TCP" } });
    let made = await bench.make(service, news);
    for (const description of ["first", "second", undefined]) {
      made = await follow(made, { ...news, ...(description && { description }) });
      expect(await there(made)).to.deep.include({ HealthCheckConfig: { Type: "TCP" } });
      expect((await there(made))?.Description).to.equal(description);
      expect((await there(made))?.DnsConfig?.DnsRecords).to.deep.equal([{ Type: "A", TTL: 10 }]);
    }
  });

  it("sets, changes and clears the probe in place, but for its type", async () => {
    const news = fresh({ description: "stays" });
    let made = await bench.make(service, news);
    const probes = [
      { type: "HTTP" },
      { type: "HTTP", resourcePath: "/up" },
      { type: "HTTP", resourcePath: "/up", failureThreshold: 5 },
      { type: "HTTP" },
      undefined,
    ];
    for (const healthCheckConfig of probes) {
      made = await follow(made, { ...news, ...(healthCheckConfig && { healthCheckConfig }) });
      expect((await there(made))?.HealthCheckConfig === undefined).to.equal(healthCheckConfig === undefined);
    }
    made = await follow(made, { ...news, healthCheckConfig: { type: "TCP" } });
    const plan = bench.plan(service, made, { ...news, healthCheckConfig: { type: "HTTPS" } });
    expect(plan).to.deep.include({ replaces: ["healthCheckConfig"], deleteBeforeReplace: true });
  });

  it("changes all at once by one operation", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const news = fresh();
    const made = await behind.make(service, news);
    proxy.counts.clear();
    const later = {
      ...news,
      ...records(a(99)),
      description: "all",
      healthCheckConfig: { type: "TCP" },
      tags: { x: "1" },
    };
    const changed = await behind.change(service, made, later);
    expect(Object.fromEntries(proxy.counts)).to.deep.equal({ UpdateService: 1, GetOperation: 1, TagResource: 1 });
    expect(await behind.look(service, changed)).to.deep.equal(changed);
  });

  it("plans what the API cannot change in place as a replacement, the old one first while it holds the name", async () => {
    const news = fresh({ healthCheckCustomConfig: {} });
    const made = await bench.make(service, news);
    const edits: readonly (readonly [Props, ...string[]])[] = [
      [records(aaaa(10)), "dnsConfig"],
      [records(a(10), aaaa(10)), "dnsConfig"],
      [{ dnsConfig: { routingPolicy: "WEIGHTED", dnsRecords: [a(10)] } }, "dnsConfig"],
      [{ dnsConfig: undefined, type: "HTTP" }, "type", "dnsConfig"],
      [{ healthCheckCustomConfig: undefined }, "healthCheckCustomConfig"],
    ];
    for (const [edit, ...replaces] of edits) {
      const plan = bench.plan(service, made, { ...news, ...edit });
      expect(plan).to.deep.equal({ changed: replaces, replaces, deleteBeforeReplace: true });
    }
    expect(bench.plan(service, made, { ...news, name: "other" }).deleteBeforeReplace).to.equal(false);
  });

  it("takes unknown TTLs for a change in place, and an unknown namespace for another one", async () => {
    const news = fresh();
    const made = await bench.make(service, news);
    const later = { ...news, dnsConfig: { dnsRecords: [{ type: "A", ttl: unknown }] } };
    expect(bench.plan(service, made, later)).to.deep.equal({ ...none, changed: ["dnsConfig"] });
    expect(bench.plan(service, made, { ...news, namespaceId: unknown }).replaces).to.deep.equal(["namespaceId"]);
  });

  it("shows what somebody else changed, in the words of the program, and puts it right", async () => {
    const dnsConfig = { namespaceId: space.id, dnsRecords: [aaaa(20), a(10)] };
    const news = fresh({ dnsConfig, description: "ours", healthCheckConfig: { type: "HTTP" } });
    const made = await bench.make(service, news);
    const Service = {
      Description: "theirs",
      DnsConfig: { DnsRecords: [{ Type: "A", TTL: 11 } as const, { Type: "AAAA", TTL: 20 } as const] },
      HealthCheckConfig: { Type: "HTTP", FailureThreshold: 2 } as const,
    };
    await bench.session.client.call("UpdateService", { Id: made.id, Service });
    const read = await bench.look(service, made);
    expect(read?.props).to.deep.equal({
      ...made.props,
      description: "theirs",
      dnsConfig: { namespaceId: space.id, dnsRecords: [aaaa(20), a(11)] },
      healthCheckConfig: { type: "HTTP", failureThreshold: 2 },
    });
    await follow(read ?? made, news);
  });

  it("sees a probe that somebody else took away", async () => {
    const news = fresh({ healthCheckConfig: { type: "TCP" } });
    const made = await bench.make(service, news);
    const Service = { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 10 } as const] } };
    await bench.session.client.call("UpdateService", { Id: made.id, Service });
    const read = await bench.look(service, made);
    expect(read?.props).not.to.have.property("healthCheckConfig");
    await follow(read ?? made, news);
  });

  it("is read by its id or its ARN alone, without what is only the default", async () => {
    const news = fresh({ description: "d", healthCheckConfig: { type: "HTTP" } });
    const made = await bench.make(service, news);
    for (const id of [made.id, String(made.props.arn)]) {
      expect(await bench.look(service, { id, props: {} })).to.deep.equal(made);
    }
  });

  it("can be for API calls only, and then changes its description in place as well", async () => {
    const { dnsConfig: _, ...news } = fresh({ namespaceId: inner.id, type: "HTTP", healthCheckCustomConfig: {} });
    let made = await bench.make(service, news);
    expect(made.props).to.include({ type: "HTTP", namespaceType: "DNS_PRIVATE" });
    for (const description of ["first", undefined]) {
      made = await follow(made, { ...news, ...(description && { description }) });
      expect((await there(made))?.Description).to.equal(description);
    }
  });

  it("tells an API-only service of a DNS namespace from one of an HTTP namespace once it was read", async () => {
    const flat = await bench.make(httpNamespace, { name: "flat" });
    for (const [namespaceId, replaces] of [
      [inner.id, []],
      [flat.id, ["description"]],
    ] as const) {
      const { dnsConfig: _, ...news } = fresh({ namespaceId, type: "HTTP" });
      const made = await bench.make(service, news);
      const { namespaceType: _type, ...before } = made.props;
      const plan = (resource: Resource) => bench.plan(service, resource, { ...news, description: "x" }).replaces;
      expect(plan({ id: made.id, props: before }), "by a state of an earlier version").to.deep.equal(["description"]);
      const read = await bench.look(service, { id: made.id, props: before });
      expect(read).to.deep.equal(made);
      expect(plan(read ?? made)).to.deep.equal(replaces);
    }
  });

  it("asks for a namespace's type once, and does without where it may not see it", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const flat = () => {
      const { dnsConfig: _, ...news } = fresh({ namespaceId: inner.id, type: "HTTP" });
      return news;
    };
    await Promise.all([1, 2, 3].map(() => behind.make(service, flat())));
    expect(proxy.counts.get("GetNamespace")).to.equal(1);
    const blind = await openWorkbench(proxy.url);
    proxy.answering = (operation) => (operation === "GetNamespace" ? refusal("AccessDeniedException") : undefined);
    expect((await blind.make(service, flat())).props).not.to.have.property("namespaceType");
  });

  it("takes over what an earlier run made, and brings its TTLs and probe to what is wanted by now", async () => {
    const news = fresh({ healthCheckConfig: { type: "TCP" } });
    const lost = await bench.make(service, news);
    const later = { ...news, ...records(a(60)), healthCheckConfig: undefined, description: "later" };
    const found = await bench.make(service, later);
    expect(found.id).to.equal(lost.id);
    expect(await bench.look(service, found)).to.deep.equal(found);
  });

  it("tells why an update failed, with the operation's own code", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const news = fresh();
    const made = await behind.make(service, news);
    proxy.rewriting = (operation, output) => {
      if (operation !== "GetOperation") return undefined;
      const { Operation } = output as { Operation: object };
      const failed = { Status: "FAIL", ErrorCode: "INVALID_CHANGE_BATCH", ErrorMessage: "no room" };
      return { body: { Operation: { ...Operation, ...failed } } };
    };
    const error = await failureOf(behind.change(service, made, { ...news, ...records(a(1)) }));
    expect(error.message).to.match(/UpdateService failed: INVALID_CHANGE_BATCH: no room \(operation /);
  });

  it("refuses at preview what its namespace does not allow, where the program hands the namespace over", () => {
    const told = (news: Props, namespaceType: string) =>
      service
        .check({ olds: {}, news, parent: { namespaceType }, defaultTags: {} })
        .failures.map(({ property, reason }) => `${property}: ${reason}`)
        .join();
    const bare = { name: "api", namespaceId: unknown };
    expect(told(bare, "DNS_PRIVATE")).to.match(/^dnsConfig: .*is required/);
    expect(told({ ...bare, type: "HTTP" }, "DNS_PRIVATE")).to.equal("");
    expect(told({ ...bare, ...records(a(1)), healthCheckConfig: { type: "TCP" } }, "DNS_PRIVATE")).to.match(
      /^healthCheckConfig: .*cannot probe instances in a private DNS namespace/,
    );
    expect(told({ ...bare, ...records(a(1)), healthCheckConfig: { type: "TCP" } }, "DNS_PUBLIC")).to.equal("");
    expect(told({ ...bare, ...records(a(1)) }, "HTTP")).to.match(/^dnsConfig: .*cannot be given/);
  });

  it("has instances whose attributes its records ask for", async () => {
    const made = await bench.make(service, fresh(records(srv(10))));
    const register = (attributes: Props) =>
      bench.make(instance, { serviceId: made.id, instanceId: `web-${++count}`, attributes });
    expect((await failureOf(register({ AWS_INSTANCE_IPV4: "192.0.2.1" }))).message).to.include("AWS_INSTANCE_PORT");
    const web = await register({ AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "8080" });
    expect(await bench.look(instance, web)).to.deep.equal(web);
    const check = (attributes: Props, parent: Props) =>
      instance.check({ olds: {}, news: { serviceId: made.id, instanceId: "a", attributes }, parent, defaultTags: {} })
        .failures;
    const parent = { namespaceType: "DNS_PUBLIC", ...checked(service, fresh(records(srv(10)))) };
    expect(check({ AWS_INSTANCE_IPV4: "192.0.2.1" }, parent).map(({ property }) => property)).to.deep.equal([
      "attributes.AWS_INSTANCE_PORT",
    ]);
  });
});
