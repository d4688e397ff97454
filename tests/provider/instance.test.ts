// The life of instances against a real engine.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { startDeadline } from "../../provider/deadline.ts";
import { PartialFailure } from "../../provider/failure.ts";
import { instance } from "../../provider/instance.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { unknown } from "../../provider/unknown.ts";
import { allowing } from "../local/until.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

describe("Instance", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let namespace: Resource;
  let home: Resource;
  let count = 0;
  const fresh = (more: Props = {}) => ({
    serviceId: home.id,
    instanceId: `web-${++count}`,
    attributes: { AWS_INSTANCE_IPV4: "192.0.2.44", AWS_INSTANCE_PORT: "8080", zone: "a" },
    ...more,
  });

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
    namespace = await bench.make(httpNamespace, { name: "shop" });
    home = await bench.make(service, { name: "api", namespaceId: namespace.id, healthCheckCustomConfig: {} });
  });
  after(() => engine.stop());

  it("registers one with all that is given, and reads it back as it was given", async () => {
    const news = fresh({ attributes: { AWS_INIT_HEALTH_STATUS: "UNHEALTHY", __proto__x: "1", constructor: "2" } });
    const made = await bench.make(instance, news);
    expect(made).to.deep.equal({
      id: `${home.id}/${news.instanceId}`,
      props: { ...news, account: engine.account },
    });
    const again = await openWorkbench(engine.url); // a refresh is another process
    expect(await again.look(instance, made)).to.deep.equal(made);
    expect(bench.plan(instance, made, news)).to.deep.equal({ changed: [], replaces: [], deleteBeforeReplace: true });
  });

  it("says that one is gone when it or its service disappears, and deletes what is gone without a word", async () => {
    const room = await bench.make(service, { name: "short-lived", namespaceId: namespace.id, forceDestroy: true });
    const made = await bench.make(instance, fresh({ serviceId: room.id }));
    await bench.session.client.call("DeregisterInstance", {
      ServiceId: room.id,
      InstanceId: String(made.props.instanceId),
    });
    const later = await openWorkbench(engine.url);
    expect(await later.look(instance, made)).to.equal(undefined);
    await later.remove(instance, made);
    await bench.remove(service, room);
    const latest = await openWorkbench(engine.url);
    expect(await latest.look(instance, made)).to.equal(undefined);
    await latest.remove(instance, made);
  });

  it("adds, changes and removes attributes in place", async () => {
    const news = fresh();
    let made = await bench.make(instance, news);
    const edits = [
      { AWS_INSTANCE_IPV4: "192.0.2.45" },
      { AWS_INSTANCE_IPV6: "2001:db8::1", zone: "b", "a.b/c": "" },
      {},
    ];
    for (const attributes of edits) {
      made = await bench.change(instance, made, { ...news, attributes });
      expect(await bench.look(instance, made)).to.deep.equal(made);
      expect(made.props.attributes).to.deep.equal(attributes);
    }
  });

  it("calls nothing for an update without a difference", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const news = fresh();
    const made = await behind.make(instance, news);
    proxy.counts.clear();
    await behind.change(instance, made, news);
    expect([...proxy.counts]).to.deep.equal([]);
  });

  it("is replaced for another service or another id, side by side with the old one", async () => {
    const news = fresh();
    const made = await bench.make(instance, news);
    const plan = (edit: Props) => bench.plan(instance, made, { ...news, ...edit });
    expect(plan({ serviceId: "srv-other" }).replaces).to.deep.equal(["serviceId"]);
    expect(plan({ instanceId: "other" }).replaces).to.deep.equal(["instanceId"]);
    expect(plan({ serviceId: unknown }).replaces).to.deep.equal(["serviceId"]);
    expect(plan({ instanceId: unknown })).to.deep.include({ replaces: [], changed: ["instanceId"] });
    expect(plan({ attributes: { AWS_INSTANCE_IPV4: unknown } })).to.deep.include({
      replaces: [],
      changed: ["attributes"],
    });
    expect(plan({ serviceId: home.props.arn }).changed).to.deep.equal([]);
    expect(plan({ serviceId: "srv-other" }).deleteBeforeReplace).to.equal(false);
    expect(plan({ instanceId: "other" }).deleteBeforeReplace).to.equal(false);
    expect(plan({ attributes: { zone: "elsewhere" } }).deleteBeforeReplace).to.equal(true);
  });

  it("shows what somebody else changed", async () => {
    const made = await bench.make(instance, fresh());
    const attributes = { AWS_INSTANCE_IPV4: "192.0.2.99" };
    await bench.session.client.call("RegisterInstance", {
      ServiceId: home.id,
      InstanceId: String(made.props.instanceId),
      Attributes: attributes,
    });
    const read = await (await openWorkbench(engine.url)).look(instance, made);
    expect(read?.props).to.deep.equal({ ...made.props, attributes });
  });

  it("does not take the address that the service fills in for EC2 for drift", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const attributes = { AWS_EC2_INSTANCE_ID: "i-0abc" };
    const made = { id: `${home.id}/ec2`, props: { serviceId: home.id, instanceId: "ec2", attributes } };
    proxy.answering = (operation) =>
      operation === "ListInstances"
        ? { body: { Instances: [{ Id: "ec2", Attributes: { ...attributes, AWS_INSTANCE_IPV4: "10.0.0.7" } }] } }
        : undefined;
    const read = await (await openWorkbench(proxy.url)).look(instance, made);
    expect(read?.props.attributes).to.deep.equal(attributes);
  });

  it("is read by the id that pulumi-aws imports it by", async () => {
    const made = await bench.make(instance, fresh({ instanceId: "with/slash:and.dot" }));
    expect(made.id).to.equal(`${home.id}/with/slash:and.dot`);
    expect(await bench.look(instance, { id: made.id, props: {} })).to.deep.equal(made);
    expect((await failureOf(bench.look(instance, { id: "web-1", props: {} }))).message).to.include("srv-…/instance-id");
  });

  it("asks twice per instance that is made, and once per hundred that are read", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    proxy.counts.clear();
    const room = await bench.make(service, { name: "many", namespaceId: namespace.id });
    const all = Array.from({ length: 250 }, (_, index) => fresh({ serviceId: room.id, instanceId: `many-${index}` }));
    const made = await Promise.all(all.map((news) => behind.make(instance, news)));
    expect(Object.fromEntries(proxy.counts)).to.deep.equal({
      ListInstances: 1,
      RegisterInstance: 250,
      GetOperation: 250,
    });
    expect(proxy.peak).to.be.at.most(32);

    proxy.counts.clear();
    const refreshing = await openWorkbench(proxy.url);
    const read = await Promise.all(made.map((each) => refreshing.look(instance, each)));
    expect(read).to.deep.equal(made);
    expect(Object.fromEntries(proxy.counts)).to.deep.equal({ GetCallerIdentity: 1, ListInstances: 3 });
  });

  it("refuses an id that somebody else registered, and says how to take it over", async () => {
    const news = fresh();
    const theirs = await bench.make(instance, news, { owner: "somebody" });
    const later = await openWorkbench(engine.url);
    const error = await failureOf(later.make(instance, news));
    expect(error.message)
      .to.include(`an instance named ${news.instanceId} exists already: ${theirs.id}`)
      .and.include(`cloudmap:adopt ${theirs.id}`);
    expect(await later.look(instance, theirs)).to.deep.equal(theirs);

    const willing = await openWorkbench(engine.url, {}, { adopt: new Set([theirs.id]) });
    const adopted = await willing.make(instance, { ...news, attributes: { mine: "yes" } });
    expect(await willing.look(instance, adopted)).to.deep.equal(adopted);
  });

  it("refuses a second resource of one program for the same instance", async () => {
    const news = fresh();
    const both = [bench.make(instance, news), bench.make(instance, news, { owner: "an0therurn" })] as const;
    const error = await failureOf(both[1]);
    expect(error.message).to.include("two resources of this program register the same instance");
    await bench.remove(instance, await both[0]);
    await bench.make(instance, news, { owner: "an0therurn" });
  });

  it("takes over what an earlier run registered and did not record, and brings it to what is wanted by now", async () => {
    const news = fresh();
    await bench.make(instance, news);
    await using proxy = await TestProxy.start(engine.url);
    const same = await openWorkbench(proxy.url);
    await same.make(instance, news);
    expect(same.said.at(-1)).to.include("is taken over");
    expect(proxy.counts.get("RegisterInstance")).to.equal(undefined);

    const later = await openWorkbench(engine.url);
    const found = await later.make(instance, { ...news, attributes: { zone: "z" } });
    expect(await later.look(instance, found)).to.deep.equal(found);
  });

  it("waits for the change that is under way, and then makes its own", async () => {
    const slow = await engineInTemp({ operationDelay: allowing(150) });
    try {
      const there = await openWorkbench(slow.url);
      const space = await there.make(httpNamespace, { name: "slow" });
      const { id: serviceId } = await there.make(service, { name: "api", namespaceId: space.id });
      const { client } = there.session;
      const other = { ServiceId: serviceId, InstanceId: "web", Attributes: { from: "them" } };
      const news = { serviceId, instanceId: "web", attributes: { from: "us" } };
      await client.call("RegisterInstance", other);
      const made = await there.make(instance, news);
      const read = await (await openWorkbench(slow.url)).look(instance, made);
      expect(read?.props.attributes).to.deep.equal({ from: "us" });

      await client.call("DeregisterInstance", { ServiceId: serviceId, InstanceId: "web" });
      await there.remove(instance, made); // theirs is under way, and ours finds nothing left
    } finally {
      await slow.stop();
    }
  });

  it("tells why an operation failed", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    proxy.rewriting = (operation, output) => {
      if (operation !== "GetOperation") return undefined;
      const { Operation } = output as { Operation: object };
      const failure = { Status: "FAIL", ErrorCode: "INVALID_CHANGE_BATCH", ErrorMessage: "the zone is full" };
      return { body: { Operation: { ...Operation, ...failure } } };
    };
    const error = await failureOf(behind.make(instance, fresh()));
    expect(error.message).to.match(/RegisterInstance failed: INVALID_CHANGE_BATCH: the zone is full \(operation \S+\)/);
    expect(error).not.to.be.instanceOf(PartialFailure);
  });

  it("takes a failed deregistration of what is gone for done", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const made = await behind.make(instance, fresh());
    proxy.rewriting = (operation) =>
      operation === "GetOperation"
        ? { body: { Operation: { Status: "FAIL", ErrorCode: "InstanceNotFound", ErrorMessage: "gone" } } }
        : undefined;
    await behind.remove(instance, made);
  });

  it("is recorded as half-made when time is up and it is there", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    proxy.answering = (operation) => (operation === "GetOperation" ? refusal("OperationNotFound") : undefined);
    const news = fresh();
    const error = await failureOf(behind.make(instance, news, { deadline: startDeadline(allowing(1000)) }));
    expect(error).to.be.instanceOf(PartialFailure);
    expect(error.message).to.match(/RegisterInstance had not ended after \d+ m?s: operation \S+ is not known yet/);
    expect((error as PartialFailure).properties).to.deep.equal({ ...news, account: engine.account });
  });

  it("warns of attributes that nobody will read", () => {
    const { failures, warnings } = instance.check({
      olds: {},
      news: {
        serviceId: "srv-1",
        instanceId: "a",
        attributes: { AWS_INSTANCE_IP: "x", AWS_INIT_HEALTH_STATUS: "HEALTHY" },
      },
      parent: { namespaceType: "HTTP" },
      defaultTags: {},
    });
    expect(failures).to.deep.equal([]);
    expect(warnings).to.deep.equal([
      "instance a of srv-1: Cloud Map gives the attribute AWS_INSTANCE_IP no meaning; is it misspelt?",
      "instance a of srv-1: AWS_INIT_HEALTH_STATUS has no effect, for the service has no healthCheckCustomConfig",
    ]);
  });

  it("warns of addresses that the service's records do not use", () => {
    const warned = (types: readonly string[], ...keys: readonly string[]) => {
      const dnsConfig = types.length === 0 ? undefined : { dnsRecords: types.map((type) => ({ type, ttl: 5 })) };
      const values = { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_IPV6: "fd00::1", AWS_INSTANCE_CNAME: "a.example" };
      const attributes = { ...values, AWS_INSTANCE_PORT: "80" };
      const parent = { namespaceType: "DNS_PRIVATE", ...(dnsConfig && { dnsConfig }) };
      const news = { serviceId: "srv-1", instanceId: "a", attributes };
      const { failures, warnings } = instance.check({ olds: {}, news, parent, defaultTags: {} });
      expect(failures).to.deep.equal([]);
      expect(warnings).to.deep.equal(
        keys.map(
          (key) =>
            `instance a of srv-1: ${key} is in no DNS answer, for the service has no records for it; DiscoverInstances tells it`,
        ),
      );
    };
    warned(["A"], "AWS_INSTANCE_IPV6", "AWS_INSTANCE_CNAME");
    warned(["A", "AAAA"], "AWS_INSTANCE_CNAME");
    warned(["SRV"], "AWS_INSTANCE_CNAME");
    warned(["CNAME"], "AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6");
    warned([]); // discovered by the API, which tells them all
  });
});
