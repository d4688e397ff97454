// The attributes of a service as a whole, against a real engine: declared, changed in place, drifted, left to others.
import { expect } from "chai";
import type { Props } from "../../provider/casing.ts";
import { PartialFailure } from "../../provider/failure.ts";
import type { Resource } from "../../provider/kind.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { checked, engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

describe("Attributes of a service", () => {
  let engine: TestEngine;
  let bench: Workbench;
  let namespace: Resource;
  let count = 0;
  const fresh = (more: Props = {}): Props => ({ name: `api-${++count}`, namespaceId: namespace.id, ...more });
  const there = async ({ id }: Resource) => {
    const { ServiceAttributes } = await bench.session.client.call("GetServiceAttributes", { ServiceId: id });
    return ServiceAttributes?.Attributes;
  };
  const set = ({ id }: Resource, Attributes: Record<string, string>) =>
    bench.session.client.call("UpdateServiceAttributes", { ServiceId: id, Attributes });

  before(async () => {
    engine = await engineInTemp();
    bench = await openWorkbench(engine.url);
    namespace = await bench.make(httpNamespace, { name: "shop" });
  });
  after(() => engine.stop());

  it("are set when it is made, and read back as they were given", async () => {
    const made = await bench.make(service, fresh({ attributes: { tier: "front", constructor: "x" } }));
    expect(await there(made)).to.deep.equal({ tier: "front", constructor: "x" });
    expect(await bench.look(service, made)).to.deep.equal(made);
  });

  it("are changed in place, also in an HTTP namespace: set, updated, cleared", async () => {
    const news = fresh();
    let made = await bench.make(service, news);
    const steps = [{ a: "1", b: "2" }, { a: "3", b: "2" }, { b: "2" }, {}, { c: "4" }, undefined];
    for (const attributes of steps) {
      const wanted = attributes === undefined ? news : { ...news, attributes };
      expect(bench.plan(service, made, wanted).replaces).to.deep.equal([]);
      made = await bench.change(service, made, wanted);
      expect(await there(made)).to.deep.equal(attributes ?? {});
      expect(await bench.look(service, made)).to.deep.equal(made);
    }
  });

  it("sends what differs and nothing else, removals first: there is room for 30", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url);
    const many = (letter: string) => Object.fromEntries(Array.from({ length: 29 }, (_, i) => [`${letter}${i}`, "1"]));
    const news = fresh({ attributes: { ...many("a"), same: "1" } });
    const made = await via.make(service, news);
    proxy.calls.length = 0;
    await via.change(service, made, { ...news, attributes: { ...many("b"), same: "1" } });
    const sent = proxy.calls.map(
      ({ operation, input }) => `${operation} ${Object.keys(input.Attributes ?? {}).length}`,
    );
    expect(sent).to.deep.equal(["DeleteServiceAttributes 29", "UpdateServiceAttributes 29"]);
    proxy.calls.length = 0;
    expect(via.plan(service, made, { ...news, attributes: { ...(news.attributes as object) } }).changed).to.deep.equal(
      [],
    );
  });

  it("are drift where they are declared: changed, added and removed by others", async () => {
    const news = fresh({ attributes: { a: "1", b: "2" } });
    const made = await bench.make(service, news);
    await set(made, { a: "9", foreign: "x" });
    await bench.session.client.call("DeleteServiceAttributes", { ServiceId: made.id, Attributes: ["b"] });
    const read = await bench.look(service, made);
    expect(read?.props).to.deep.equal({ ...made.props, attributes: { a: "9", foreign: "x" } });
    if (read === undefined) return;
    expect(bench.plan(service, read, news).changed).to.deep.equal(["attributes"]);
    await bench.change(service, read, news);
    expect(await there(made)).to.deep.equal({ a: "1", b: "2" });
  });

  it("are others' business where none are declared, and cost a refresh nothing", async () => {
    const made = await bench.make(service, fresh());
    await set(made, { foreign: "x" });
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url);
    expect(await via.look(service, made)).to.deep.equal(made);
    expect(proxy.counts.has("GetServiceAttributes")).to.equal(false);
    expect(await there(made)).to.deep.equal({ foreign: "x" });
  });

  it("are told of one that is imported, where the endpoint knows them", async () => {
    const made = await bench.make(service, fresh({ attributes: { a: "1" } }));
    const imported = { id: made.id, props: {} };
    expect((await bench.look(service, imported))?.props.attributes).to.deep.equal({ a: "1" });
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url);
    for (const code of ["UnknownOperationException", "AccessDeniedException"]) {
      proxy.answering = (operation) => (operation === "GetServiceAttributes" ? refusal(code) : undefined);
      expect((await via.look(service, imported))?.props).to.not.have.property("attributes");
    }
  });

  it("leave a service that is there but without them when they fail, and the next update sets them", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const via = await openWorkbench(proxy.url);
    proxy.answering = (operation) => (operation === "UpdateServiceAttributes" ? refusal("InvalidInput") : undefined);
    const news = fresh({ attributes: { a: "1" } });
    const error = await failureOf(via.make(service, news));
    if (!(error instanceof PartialFailure)) throw error;
    expect(error.properties).to.include({ name: news.name }).and.not.to.have.property("attributes");
    proxy.answering = () => undefined;
    const half = { id: error.id, props: error.properties };
    expect(via.plan(service, half, news).changed).to.deep.equal(["attributes"]);
    await via.change(service, half, news);
    expect(await there(half)).to.deep.equal({ a: "1" });
  });

  it("come along when a half-made service is taken over", async () => {
    const news = fresh({ attributes: { a: "1", b: "2" } });
    const made = await bench.make(service, news);
    const again = await openWorkbench(engine.url);
    const adopted = await again.make(service, { ...news, attributes: { b: "3" } });
    expect(adopted.id).to.equal(made.id);
    expect(await there(made)).to.deep.equal({ b: "3" });
  });

  it("are refused at preview when there are too many, or too long", () => {
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`a${i}`, "1"]));
    expect(() => checked(service, fresh({ attributes: many }))).to.throw(/^attributes: attributes .*30/);
    expect(() => checked(service, fresh({ attributes: { a: "x".repeat(1025) } }))).to.throw(/1024|1,024/);
    expect(() => checked(service, fresh({ attributes: "a" }))).to.throw(/^attributes: /);
  });
});
