// Two nodes over etcd: the same game as over the store in memory, and the same rules.
import { expect } from "chai";
import { openEtcd } from "../../engine/store/etcd.ts";
import type { Store } from "../../engine/store/store.ts";
import { EtcdServer, hasEtcd } from "../store/etcd-server.ts";
import { type NewPlace, play } from "./game.ts";

describe("two nodes over etcd", function () {
  this.timeout(60_000);
  let etcd: EtcdServer;
  let places = 0;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start();
  });
  after(() => etcd?.[Symbol.asyncDispose]());
  const inEtcd =
    (planted: (store: Store) => Store = (store) => store): NewPlace =>
    async () => {
      places += 1;
      const prefix = `/game-${places}/`;
      return async () => planted(await openEtcd({ members: [etcd.url], prefix, log: () => {} }));
    };

  it("keep the rules that span records, and agree with what a restart finds", async () => {
    for (const seed of [1, 2, 3]) expect(await play(seed, inEtcd()), `seed ${seed}`).to.deep.equal([]);
  });

  it("are noticed when etcd compares nothing", async () => {
    const dropping = (store: Store): Store => ({
      maxExpectations: store.maxExpectations,
      maxWrites: store.maxWrites,
      load: () => store.load(),
      watch: (revision, watcher) => store.watch(revision, watcher),
      head: () => store.head(),
      join: (name, listener) => store.join(name, listener),
      commit: ({ writes }) => store.commit({ expectations: [], writes }),
      close: () => store.close(),
    });
    for (let seed = 1; seed <= 20; seed += 1) if ((await play(seed, inEtcd(dropping))).length > 0) return;
    expect.fail("20 games have not shown it");
  });
});
