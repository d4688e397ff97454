// Several nodes over a real etcd: what one has acknowledged is there for who asks another one, also when etcd was away; and the
// game of two nodes, as over the store in memory.
import { expect } from "chai";
import type { NodeHealth } from "../../engine/node.ts";
import { openEtcd } from "../../engine/store/etcd.ts";
import type { Store } from "../../engine/store/store.ts";
import { until } from "../local/until.ts";
import { EtcdServer, hasEtcd } from "../store/etcd-server.ts";
import { wrap } from "../store/wrap.ts";
import { pair } from "./cluster.ts";
import { type NewPlace, play } from "./game.ts";
import { make, reads, removals, writes } from "./missed.ts";
import { call, makeNamespace, makeService, post, type Running, register, start } from "./running.ts";

const silent = () => {};

describe("nodes over etcd", () => {
  let etcd: EtcdServer;
  let places = 0;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start();
  });
  after(() => etcd?.[Symbol.asyncDispose]());

  const place = () => {
    places += 1;
    const prefix = `/nodes-${places}/`;
    return () => openEtcd({ members: [etcd.url], prefix, log: silent });
  };

  it("answer as if they had heard of everything", async () => {
    for (const [name, ask] of Object.entries({ ...reads, ...writes })) {
      const { quick, slow, settled, close } = await pair(undefined, {}, place());
      const made = await make(quick);
      const answer = await ask(slow, made);
      await settled();
      if (name in reads) expect(answer, name).to.deep.equal(await ask(quick, made));
      await close();
    }
  });

  it("do not find in the way what is gone", async () => {
    for (const [remove, ask, options] of Object.values(removals)) {
      const { quick, slow, settled, close } = await pair(undefined, options, place());
      const made = await make(quick);
      await settled();
      await remove(quick, made);
      await ask(slow, made);
      await close();
    }
  });

  const healthOf = async ({ url }: Running) => (await (await fetch(`${url}/healthz`)).json()) as NodeHealth;
  const three = async () => {
    const open = place();
    const launch = async (node: string) => start({ store: await open(), node, pace: 500, now: Date.now });
    const nodes = [await launch("a"), await launch("b"), await launch("c")] as const;
    return {
      nodes,
      [Symbol.asyncDispose]: async () => {
        for (const each of nodes) await each[Symbol.asyncDispose]();
      },
    };
  };

  it("know each other, and go on without one that has gone", async () => {
    await using all = await three();
    const [a, b, c] = all.nodes;
    const nodes = async (of: Running) => (await healthOf(of)).nodes.join();
    for (const each of [a, b, c]) await until("all know all", async () => (await nodes(each)) === "a,b,c");
    await b.engine.stop();
    for (const each of [a, c]) await until("they know that it has gone", async () => (await nodes(each)) === "a,c");
    const service = await makeService(a, await makeNamespace(a, "n"), "s");
    await register(c, service, "i");
    expect((await call(a, "ListInstances", { ServiceId: service })).Instances).to.have.length(1);
  });

  it("answer from memory while etcd is away, take no changes, and lose nothing that they acknowledged", async () => {
    await using all = await three();
    const { nodes } = all;
    const [a, b, c] = nodes;
    const service = await makeService(a, await makeNamespace(b, "n"), "s");
    for (const [at, each] of nodes.entries()) await register(each, service, `i-${at}`);
    const discover = () =>
      nodes.map((each) => call(each, "DiscoverInstances", { NamespaceName: "n", ServiceName: "s" }));
    const ids = async () => (await Promise.all(discover())).map(({ Instances = [] }) => Instances.length);
    await until("all have all", async () => (await ids()).join() === "3,3,3");
    await etcd.stop();
    for (const each of nodes)
      await until("it is lost", async () => (await healthOf(each)).status === "degraded", 30_000);
    expect(await ids()).to.deep.equal([3, 3, 3]);
    for (const each of nodes) {
      const input = JSON.stringify({ ServiceId: service, InstanceId: "late", Attributes: {} });
      const { status, text } = await post(each, "RegisterInstance", input);
      expect([status, JSON.parse(text).__type]).to.deep.equal([503, "ServiceUnavailable"]);
    }
    await etcd.start();
    for (const each of nodes) await until("it is back", async () => (await healthOf(each)).status === "ok", 30_000);
    await register(c, service, "after");
    const consistent = { "x-cloudmap-consistent-read": "true" };
    for (const each of nodes) {
      const { text } = await post(each, "ListInstances", JSON.stringify({ ServiceId: service }), consistent);
      const found = JSON.parse(text).Instances.map(({ Id }: { Id: string }) => Id);
      expect(found.toSorted()).to.deep.equal(["after", "i-0", "i-1", "i-2"]);
    }
  });

  const game =
    (planted: (store: Store) => Store = (store) => store): NewPlace =>
    async () => {
      const open = place();
      return async () => planted(await open());
    };

  it("keep the rules that span records, and agree with what a restart finds", async () => {
    for (const seed of [1, 2, 3]) expect(await play(seed, game()), `seed ${seed}`).to.deep.equal([]);
  });

  it("are noticed when etcd compares nothing", async () => {
    const dropping = (store: Store): Store =>
      wrap(store, { commit: ({ writes }) => store.commit({ expectations: [], writes }) });
    for (let seed = 1; seed <= 20; seed += 1) if ((await play(seed, game(dropping))).length > 0) return;
    expect.fail("20 games have not shown it");
  });
});
