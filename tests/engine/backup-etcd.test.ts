// A registry moves from SQLite into etcd and back by backups: what clients see stays, and what is half there is no registry.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { backUp, restore } from "../../engine/backup.ts";
import { openEtcd } from "../../engine/store/etcd.ts";
import { EtcdServer, hasEtcd } from "../store/etcd-server.ts";
import { call, makeNamespace, makeService, type Running, register, start } from "./running.ts";

const log = () => {};

describe("a backup of a registry in etcd", () => {
  let folder: string;
  let etcd: EtcdServer;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start();
  });
  after(() => etcd?.[Symbol.asyncDispose]());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-moved-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => join(folder, "registry.backup");
  const place = (prefix: string) => ({ members: [etcd.url], prefix });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("it is not refused"),
      (error: Error) => error.message,
    );
  const keysBelow = async (prefix: string) => (await etcd.control("get", "--prefix", prefix, "--keys-only")).trim();

  /** What a client sees of a registry, but its revisions. */
  const seen = async (engine: Running) => {
    const services = (await call(engine, "ListServices", {})).Services ?? [];
    const details = await Promise.all(
      services.map(async ({ Id = "", Arn = "" }) => [
        (await call(engine, "GetService", { Id })).Service,
        (await call(engine, "ListInstances", { ServiceId: Id })).Instances,
        (await call(engine, "GetInstancesHealthStatus", { ServiceId: Id })).Status,
        (await call(engine, "ListTagsForResource", { ResourceARN: Arn })).Tags,
      ]),
    );
    const namespaces = (await call(engine, "ListNamespaces", {})).Namespaces;
    return { account: engine.engine.account, namespaces, details };
  };
  const revisions = async (engine: Running) => {
    const { Services = [] } = await call(engine, "ListServices", {});
    const asked = Services.map(({ Name: ServiceName = "" }) =>
      call(engine, "DiscoverInstances", { NamespaceName: "shop", ServiceName }),
    );
    return (await Promise.all(asked)).map(({ InstancesRevision = 0 }) => InstancesRevision);
  };

  const fill = async (engine: Running) => {
    const namespace = await makeNamespace(engine, "shop");
    const cart = await makeService(engine, namespace, "cart", {
      HealthCheckCustomConfig: {},
      Description: "é✔ \u2028",
      Tags: [{ Key: "__proto__", Value: "1" }],
    });
    for (const id of ["a", "b/b", "c"]) await register(engine, cart, id, { constructor: "x", id });
    await call(engine, "DeregisterInstance", { ServiceId: cart, InstanceId: "c" });
    const status = { ServiceId: cart, InstanceId: "a", Status: "UNHEALTHY" } as const;
    await call(engine, "UpdateInstanceCustomHealthStatus", status);
    await makeService(engine, namespace, "empty");
    return cart;
  };

  it("moves it there and back while engines run, and no revision falls", async () => {
    await using embedded = await start();
    const cart = await fill(embedded);
    const backedUp = await backUp(embedded.data, file(), "cloudmap test");
    expect(await restore(file(), place("/moved/"))).to.deep.equal(backedUp);

    await using moved = await start({ etcd: place("/moved/") });
    expect(await seen(moved)).to.deep.equal(await seen(embedded));
    const [before, between] = [await revisions(embedded), await revisions(moved)];
    for (const [index, revision] of between.entries()) expect(revision).to.be.at.least(before[index] ?? 0);
    await register(moved, cart, "d");
    await call(moved, "DeregisterInstance", { ServiceId: cart, InstanceId: "a" });
    for (const [index, revision] of (await revisions(moved)).entries())
      expect(revision).to.be.at.least(between[index] ?? 0);

    const again = await backUp(place("/moved/"), file(), "cloudmap test");
    expect(again).to.include({ account: backedUp.account, namespaces: 1, services: 2, instances: 2 });
    expect(again.revision).to.be.above(backedUp.revision);
    await restore(file(), join(folder, "back"));
    await using back = await start({ data: join(folder, "back") });
    expect(await seen(back)).to.deep.equal(await seen(moved));
    expect(await revisions(back)).to.deep.equal(await revisions(moved));
    await register(back, cart, "e");
  });

  it("is refused where nothing is, and where something is already, which stays as it is", async () => {
    await using engine = await start({ etcd: place("/there/") });
    await fill(engine);
    const before = await keysBelow("/there/");
    await backUp(place("/there/"), file(), "cloudmap test");
    expect(await failure(restore(file(), place("/there/")))).to.match(
      /a registry already below \/there\/.*etcdctl del/,
    );
    expect(await keysBelow("/there/")).to.equal(before);
    expect(await failure(backUp(place("/nothing/"), file(), "t"))).to.include("no registry in etcd below /nothing/");
    expect(await keysBelow("/nothing/")).to.equal("");
    await etcd.control("put", "/others/key", "1");
    expect(await failure(restore(file(), place("/others/")))).to.include(
      "keys that are not a registry's below /others/",
    );
  });

  it("is restored wholly or not at all", async () => {
    await using engine = await start();
    await fill(engine);
    await backUp(engine.data, file(), "cloudmap test");
    const whole = readFileSync(file());
    truncateSync(file(), whole.length - 20);
    expect(await failure(restore(file(), place("/half/")))).to.include("not a whole backup");
    expect(await keysBelow("/half/")).to.equal("");

    await etcd.control("put", "/half/form", JSON.stringify({ version: 1, offset: 7, filling: true }));
    await etcd.control("put", "/half/data/service/left-behind", "{}"); // what one leaves that was killed
    expect(await failure(openEtcd({ ...place("/half/"), log }))).to.include("a restore into it is under way");
    writeFileSync(file(), whole);
    await restore(file(), place("/half/"));
    expect(await keysBelow("/half/")).to.not.include("left-behind");
    await using restored = await start({ etcd: place("/half/") });
    expect(await seen(restored)).to.deep.equal(await seen(engine));
  });

  it("may be larger than one transaction, and its values as large as they can be", async () => {
    const lines = gunzipSync(readFileSync(await small()))
      .toString()
      .split("\n")
      .slice(0, -2);
    const header = JSON.parse(lines[0] ?? "");
    const entries = Array.from({ length: 5_000 }, (_, index) => ({
      key: `token/t/${index}`,
      revision: 1,
      value: index,
    }));
    const large = Array.from({ length: 8 }, (_, index) => {
      return { key: `token/large/${index}`, revision: 1, value: "x".repeat(400_000) };
    });
    const text = [header, ...entries, ...large].map((each) => `${JSON.stringify(each)}\n`).join("");
    const { createHash } = await import("node:crypto");
    const sha256 = createHash("sha256").update(text).digest("hex");
    const trailer = { entries: entries.length + large.length, sha256 };
    writeFileSync(file(), gzipSync(`${text}${JSON.stringify(trailer)}\n`));
    await restore(file(), place("/large/"));
    const store = await openEtcd({ ...place("/large/"), log });
    const found = new Map<string, string>();
    for await (const page of (await store.load()).pages) for (const { key, value } of page) found.set(key, value);
    await store.close();
    const wanted = [...entries, ...large].map(({ key, value }): [string, string] => [key, JSON.stringify(value)]);
    expect(found.size).to.equal(wanted.length);
    expect(wanted.every(([key, value]) => found.get(key) === value)).to.equal(true);
  });

  const small = async () => {
    await using engine = await start();
    await backUp(engine.data, file(), "cloudmap test");
    return file();
  };
});
