// Nodes are upgraded one after the other to a version with a newer form of the data: all serve meanwhile, and nothing is lost.
import { expect } from "chai";
import { openEtcd } from "../../engine/store/etcd.ts";
import { until } from "../local/until.ts";
import { Link } from "../nodes/link.ts";
import { EtcdServer, hasEtcd } from "../store/etcd-server.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { commitTo, put } from "../store/place.ts";
import { openVersion } from "../store/planted-steps.ts";
import { call, makeNamespace, makeService, namespaceOf, post, type Running, register, start } from "./running.ts";

const prefix = "/upgraded/";
const log = () => {};

describe("nodes of two versions of the data over one registry", () => {
  let etcd: EtcdServer;
  const nodes: Running[] = [];
  beforeEach(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node[Symbol.asyncDispose]();
    await etcd?.[Symbol.asyncDispose]();
  });
  const launch = async (node: string, version: number, url = etcd.url) => {
    const place = { members: [url], prefix, log, patience: { raise: 200, answer: 1_000 } };
    const store = await (version === 1 ? openEtcd(place) : openVersion(version, place));
    const running = await start({ store, node, pace: 500, now: Date.now });
    nodes.push(running);
    return running;
  };
  const below = async (path: string) => etcd.control("get", "--prefix", `${prefix}${path}`, "--print-value-only");
  const version = async () => JSON.parse(await below("form")).version;
  const consistent = { "x-cloudmap-consistent-read": "true" };
  const instances = async (node: Running, ServiceId: string): Promise<string[]> => {
    const { text } = await post(node, "ListInstances", JSON.stringify({ ServiceId, MaxResults: 100 }), consistent);
    return (JSON.parse(text).Instances as { Id: string }[]).map(({ Id }) => Id).sort();
  };

  it("all serve; the data move when the last old one has left, and no write is lost; an old one does not come back", async () => {
    const [a, b, c] = [await launch("a", 1), await launch("b", 1), await launch("c", 2)];
    const service = await makeService(a, await makeNamespace(b, "n"), "s");
    const acknowledged: string[] = [];
    let isOver = false;
    /** Registers until it is told to end, or its node is stopped. */
    const work = async (node: Running, name: string) => {
      for (let count = 0; !isOver && count < 90; count += 1) {
        const id = `${name}-${count}`;
        const input = JSON.stringify({ ServiceId: service, InstanceId: id, Attributes: { id } });
        const answer = await post(node, "RegisterInstance", input).catch(() => undefined);
        if (answer === undefined) return;
        expect(answer.status, answer.text).to.equal(200);
        acknowledged.push(id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const registered = async (name: string) =>
      until(`${name} has registered some`, () => acknowledged.filter((id) => id.startsWith(name)).length > 3);
    const workers = [work(a, "a"), work(b, "b"), work(c, "c")];
    for (const name of ["a", "b", "c"]) await registered(name);
    for (const node of [a, b, c]) expect(await instances(node, service)).to.include.members(["a-0", "b-0", "c-0"]);
    expect([await version(), /"v2":/.test(await below("data/"))]).to.deep.equal([1, false]);

    await a.engine.stop();
    const d = await launch("d", 2);
    workers.push(work(d, "d"));
    await registered("d");
    expect(await version()).to.equal(1);
    await b.engine.stop();
    await until("the data are of version 2", async () => (await version()) === 2);
    const moved = acknowledged.length;
    await until("there are writes after that", () => acknowledged.length > moved + 4);
    isOver = true;
    await Promise.all(workers);
    for (const node of [c, d]) expect(await instances(node, service)).to.include.members(acknowledged);
    expect(await below("data/instance/"))
      .to.match(/^\{"Attributes/m)
      .and.to.match(/^\{"v2":\{"Attributes/m);

    const before = await below("");
    const refused = await launch("b", 1).catch(String);
    expect(refused).to.match(
      /below \/upgraded\/ was taken over by a newer cloudmap \(data version 2, this one knows 1\): upgrade this node/,
    );
    expect(await below("")).to.equal(before);
    const e = await launch("e", 2);
    expect(await instances(e, service)).to.deep.equal(await instances(c, service));
    await call(e, "DeregisterInstance", { ServiceId: service, InstanceId: "a-0" });
    expect(await instances(d, service)).to.not.include("a-0");
  });

  it("go on without an old one that was cut off meanwhile; it answers what it knows, and says what is to be done", async () => {
    await using link = await Link.to(Number(new URL(etcd.url).port));
    const old = await launch("old", 1, link.url);
    const service = await makeService(old, await makeNamespace(old, "n"), "s");
    await register(old, service, "i", { v: "1" });
    const next = await launch("next", 2);
    link.cut();
    await etcd.control("del", `${prefix}node/old`); // as when its lease has ended
    await until("the data are of version 2", async () => (await version()) === 2);
    await register(next, service, "j", { v: "2" });
    await register(next, service, "i", { v: "2" });
    link.heal();
    await until(
      "it knows that it is too old",
      () => old.logged.some((line) => line.includes("upgrade this node")),
      20_000,
    );
    const health = async () => ((await (await fetch(`${old.url}/healthz`)).json()) as { status: string }).status;
    await until("it says so", async () => (await health()) === "degraded", 20_000);
    const { Instances = [] } = await call(old, "DiscoverInstances", { NamespaceName: "n", ServiceName: "s" });
    expect(Instances.map(({ InstanceId, Attributes }) => `${InstanceId} ${Attributes?.v}`)).to.deep.equal(["i 1"]);
    const changed = await post(
      old,
      "RegisterInstance",
      JSON.stringify({ ServiceId: service, InstanceId: "k", Attributes: {} }),
    );
    expect(changed.status).to.equal(503);
    const sure = await post(old, "GetInstance", JSON.stringify({ ServiceId: service, InstanceId: "j" }), consistent);
    expect([sure.status, sure.text]).to.satisfy(
      ([status, text]: [number, string]) => status === 503 && text.includes("upgrade this node"),
    );
    expect((await below("node/")).match(/version/g)).to.have.length(1);
    expect(await instances(next, service)).to.deep.equal(["i", "j"]);
  });
});

describe("what a newer node has added to a record", () => {
  it("is still there when an older one has changed something else in it", async () => {
    const memory = new Memory();
    await using node = await start({ store: openMemory(memory) });
    const made = await call(node, "CreatePrivateDnsNamespace", { Name: "n.internal", Vpc: "vpc-1" });
    const namespace = await namespaceOf(node, made);
    const service = await makeService(node, namespace, "s", { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 1 }] } });
    const keys = [`namespace/${namespace}`, `service/${service}`];
    const newer = openMemory(memory);
    for (const key of keys) {
      const value = JSON.stringify({ ...JSON.parse(memory.entries.get(key)?.value ?? ""), Later: { is: 1 } });
      await commitTo(newer, { expectations: [], writes: [put(key, value), put(`later/${key}`, "1")] });
    }
    const { Service } = await call(node, "GetService", { Id: service });
    const ResourceARN = Service?.Arn ?? "";
    await call(node, "UpdatePrivateDnsNamespace", { Id: namespace, Namespace: { Description: "d" } });
    await call(node, "TagResource", { ResourceARN, Tags: [{ Key: "k", Value: "v" }] });
    await call(node, "UntagResource", { ResourceARN, TagKeys: ["k"] });
    await call(node, "UpdateServiceAttributes", { ServiceId: service, Attributes: { a: "1" } });
    await call(node, "DeleteServiceAttributes", { ServiceId: service, Attributes: ["a"] });
    await call(node, "UpdateService", { Id: service, Service: { Description: "d" } });
    for (const key of keys) {
      expect(JSON.parse(memory.entries.get(key)?.value ?? ""), key).to.deep.include({
        Description: "d",
        Later: { is: 1 },
      });
      expect(memory.entries.has(`later/${key}`)).to.equal(true);
    }
    await newer.close();
  });
});
