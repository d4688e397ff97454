// The version of the data in etcd: it is raised when all nodes at work know the newer one, and values of any age are read.
import { expect } from "chai";
import { connect } from "../../engine/store/etcd.ts";
import { findForm } from "../../engine/store/etcd-form.ts";
import { Layout } from "../../engine/store/etcd-layout.ts";
import { decodeAnswer, encodeRaise } from "../../engine/store/etcd-transaction.ts";
import type { Store } from "../../engine/store/store.ts";
import { until } from "../local/until.ts";
import { EtcdServer, hasEtcd } from "./etcd-server.ts";
import { follow } from "./follower.ts";
import { commitTo, contentsOf, gone, put } from "./place.ts";
import { openVersion } from "./planted-steps.ts";

const log = () => {};

describe("the data of a registry in etcd", () => {
  let etcd: EtcdServer;
  let prefix = "";
  let places = 0;
  const opened: Store[] = [];
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
  });
  after(() => etcd?.[Symbol.asyncDispose]());
  beforeEach(() => {
    places += 1;
    prefix = `/form-${places}/`;
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  const open = async (version: number, raise = 100) => {
    const store = await openVersion(version, { members: [etcd.url], prefix, log, patience: { raise } });
    opened.push(store);
    return store;
  };
  const join = (store: Store, name: string) => store.join(name, () => {});
  const write = (store: Store, key: string) =>
    commitTo(store, { expectations: [], writes: [put(key, `"${key}"`), gone("none")] });
  const form = async () => JSON.parse(await etcd.control("get", "--print-value-only", `${prefix}form`));
  const stored = async (key: string) =>
    (await etcd.control("get", "--print-value-only", `${prefix}data/${key}`)).trim();
  const isAt = (version: number) =>
    until(`the data are of version ${version}`, async () => (await form()).version === version);
  const texts = async (store: Store) => (await contentsOf(await store.load())).entries.map(({ value }) => value).join();

  it("come to a version that all nodes know, and no further; values of each age are read by each", async () => {
    const [one, two, three] = [await open(1), await open(2), await open(3)];
    await Promise.all([join(one, "one"), join(two, "two"), join(three, "three")]);
    const followers = [await follow(two), await follow(three)];
    for (const [store, key] of [
      [one, "a"],
      [two, "b"],
      [three, "c"],
    ] as const)
      await write(store, key);
    expect([await stored("a"), await stored("b"), await stored("c")]).to.deep.equal(['"a"', '"b"', '"c"']);
    await one.close();
    await isAt(2);
    await write(two, "d");
    await write(three, "e");
    expect([await stored("a"), await stored("d"), await stored("e")]).to.deep.equal([
      '"a"',
      '{"v2":"d"}',
      '{"v2":"e"}',
    ]);
    await two.close();
    await isAt(3);
    await write(three, "f");
    await write(three, "a");
    expect([await stored("b"), await stored("d"), await stored("f")]).to.deep.equal([
      '"b"',
      '{"v2":"d"}',
      '{"v3":{"v2":"f"}}',
    ]);
    for (const store of [three, await open(3)]) expect(await texts(store)).to.equal('"a","b","c","d","e","f"');
    expect(followers[1]?.wrong).to.deep.equal([]);
    expect(await followers[1]?.agrees()).to.equal(true);
  });

  it("are read and written by who has not heard that their version was raised", async () => {
    const first = await open(1);
    await write(first, "a");
    await first.close();
    const unaware = await open(2);
    const before = await unaware.load();
    await join(await open(2), "b");
    await isAt(2);
    await write(await open(2), "c");
    const late = await open(2);
    expect(await texts(unaware)).to.equal('"a","c"');
    expect((await contentsOf(before)).entries.map(({ value }) => value)).to.deep.equal(['"a"']);
    await write(late, "d");
    expect(await texts(late)).to.equal('"a","c","d"');
  });

  it("are committed to at the version that they have: a commit that is overtaken is a conflict, and then none", async () => {
    await write(await open(1), "a");
    const overtaken = await open(2, 60_000);
    await join(await open(2), "b");
    await isAt(2);
    const transaction = { expectations: [], writes: [put("x", '"x"')] };
    expect(await overtaken.commit(transaction)).to.have.property("conflict");
    expect(await stored("x")).to.equal("");
    expect(await overtaken.commit(transaction)).to.have.property("committed");
    expect(await stored("x")).to.equal('{"v2":"x"}');
  });

  it("stay where a node has come since those at work were looked at", async () => {
    const store = await open(1);
    const connection = await connect({ members: [etcd.url], prefix, log });
    const layout = new Layout(prefix);
    const found = await findForm(connection, layout);
    const at = found?.revision ?? 0;
    const raise = async () => {
      const request = encodeRaise(layout, { value: '{"version":2,"offset":0}', at, nodesAt: at });
      return decodeAnswer(await connection.ask("KV/Txn", request), layout);
    };
    await join(store, "one");
    expect(await raise())
      .to.have.property("form")
      .with.property("revision", at);
    await store.close();
    expect(await raise(), "when it has gone").to.have.property("committed");
    connection.close();
  });
});
