// The store in etcd: the suite, against a real etcd.
import { openEtcd } from "../../engine/store/etcd.ts";
import { EtcdServer, hasEtcd } from "./etcd-server.ts";
import { describeStore } from "./suite.ts";

const silent = () => {};

describe("with a real etcd", () => {
  let etcd: EtcdServer;
  let places = 0;
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start();
  });
  after(() => etcd?.[Symbol.asyncDispose]());

  describeStore("etcd", 10, async () => {
    places += 1;
    const prefix = `/place-${places}/`;
    return {
      open: () => openEtcd({ members: [etcd.url], prefix, log: silent }),
      compact: async (store) => {
        await etcd.compact();
        return store;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
