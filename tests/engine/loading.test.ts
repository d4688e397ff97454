// A start while the store is compacted: what was read so far is of no use, and it is read again, but not for ever.
import { expect } from "chai";
import { loadRegistry } from "../../engine/loading.ts";
import { identityKey } from "../../engine/records.ts";
import { openEtcd } from "../../engine/store/etcd.ts";
import { type Entry, type Store, StoreError } from "../../engine/store/store.ts";
import { EtcdServer, hasEtcd } from "../store/etcd-server.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { commitTo, fillStore, put } from "../store/place.ts";
import { wrap } from "../store/wrap.ts";

const identity = put(identityKey, '{"Account":"111122223333","CreateDate":0}');

/** A store of which something happens each time that its first page has been read. */
function afterFirstPage(inner: Store, happens: (load: number) => Promise<void>): Store {
  let loads = 0;
  const load = async () => {
    const { revision, pages } = await inner.load();
    loads += 1;
    const current = loads;
    async function* all(): AsyncGenerator<readonly Entry[]> {
      let number = 0;
      for await (const page of pages) {
        yield page;
        number += 1;
        if (number === 1) await happens(current);
      }
    }
    return { revision, pages: all() };
  };
  return wrap(inner, { load });
}

describe("a registry that is read while its store is compacted", () => {
  const told: string[] = [];
  const log = (_: string, message: string) => told.push(message);
  beforeEach(() => told.splice(0));

  /** Compacted in the middle of the first readings. */
  const compacted = async (times: number) => {
    const store = openMemory(new Memory());
    await commitTo(store, { expectations: [], writes: [identity] });
    return afterFirstPage(store, async (load) => {
      if (load <= times) throw new StoreError("compacted", "required revision has been compacted");
    });
  };

  it("is read again, and said to be", async () => {
    const registry = await loadRegistry(await compacted(4), log);
    expect([registry.revision, registry.identity?.Account]).to.deep.equal([1, "111122223333"]);
    expect(told).to.deep.equal(Array(4).fill("the store was compacted while the registry was read: it is read again"));
  });

  it("is given up where that goes on and on", async () => {
    const error = await loadRegistry(await compacted(5), log).catch((reason) => reason);
    expect(error).to.be.instanceOf(StoreError).and.to.have.property("failure", "compacted");
  });

  describe("in etcd", () => {
    let etcd: EtcdServer;
    let store: Store;
    const keys = 61_000; // more than the pages that are asked for ahead
    before(async function () {
      if (!hasEtcd()) return this.skip();
      etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
      store = await openEtcd({ members: [etcd.url], log: () => {} });
      const tokens = Array.from({ length: keys }, (_, index) => put(`token/t/${index}`, '{"Digest":"d"}'));
      await fillStore(store, [identity, ...tokens]);
    });
    after(async () => {
      await store?.close();
      await etcd?.[Symbol.asyncDispose]();
    });
    const overtake = async (value: string) => {
      await commitTo(store, { expectations: [], writes: [put("token/t/0", `{"Digest":"${value}"}`)] });
      await etcd.compact();
    };

    it("comes to what is there now, and hears of what comes", async () => {
      const registry = await loadRegistry(
        afterFirstPage(store, async (load) => {
          if (load === 1) await overtake("new");
        }),
        log,
      );
      expect(told.filter((message) => message.includes("compacted"))).to.have.length(1);
      expect(registry.get("token/t/0")).to.deep.equal({ Digest: "new" });
      expect(registry.revisionOf(`token/t/${keys - 1}`)).to.be.above(0);
      const last = await commitTo(store, { expectations: [], writes: [put("token/t/1", '{"Digest":"newer"}')] });
      expect(await registry.reached(last, 5_000)).to.equal(true);
      expect(registry.get("token/t/1")).to.deep.equal({ Digest: "newer" });
    });

    it("says what to do where it cannot be read", async () => {
      const { pages } = await afterFirstPage(store, () => overtake("again")).load();
      const reading = (async () => {
        for await (const _ of pages);
      })();
      const message = await reading.catch((error: Error) => error.message);
      expect(message).to.match(/^etcd at \S+: it was compacted while the registry was read.*compact it less often/);
    });
  });
});
