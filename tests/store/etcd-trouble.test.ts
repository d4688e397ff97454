// The store in etcd when something befalls etcd or the way to it: nothing is told of twice, nothing left out, nothing lost.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { type EtcdOptions, openEtcd } from "../../engine/store/etcd.ts";
import type { Store, StoreError } from "../../engine/store/store.ts";
import { until } from "../local/until.ts";
import { Link } from "../nodes/link.ts";
import { EtcdServer, hasEtcd } from "./etcd-server.ts";
import { follow } from "./follower.ts";
import { commitTo, contentsOf, gone, put } from "./place.ts";

const log = () => {};
/** Short, so that a test does not take long. */
const patience = { answer: 500, commit: 1_500, session: 300, start: 300 };

function failureOf(work: Promise<unknown>): Promise<StoreError> {
  return work.then(
    () => expect.fail("it is not refused"),
    (error) => error,
  );
}

describe("a store in etcd", () => {
  let etcd: EtcdServer;
  let prefix = "";
  let places = 0;
  const opened: Store[] = [];
  const open = async (options: Partial<EtcdOptions> = {}) => {
    const store = await openEtcd({ members: [etcd.url], prefix, log, patience, ...options });
    opened.push(store);
    return store;
  };
  before(async function () {
    if (!hasEtcd()) return this.skip();
    etcd = await EtcdServer.start();
  });
  after(() => etcd?.[Symbol.asyncDispose]());
  beforeEach(() => {
    places += 1;
    prefix = `/trouble-${places}/`;
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  const write = (store: Store, key: string, value: string) =>
    commitTo(store, { expectations: [], writes: [put(key, value), gone(`${key}/none`)] });
  const linked = async () => Link.to(Number(new URL(etcd.url).port));

  it("goes on where it was when its connection breaks, again and again", async () => {
    await using link = await linked();
    const [far, near] = [await open({ members: [link.url] }), await open()];
    const follower = await follow(far);
    for (let round = 0; round < 8; round += 1) {
      const writing = Array.from({ length: 10 }, (_, index) => write(near, `k/${round}/${index}`, ""));
      link.reset();
      const last = Math.max(...(await Promise.all(writing)));
      await until("it has heard of the last commit", () => follower.revision === last);
    }
    expect(follower.wrong).to.deep.equal([]);
    expect(follower.reloads).to.equal(0);
    expect(await follower.agrees()).to.equal(true);
  });

  it("is begun once by nodes that all start at the same moment", async () => {
    for (let round = 0; round < 20; round += 1) {
      const at = `${prefix}${round}/`;
      const start = async (name: string) => {
        const store = await open({ prefix: at });
        await Promise.all([store.join(name, () => {}), write(store, name, "1")]); // what the others may find first
        return store;
      };
      const stores = await Promise.all(["a", "b", "c", "d"].map(start));
      for (const store of stores) expect((await contentsOf(await store.load())).entries).to.have.length(4);
    }
  });

  it("is told whole, and without a gap, of what etcd sends in many pieces", async () => {
    await using link = await linked();
    const [far, near] = [await open({ members: [link.url] }), await open()];
    const follower = await follow(far);
    const sizes = new Map<number, number>();
    await far.watch(0, {
      commit: ({ revision, writes }) => sizes.set(revision, writes.length),
      reload: async () => {},
    });
    await write(near, "before", "1");
    await until("it has heard of it", () => follower.revision > 0);
    link.cut(); // long enough that etcd tells of more than a thousand commits at once (watchBatchMaxRevs)
    const wanted = new Map<number, number>();
    for (let round = 0; round < 1_200; round += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => wanted.set(await write(near, `k/${round + index}`, ""), 1)),
      );
    }
    const large = Array.from({ length: 100 }, (_, index) => put(`large/${index}`, "x".repeat(12_000))); // fragments have 512 KiB
    for (let time = 0; time < 3; time += 1) {
      wanted.set(await commitTo(near, { expectations: [], writes: large }), large.length);
    }
    const last = Math.max(...wanted.keys());
    await far.head().catch(() => {}); // it notices that nobody answers
    link.heal();
    await until("it has heard of the last commit", () => follower.revision === last && sizes.has(last));
    expect([follower.wrong, follower.reloads, await follower.agrees()]).to.deep.equal([[], 0, true]);
    for (const [revision, size] of wanted) expect(sizes.get(revision), `commit ${revision}`).to.equal(size);
  });

  it("goes on with a member that answers when one does not", async () => {
    await using link = await linked();
    const [moving, near] = [await open({ members: [link.url, etcd.url] }), await open()];
    const follower = await follow(moving);
    link.cut();
    const last = await write(near, "a", "1");
    expect(await moving.head()).to.equal(last);
    expect(await write(moving, "b", "1")).to.be.above(last);
    await until("it has heard of both", () => follower.revision > last);
    expect(follower.wrong).to.deep.equal([]);
  });

  it("reads everything again when etcd was compacted while it was away, and then goes on", async () => {
    await using link = await linked();
    const [far, near] = [await open({ members: [link.url] }), await open()];
    const follower = await follow(far);
    await write(near, "before", "1");
    await until("it has heard of it", () => follower.revision > 0);
    link.cut();
    for (const value of ["1", "2", "3"]) await write(near, "a", value);
    await commitTo(near, { expectations: [], writes: [gone("before")] });
    await etcd.compact();
    await far.head().catch(() => {}); // it notices that nobody answers
    link.heal();
    await until("it has read everything again", () => follower.reloads === 1);
    expect(await follower.agrees()).to.equal(true);
    const last = await write(near, "a", "4");
    await until("it has heard of the next commit", () => follower.revision === last);
    expect(follower.wrong).to.deep.equal([]);
    expect(await follower.agrees()).to.equal(true);
  });

  it("does not read everything again when what etcd has forgotten was not its own", async () => {
    await using link = await linked();
    const store = await open({ members: [link.url] });
    await write(store, "a", "1");
    const follower = await follow(store);
    link.cut();
    for (let time = 0; time < 3; time += 1) await etcd.control("put", "/other", `${time}`);
    await etcd.compact();
    await store.head().catch(() => {});
    link.heal();
    await until("it can be asked again", () => write(store, "a", "2").then(Boolean, () => false));
    const last = await write(store, "a", "3");
    await until("it has heard of it", () => follower.revision === last);
    expect([follower.reloads, follower.wrong]).to.deep.equal([0, []]);
  });

  it("loses nothing that it has acknowledged, and tells of nothing twice, when etcd is killed and comes back", async () => {
    const stores = [await open(), await open()] as const;
    const followers = [await follow(stores[0]), await follow(stores[1])];
    const acknowledged = new Map<string, string>();
    let failures = 0;
    let isOver = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let count = 0; !isOver; count += 1) {
        const key = `w/${writer}/${count % 5}`;
        try {
          await write(stores[writer % 2 === 0 ? 0 : 1], key, `${count}`);
          acknowledged.set(key, `${count}`);
        } catch (error) {
          failures += 1;
          acknowledged.delete(key); // it may be there or not
          expect((error as StoreError).failure).to.be.oneOf(["unknown", "unreachable"]);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    });
    for (let round = 0; round < 3; round += 1) {
      const size = failures;
      await until("writers are at work", () => acknowledged.size > 20);
      await etcd.stop("SIGKILL");
      await until("writers notice", () => failures > size);
      await etcd.start();
      acknowledged.clear();
    }
    await until("writers are at work again", () => acknowledged.size > 20);
    isOver = true;
    await Promise.all(writers);
    const { entries, revision } = await contentsOf(await stores[0].load());
    const found = new Map(entries.map(({ key, value }) => [key, value]));
    for (const [key, value] of acknowledged) expect(found.get(key), key).to.equal(value);
    for (const follower of followers) {
      await until("all is told of", () => follower.revision === revision);
      expect(follower.wrong).to.deep.equal([]);
      expect(await follower.agrees()).to.equal(true);
    }
  });

  it("says that etcd cannot be reached, and whether a commit may have been made", async () => {
    await using link = await linked();
    const store = await open({ members: [link.url] });
    await write(store, "a", "1");
    link.cut();
    const unknown = await failureOf(write(store, "a", "2"));
    expect(unknown.failure).to.equal("unknown");
    expect(unknown.message).to.include(`etcd at ${link.url}: it did not answer in time`);
    const unreachable = await failureOf(write(store, "a", "3"));
    expect(unreachable.failure).to.equal("unreachable");
    link.heal();
    await until("it can be asked again", () => write(store, "a", "4").then(Boolean, () => false));
  });

  it("is not opened, with what to do, where there is no etcd, or something else", async () => {
    const nobody = await failureOf(open({ members: ["http://127.0.0.1:1"] }));
    expect(nobody.message).to.match(
      /^etcd at http:\/\/127\.0\.0\.1:1: it cannot be reached: check that it runs, and the URL/,
    );
    const other = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await failureOf(open({ members: [url] }))).message).to.include(`etcd at ${url}: `);
    await new Promise((resolve) => other.close(resolve));
  });

  it("is not opened where a newer cloudmap has its data, and no longer written when one takes them over", async () => {
    const store = await open();
    await write(store, "a", "1");
    await etcd.control("put", `${prefix}form`, JSON.stringify({ version: 2, offset: 0 }));
    const uses = [
      () => write(store, "a", "2"),
      () => store.load(),
      () => store.head(),
      () => store.join("a", () => {}),
      () => open(),
    ];
    for (const use of uses) {
      const { failure, message } = await failureOf(use());
      expect(failure).to.equal("newer");
      expect(message).to.include("data version 2, this one knows 1").and.include("upgrade this node");
    }
    expect((await etcd.control("get", "--print-value-only", `${prefix}data/a`)).trim()).to.equal("1");
  });

  it("is no longer written when its registry was removed", async () => {
    const store = await open();
    await write(store, "a", "1");
    await etcd.control("del", "--prefix", prefix);
    const { failure, message } = await failureOf(write(store, "a", "2"));
    expect(failure).to.equal("damaged");
    expect(message).to.include("was removed or replaced while this node was at work");
  });

  it("says that etcd's space is used up, goes on reading, and commits again when there is room", async () => {
    await using small = await EtcdServer.start({ flags: ["--quota-backend-bytes", "4000000"] });
    const store = await open({ members: [small.url] });
    const value = "x".repeat(500_000);
    let failure: StoreError | undefined;
    for (let time = 0; time < 50 && failure === undefined; time += 1) {
      failure = await write(store, "a", value).then(
        () => undefined,
        (error) => error,
      );
    }
    expect(failure).to.have.property("failure", "full");
    expect(failure?.message).to.include("etcdctl alarm disarm");
    expect((await contentsOf(await store.load())).entries).to.have.length(1);
    expect(await store.head()).to.be.above(0);
    await small.compact();
    await small.control("defrag");
    await small.control("alarm", "disarm");
    await write(store, "a", "1");
  });

  it("tells who is at work: who comes, who goes, who dies, and who was taken for dead", async () => {
    await using link = await linked();
    const [a, b, c] = [await open(), await open({ members: [link.url] }), await open()];
    const told: Record<string, string> = {};
    const joined = (name: string, store: Store) =>
      store.join(name, (nodes) => {
        told[name] = nodes.join();
      });
    await joined("a", a);
    expect(told.a).to.equal("a");
    await Promise.all([joined("b", b), joined("c", c)]);
    await until("all know of all", () => Object.values(told).join(" ") === "a,b,c a,b,c a,b,c");
    await c.close();
    await until("c has gone", () => told.a === "a,b" && told.b === "a,b");
    link.cut();
    await until("b is taken for dead", () => told.a === "a", 15_000);
    link.heal();
    await until("b is back", () => told.a === "a,b" && told.b === "a,b", 15_000);
  });
});
