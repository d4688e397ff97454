/** What every store tells of: each commit, once, in order, without a gap; and who takes part in the work. */
import { expect } from "chai";
import type { Commit, Entry, Expectation, Store, Watcher, Write } from "../../engine/store/store.ts";
import { type Contents, commitTo, contentsOf, entry, fillStore, gone, type Place, put, until } from "./place.ts";

export function describeStream(name: string, newPlace: () => Promise<Place>): void {
  describe(`a store in ${name} tells`, () => {
    let place: Place;
    let store: Store;
    beforeEach(async () => {
      place = await newPlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place[Symbol.asyncDispose]();
    });
    const committed = (writes: Write[], expectations: Expectation[] = []) => commitTo(store, { expectations, writes });

    it("of every commit, in order, each once, and of nothing that was refused", async () => {
      const told: Commit[] = [];
      await store.watch(0, into(told));
      await fillStore(
        store,
        Array.from({ length: 50 }, (_, index) => put(`x-${index}`, "")),
      );
      await until(() => told.at(-1)?.writes.some(({ key }) => key === "x-49") === true);
      const begun = told.length;
      const writes = Array.from({ length: 50 }, (_, index) => [put(`k-${index % 7}`, `${index}`), gone(`x-${index}`)]);
      const revisions = await Promise.all(writes.map((each) => committed(each)));
      expect(
        await store.commit({ expectations: [{ key: "none", revision: 7 }], writes: [put("no", "1")] }),
      ).to.have.property("conflict");
      await committed([put("last", "1")]);
      await until(() => told.at(-1)?.writes[0]?.key === "last");
      const wanted = writes.map((each, index) => ({ revision: revisions[index] ?? 0, writes: byKey(each) }));
      const found = told.slice(begun, -1).map((each) => ({ ...each, writes: byKey(each.writes) }));
      expect(found).to.deep.equal(wanted.toSorted((a, b) => a.revision - b.revision));
    });

    it("of what came after a revision, and then goes on without a gap", async () => {
      const revisions: number[] = [0];
      for (const value of ["1", "2", "3"]) revisions.push(await committed([put("a", value)]));
      for (const from of revisions.slice(0, 4)) {
        const told: Commit[] = [];
        const racing = committed([put("a", "racing")]);
        await store.watch(from, into(told));
        revisions.push(await racing, await committed([put("a", "after")]));
        await until(() => told.at(-1)?.revision === revisions.at(-1));
        expect(told.map(({ revision }) => revision)).to.deep.equal(revisions.filter((each) => each > from));
      }
    });

    it("of what came after a revision also when it was opened again", async () => {
      const first = await committed([put("a", "1"), put("b", "1")]);
      const second = await committed([gone("a")]);
      await store.close();
      store = await place.open();
      const told: Commit[] = [];
      await store.watch(first, into(told));
      const third = await committed([put("c", "1")]);
      await until(() => told.length >= 2);
      expect(told).to.deep.equal([
        { revision: second, writes: [gone("a")] },
        { revision: third, writes: [put("c", "1")] },
      ]);
    });

    it("of everything as it is, to whom it can no longer tell each commit, and then goes on without a gap", async () => {
      const first = await committed([put("a", "1"), put("b", "1")]);
      const second = await committed([gone("a"), put("c", "1")]);
      await committed([put("e", "1")]);
      store = await place.compact(store);
      const told: (Commit | Contents)[] = [];
      const racing = committed([put("b", "2")]);
      await store.watch(first, {
        commit: (each) => told.push(each),
        reload: async (snapshot) => void told.push(await contentsOf(snapshot)),
      });
      const last = [await racing, await committed([put("d", "1")])];
      await until(() => told.at(-1)?.revision === last[1]);
      const [everything, ...commits] = told;
      expect(everything)
        .to.have.property("entries")
        .that.deep.includes(entry("c", "1", second));
      expect(everything)
        .to.have.property("entries")
        .that.satisfies((all: Entry[]) => all.every(({ key }) => key !== "a"));
      const since = everything?.revision ?? 0;
      expect(commits.map(({ revision }) => revision)).to.deep.equal(last.filter((each) => each > since));
    });

    it("which commit is the newest, also of one that it has not told of", async () => {
      for (let time = 0; time < 5; time += 1) {
        const last = await committed([put("a", `${time}`)]);
        expect(await store.head()).to.equal(last);
      }
    });

    it("who takes part in the work", async () => {
      const told: (readonly string[])[] = [];
      await store.join("one", (nodes) => told.push(nodes));
      await until(() => told.at(-1)?.join() === "one");
    });
  });
}

/** Notes what is told of; nothing is compacted here. */
function into(told: Commit[]): Watcher {
  return {
    commit: (each) => void told.push(each),
    reload: async () => {
      throw new Error("everything is told of again");
    },
  };
}

function byKey(writes: readonly Write[]): Write[] {
  return writes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
