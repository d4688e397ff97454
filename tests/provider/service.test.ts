// The life of services against a real engine.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { PartialFailure } from "../../provider/failure.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { unknown } from "../../provider/unknown.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { checked, engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

const none = { changed: [], replaces: [], deleteBeforeReplace: true };

describe("Service", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let namespace: Resource;
  let count = 0;
  const fresh = (more: Props = {}): Props => ({ name: `api-${++count}`, namespaceId: namespace.id, ...more });
  const register = (id: string, instanceId: string) => {
    const input = { ServiceId: id, InstanceId: instanceId, Attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" } };
    return bench.session.client.call("RegisterInstance", input);
  };

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
    namespace = await bench.make(httpNamespace, { name: "shop" });
  });
  after(() => engine.stop());

  it("makes one with all that is given, and reads it back as it was given", async () => {
    const news = fresh({
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
      type: "HTTP",
      namespaceType: "HTTP",
      account: engine.account,
      arn: `arn:aws:servicediscovery:us-east-1:${engine.account}:service/${made.id}`,
    });
    expect(await bench.look(service, made)).to.deep.equal(made);
    expect(bench.plan(service, made, news)).to.deep.equal(none);
  });

  it("says that one is gone when it or its namespace disappears, and deletes what is gone without a word", async () => {
    const space = await bench.make(httpNamespace, { name: "short-lived", forceDestroy: true });
    const made = await bench.make(service, { name: "api", namespaceId: space.id });
    await bench.remove(httpNamespace, space);
    expect(await bench.look(service, made)).to.equal(undefined);
    await bench.remove(service, made);
  });

  it("has no difference with an empty custom health check, whatever the service makes of its threshold", async () => {
    for (const healthCheckCustomConfig of [{}, { failureThreshold: 1 }, { failureThreshold: 5 }]) {
      const news = fresh({ healthCheckCustomConfig });
      const made = await bench.make(service, news);
      expect(await bench.look(service, made)).to.deep.equal(made);
      expect(bench.plan(service, made, news)).to.deep.equal(none);
      expect(bench.plan(service, made, { ...news, healthCheckCustomConfig: {} })).to.deep.equal(none);
      const { healthCheckCustomConfig: _, ...without } = news as Props;
      expect(bench.plan(service, made, without).replaces).to.deep.equal(["healthCheckCustomConfig"]);
    }
  });

  it("has no difference with a health check that leaves the defaults out", async () => {
    const news = fresh({ healthCheckConfig: { type: "HTTP" } });
    const made = await bench.make(service, news);
    expect(await bench.look(service, made)).to.deep.equal(made);
    const explicit = { ...news, healthCheckConfig: { type: "HTTP", resourcePath: "/", failureThreshold: 1 } };
    expect(bench.plan(service, made, explicit)).to.deep.equal(none);
    const removed = { ...made, props: { ...made.props, healthCheckConfig: { type: "HTTP", failureThreshold: 3 } } };
    expect(bench.plan(service, removed, news).changed).to.deep.equal(["healthCheckConfig"]);
  });

  it("plans what the API cannot change in place as a replacement, the old one first while it holds the name", async () => {
    const news = fresh({ description: "before", healthCheckConfig: { type: "TCP" } });
    const made = await bench.make(service, news);
    const edits = [
      { description: "after" },
      { description: undefined },
      { healthCheckConfig: { type: "HTTP" } },
      { healthCheckConfig: undefined, healthCheckCustomConfig: {} },
    ];
    for (const edit of edits) {
      const plan = bench.plan(service, made, { ...news, ...edit });
      expect(plan.replaces).to.deep.equal(Object.keys(edit));
      expect(plan.deleteBeforeReplace).to.equal(true);
    }
    const inPlace = bench.plan(service, made, { ...news, tags: { other: "1" } });
    expect(inPlace).to.deep.include({ replaces: [], deleteBeforeReplace: true });
    expect(service.outage?.(made.props, inPlace)).to.equal(undefined);
    expect(bench.plan(service, made, { ...news, name: "other" })).to.deep.include({
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
    expect(bench.plan(service, made, { ...news, namespaceId: "ns-other" })).to.deep.include({
      replaces: ["namespaceId"],
      deleteBeforeReplace: false,
    });
  });

  it("takes an unknown namespace for another one, and other unknowns for changes", async () => {
    const news = fresh({ description: "known" });
    const made = await bench.make(service, news);
    expect(bench.plan(service, made, { ...news, namespaceId: unknown }).replaces).to.deep.equal(["namespaceId"]);
    const later = { ...news, description: unknown, tags: { a: unknown }, healthCheckConfig: { type: unknown } };
    const plan = bench.plan(service, made, later);
    expect(plan.replaces).to.deep.equal([]);
    expect(plan.changed).to.deep.equal(["description", "healthCheckConfig", "tags", "tagsAll"]);
  });

  it("takes a namespace's id and its ARN for the same", async () => {
    const news = fresh();
    const made = await bench.make(service, { ...news, namespaceId: namespace.props.arn });
    expect(await bench.look(service, made)).to.deep.equal(made);
    expect(bench.plan(service, made, news)).to.deep.equal(none);
  });

  it("takes the namespace from dnsConfig where a program for pulumi-aws names it only there", () => {
    const dnsConfig = {
      namespaceId: "ns-1",
      dnsRecords: [
        { type: "A", ttl: 10 },
        { type: "AAAA", ttl: 10 },
      ],
    };
    const inputs = checked(service, { name: "api", dnsConfig });
    expect(inputs.namespaceId).to.equal("ns-1");
    const reordered = { routingPolicy: "MULTIVALUE", dnsRecords: dnsConfig.dnsRecords.toReversed() };
    const later = checked(service, { name: "api", namespaceId: "ns-1", dnsConfig: reordered });
    expect(service.diff(inputs, later)).to.deep.equal(none);
  });

  it("changes tags and forceDestroy in place, the latter without a call", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const news = fresh();
    let made = await behind.make(service, news);
    for (const tags of [{ a: "1" }, { a: "2", b: "3" }, {}]) {
      made = await behind.change(service, made, { ...news, tags });
      expect(await behind.look(service, made)).to.deep.equal(made);
    }
    proxy.counts.clear();
    made = await behind.change(service, made, { ...news, tags: {}, forceDestroy: true });
    expect(made.props.forceDestroy).to.equal(true);
    expect([...proxy.counts]).to.deep.equal([]);
  });

  it("is read by its id alone", async () => {
    const made = await bench.make(service, fresh({ tags: { a: "1" }, description: "d" }));
    expect(await bench.look(service, { id: made.id, props: {} })).to.deep.equal(made);
  });

  it("waits for instances to go, and names those that stay", async () => {
    const made = await bench.make(service, fresh());
    for (const name of ["1", "2", "3", "4", "5", "6", "7"]) await register(made.id, `web-${name}`);
    const error = await failureOf(bench.remove(service, made, 1500));
    expect(error.message).to.match(/ResourceInUse.* still in it: web-1, .*web-5 and 2 more.*forceDestroy/);
    expect(bench.said.at(-1)).to.match(/^Warning: the service srv-.* still has instances: web-1, .* and 2 more/);
    const { client } = bench.session;
    const removal = bench.remove(service, made);
    for (const name of ["1", "2", "3", "4", "5", "6", "7"]) {
      await client.call("DeregisterInstance", { ServiceId: made.id, InstanceId: `web-${name}` });
    }
    await removal;
    expect(await bench.look(service, made)).to.equal(undefined);
  });

  it("drains foreign instances with forceDestroy a few at a time, also those that come meanwhile", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const made = await behind.make(service, fresh({ forceDestroy: true }));
    const names = Array.from({ length: 150 }, (_, index) => `web-${index}`);
    await Promise.all(names.map((name) => register(made.id, name)));
    proxy.rewriting = (operation, _, times) => {
      if (operation === "DeleteService" && times === 1) void register(made.id, "late");
      return undefined;
    };
    await behind.remove(service, made);
    expect(await behind.look(service, made)).to.equal(undefined);
    expect(behind.said.join("\n")).to.match(/web-0, .* and 14[56] more/);
    expect(proxy.peak).to.be.at.most(16);
  });

  it("refuses a name that somebody else's service has, and takes its own over", async () => {
    const news = fresh({ tags: { a: "1" } });
    const theirs = await bench.make(service, news, { owner: "somebody" });
    const error = await failureOf(bench.make(service, news));
    expect(error.message).to.include(`a service named ${news.name} exists already: ${theirs.id}`);

    const mine = await bench.make(service, fresh({ tags: { old: "1" } }));
    const found = await bench.make(service, { name: mine.props.name, namespaceId: namespace.id, tags: { new: "2" } });
    expect(found.id).to.equal(mine.id);
    expect(await bench.look(service, found)).to.deep.equal(found);
  });

  it("makes its own half-made one again when it differs in what cannot be changed, but nobody else's", async () => {
    const news = fresh({ description: "before" });
    await bench.make(service, news);
    const again = await bench.make(service, { ...news, description: "after" });
    expect(await bench.look(service, again)).to.deep.equal(again);
    expect(again.props.description).to.equal("after");

    const theirs = await bench.make(service, fresh(), { owner: "somebody" });
    const willing = await openWorkbench(engine.url, {}, { adopt: new Set([theirs.id]) });
    const different = { name: theirs.props.name, namespaceId: namespace.id, description: "ours" };
    const error = await failureOf(willing.make(service, different));
    expect(error.message).to.include("its description differ").and.include(theirs.id);
  });

  it("runs once when the answer to its creation is lost", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    proxy.rewriting = (operation, _, times) =>
      operation === "CreateService" && times < 3 ? { status: 500, body: "lost" } : undefined;
    const made = await behind.make(service, fresh());
    expect(await behind.look(service, made)).to.deep.equal(made);
    expect(proxy.counts.get("CreateService")).to.equal(3);
  });

  it("takes its own request's refusal for done, where the service does not repeat its answer", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    let token: unknown;
    proxy.rewriting = (operation, output, times) => {
      if (operation !== "CreateService" || times > 1) return undefined;
      const { Service } = output as { Service: { Id: string; CreatorRequestId: string } };
      token = Service.CreatorRequestId;
      return refusal("ServiceAlreadyExists", "exists", { ServiceId: Service.Id, CreatorRequestId: token });
    };
    const made = await behind.make(service, fresh());
    expect(token).to.be.a("string");
    expect(behind.said).to.deep.equal([]);
    await behind.remove(service, made);
    expect(await behind.look(service, made)).to.equal(undefined);
  });

  it("is recorded when taking it over fails on the way", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const lost = await behind.make(service, fresh());
    proxy.answering = (operation) => (operation === "TagResource" ? refusal("TooManyTagsException") : undefined);
    const news = { name: lost.props.name, namespaceId: namespace.id, tags: { a: "1" } };
    const error = await failureOf(behind.make(service, news));
    expect(error).to.be.instanceOf(PartialFailure);
    expect((error as PartialFailure).id).to.equal(lost.id);
    expect(service.diff((error as PartialFailure).properties, checked(service, news)).changed).to.include("tagsAll");
  });
});
