// The life of HTTP namespaces against a real engine.
import { expect } from "chai";
import { PartialFailure } from "../../provider/failure.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { allowing } from "../local/until.ts";
import { TestProxy } from "./proxy.ts";
import {
  checked,
  engineInTemp,
  failureOf,
  openWorkbench,
  owner,
  type TestEngine,
  type Workbench,
} from "./workbench.ts";

describe("HttpNamespace", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let count = 0;
  const fresh = () => `shop-${++count}`;

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
  });
  after(() => engine.stop());

  it("makes one with all that is given, and reads it back as it was given", async () => {
    const name = fresh();
    const news = { name, description: "The shop", tags: { team: "web", empty: "" }, forceDestroy: true };
    const made = await bench.make(httpNamespace, news);
    expect(made.id).to.match(/^ns-/);
    const { generation, ...props } = made.props;
    expect(generation).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(props).to.deep.equal({
      ...news,
      tagsAll: news.tags,
      httpName: name,
      account: engine.account,
      arn: `arn:aws:servicediscovery:us-east-1:${engine.account}:namespace/${made.id}`,
    });
    expect(await bench.look(httpNamespace, made)).to.deep.equal(made);
    expect(bench.plan(httpNamespace, made, news)).to.deep.equal({
      changed: [],
      replaces: [],
      deleteBeforeReplace: true,
    });
  });

  it("says that one is gone when it disappears, and deletes what is gone without a word", async () => {
    const made = await bench.make(httpNamespace, { name: fresh() });
    await bench.remove(httpNamespace, made);
    expect(await bench.look(httpNamespace, made)).to.equal(undefined);
    await bench.remove(httpNamespace, made);
  });

  it("sets, changes and clears the description in place", async () => {
    const name = fresh();
    let made = await bench.make(httpNamespace, { name });
    for (const description of ["first", "second", undefined]) {
      made = await bench.change(httpNamespace, made, { name, ...(description && { description }) });
      expect((await bench.look(httpNamespace, made))?.props.description).to.equal(description);
      expect(made.props.description).to.equal(description);
    }
  });

  it("takes an empty description and none for the same", async () => {
    const made = await bench.make(httpNamespace, { name: fresh(), description: "" });
    expect((await bench.look(httpNamespace, made))?.props).to.deep.equal(made.props);
    expect(bench.plan(httpNamespace, made, { name: made.props.name }).changed).to.deep.equal([]);
  });

  it("sets, changes and clears tags in place", async () => {
    const name = fresh();
    let made = await bench.make(httpNamespace, { name });
    for (const tags of [{ a: "1", b: "2" }, { a: "1", b: "3", c: "" }, { c: "" }, {}]) {
      made = await bench.change(httpNamespace, made, { name, tags });
      const read = await bench.look(httpNamespace, made);
      expect(read?.props.tags).to.deep.equal(tags);
      expect(read?.props).to.deep.equal(made.props);
    }
  });

  it("is replaced under another name, side by side with the old one", async () => {
    const made = await bench.make(httpNamespace, { name: fresh() });
    expect(bench.plan(httpNamespace, made, { name: fresh() })).to.deep.equal({
      changed: ["name"],
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
  });

  it("shows what somebody else changed", async () => {
    const made = await bench.make(httpNamespace, { name: fresh(), description: "ours", tags: { a: "1" } });
    const { client } = bench.session;
    await client.call("UpdateHttpNamespace", { Id: made.id, Namespace: { Description: "theirs" } });
    await client.call("TagResource", { ResourceARN: String(made.props.arn), Tags: [{ Key: "b", Value: "2" }] });
    const read = await bench.look(httpNamespace, made);
    expect(read?.props).to.deep.equal({
      ...made.props,
      description: "theirs",
      tags: { a: "1", b: "2" },
      tagsAll: { a: "1", b: "2" },
    });
  });

  it("counts default tags as the provider's, not the resource's", async () => {
    const news = { name: fresh(), tags: { own: "1" } };
    const inputs = checked(httpNamespace, news, { defaultTags: { team: "web", own: "0" } });
    expect(inputs.tagsAll).to.deep.equal({ team: "web", own: "1" });
    const made = await bench.make(httpNamespace, {}, { inputs });
    const read = await httpNamespace.read(
      { id: made.id, props: made.props, defaultTags: { team: "web", own: "0" } },
      bench.session,
    );
    expect(read?.props).to.deep.equal(made.props);
    const ResourceARN = String(made.props.arn);
    await bench.session.client.call("TagResource", { ResourceARN, Tags: [{ Key: "team", Value: "theirs" }] });
    const request = { id: made.id, props: made.props, defaultTags: { team: "web" } };
    const drifted = await httpNamespace.read(request, bench.session);
    expect(drifted?.props.tags).to.deep.equal({ own: "1", team: "theirs" });
    const later = checked(httpNamespace, news, { defaultTags: { team: "api" } });
    expect(httpNamespace.diff(made.props, later).changed).to.deep.equal(["tagsAll"]);
  });

  it("keeps the name that it has when the program gives none", () => {
    const autoName = "shop-1a2b3c4";
    expect(checked(httpNamespace, {}, { autoName }).name).to.equal(autoName);
    expect(checked(httpNamespace, {}, { autoName, olds: { name: "shop-older" } }).name).to.equal("shop-older");
    expect(checked(httpNamespace, { name: "given" }, { autoName, olds: { name: "old" } }).name).to.equal("given");
  });

  it("is read by its id alone, with its tags", async () => {
    const made = await bench.make(httpNamespace, { name: fresh(), tags: { a: "1" } });
    expect(await bench.look(httpNamespace, { id: made.id, props: {} })).to.deep.equal(made);
  });

  it("never calls the API for forceDestroy", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const name = fresh();
    const made = await behind.make(httpNamespace, { name });
    proxy.counts.clear();
    const changed = await behind.change(httpNamespace, made, { name, forceDestroy: true });
    expect(changed.props.forceDestroy).to.equal(true);
    expect([...proxy.counts]).to.deep.equal([]);
  });

  it("waits for the services in it to go, and names those that stay", async () => {
    const made = await bench.make(httpNamespace, { name: fresh() });
    const inside = await bench.make(service, { name: "inside", namespaceId: made.id });
    const error = await failureOf(bench.remove(httpNamespace, made, 1500));
    expect(error.message).to.include("ResourceInUse").and.include(`inside (${inside.id})`).and.include("forceDestroy");
    expect(bench.said.at(-1)).to.match(/^Warning: the HTTP namespace shop-\d+ \(ns-.*still has services: inside/);

    const removal = bench.remove(httpNamespace, made);
    await bench.remove(service, inside);
    await removal;
    expect(await bench.look(httpNamespace, made)).to.equal(undefined);
  });

  it("drains its services and their instances with forceDestroy, and says what it removes", async () => {
    const made = await bench.make(httpNamespace, { name: fresh(), forceDestroy: true });
    for (const name of ["a", "b"]) {
      const { id } = await bench.make(service, { name, namespaceId: made.id });
      const input = { ServiceId: id, InstanceId: `${name}-1`, Attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" } };
      await bench.session.client.call("RegisterInstance", input);
    }
    await bench.remove(httpNamespace, made);
    expect(await bench.look(httpNamespace, made)).to.equal(undefined);
    const told = bench.said.slice(-3).join("\n");
    expect(told)
      .to.match(/the services [ab] \(srv-.*, [ab] \(srv-/)
      .and.include("a-1")
      .and.include("b-1");
  });

  it("refuses a name that somebody else's namespace has, and says how to take it over", async () => {
    const name = fresh();
    const theirs = await bench.make(httpNamespace, { name }, { owner: "somebody" });
    const error = await failureOf(bench.make(httpNamespace, { name }));
    expect(error.message)
      .to.include(`an HTTP namespace named ${name} exists already: ${theirs.id}`)
      .and.include("somebody-")
      .and.include(`pulumi config set cloudmap:adopt ${theirs.id}`);

    const willing = await openWorkbench(engine.url, {}, { adopt: new Set([theirs.id]) });
    const adopted = await willing.make(httpNamespace, { name, description: "ours now", tags: { a: "1" } });
    expect(adopted.id).to.equal(theirs.id);
    expect(await willing.look(httpNamespace, adopted)).to.deep.equal(adopted);
  });

  it("takes over what an earlier run made and did not record, and brings it to what is wanted by now", async () => {
    const name = fresh();
    const lost = await bench.make(httpNamespace, { name, description: "before", tags: { old: "1" } });
    const found = await bench.make(httpNamespace, { name, description: "after", tags: { new: "2" } });
    expect(found.id).to.equal(lost.id);
    expect(found.props).to.include({ description: "after" });
    expect(await bench.look(httpNamespace, found)).to.deep.equal(found);
    expect(bench.said.at(-1)).to.include("is taken over: an earlier run of this program made it");

    await bench.remove(httpNamespace, lost); // as the engine does after a replacement: what took over must live on
    expect(await bench.look(httpNamespace, found)).to.deep.equal(found);
  });

  it("runs once when the answer to its creation is lost", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    proxy.rewriting = (operation, _, times) =>
      operation === "CreateHttpNamespace" && times === 1 ? { status: 503, body: "lost" } : undefined;
    const made = await behind.make(httpNamespace, { name: fresh() });
    expect(proxy.counts.get("CreateHttpNamespace")).to.equal(2);
    const [first, second] = proxy.calls.filter(({ operation }) => operation === "CreateHttpNamespace");
    expect(second).to.deep.equal(first);
    expect(behind.said).to.deep.equal([]);
    await behind.remove(httpNamespace, made);
    expect(await behind.look(httpNamespace, made)).to.equal(undefined);
  });

  it("is recorded as half-made when time is up and it is there, and not when it is not", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    let status = "PENDING";
    proxy.rewriting = (operation, output) => {
      const { Operation } = output as { Operation: object };
      return operation === "GetOperation" ? { body: { Operation: { ...Operation, Status: status } } } : undefined;
    };
    const { startDeadline } = await import("../../provider/deadline.ts");
    const name = fresh();
    const error = await failureOf(behind.make(httpNamespace, { name }, { deadline: startDeadline(allowing(1000)) }));
    expect(error).to.be.instanceOf(PartialFailure);
    expect(error.message).to.match(/CreateHttpNamespace had not ended after \d+ m?s: operation .* is PENDING/);
    const { id, properties } = error as PartialFailure;
    status = "SUCCESS";
    expect(await behind.look(httpNamespace, { id, props: properties })).to.deep.equal({ id, props: properties });

    proxy.answering = (operation) =>
      operation === "GetNamespace" ? { status: 400, body: { __type: "NamespaceNotFound", Message: "no" } } : undefined;
    status = "PENDING";
    const absent = await failureOf(
      behind.make(httpNamespace, { name: fresh() }, { deadline: startDeadline(allowing(1000)) }),
    );
    expect(absent).not.to.be.instanceOf(PartialFailure);
  });

  it("is recorded as half-made when what follows its creation fails", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url, { maxRetries: 0 });
    proxy.answering = (operation) => (operation === "GetNamespace" ? { status: 500, body: "broken" } : undefined);
    const error = await failureOf(behind.make(httpNamespace, { name: fresh(), description: "kept" }));
    expect(error).to.be.instanceOf(PartialFailure);
    const { id, properties } = error as PartialFailure;
    expect(properties).to.include({ description: "kept", account: engine.account });
    proxy.answering = () => undefined;
    const { name, description } = properties;
    const whole = await behind.change(httpNamespace, { id, props: properties }, { name, description });
    expect(whole.props).to.include.keys("arn", "httpName");
  });

  it("finds by its name what an operation failed for", async () => {
    const slow = await engineInTemp({ operationDelay: 50 });
    try {
      const [first, second] = [await openWorkbench(slow.url), await openWorkbench(slow.url)];
      const name = fresh();
      const results = await Promise.all([first.make(httpNamespace, { name }), second.make(httpNamespace, { name })]);
      expect(results[0]?.id).to.equal(results[1]?.id);
    } finally {
      await slow.stop();
    }
  });

  it("sends a request token of its owner that the API takes", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const behind = await openWorkbench(proxy.url);
    const made = await behind.make(httpNamespace, { name: fresh() });
    await behind.change(httpNamespace, made, { name: made.props.name, description: "x" });
    const tokens = proxy.calls.flatMap(({ input }) => [input.CreatorRequestId, input.UpdaterRequestId]).filter(Boolean);
    expect(tokens).to.have.length(2);
    for (const token of tokens) expect(token).to.match(new RegExp(`^${owner}-[\\w-]{12}$`));
    expect(new Set(tokens).size).to.equal(2);
  });
});
