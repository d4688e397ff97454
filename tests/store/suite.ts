/** What every store must do, whatever it is kept in: the contract of engine/store/store.ts as tests. */
import { expect } from "chai";
import fc from "fast-check";
import type { Commit, Entry, Expectation, Store, Write } from "../../engine/store/store.ts";
import { Model, step } from "./model.ts";

/** Where a store's data lies, for one test. */
export interface Place extends AsyncDisposable {
  open(): Promise<Store>;
}

/** `runs`: how many generated sequences of commits and restarts it goes through. */
export function describeStore(name: string, runs: number, newPlace: () => Promise<Place>): void {
  describe(`a store in ${name}`, () => {
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
    const reopen = async () => {
      await store.close();
      store = await place.open();
    };
    const put = (key: string, value: string) => ({ key, value });
    const gone = (key: string) => ({ key, value: undefined });
    const commit = (writes: Write[], expectations: Expectation[] = []) => store.commit({ expectations, writes });
    const contents = () => read(store);

    it("is empty at first, at revision 0", async () => {
      expect(await contents()).to.deep.equal({ revision: 0, entries: [] });
    });

    it("counts its commits", async () => {
      expect(await commit([put("a", "1")])).to.deep.equal({ committed: 1 });
      expect(await commit([put("a", "2"), put("b", "1")])).to.deep.equal({ committed: 2 });
      expect(await commit([gone("a")])).to.deep.equal({ committed: 3 });
      expect(await commit([gone("never")])).to.deep.equal({ committed: 4 });
    });

    it("knows each key's value and the revision that wrote it, also when it is opened again", async () => {
      await commit([put("b", "1"), put("a", "1"), put("c", "1")]);
      await commit([put("a", "2"), gone("c")]);
      const wanted = { revision: 2, entries: [entry("a", "2", 2), entry("b", "1", 1)] };
      await reopen();
      expect(await contents()).to.deep.equal(wanted);
      await reopen();
      expect(await contents()).to.deep.equal(wanted);
      expect(await commit([put("d", "1")])).to.deep.equal({ committed: 3 });
    });

    it("keeps keys and values as they are, whatever is in them", async () => {
      const odd = [
        "",
        " ",
        "a/b",
        "a\u0000b",
        "a\u0000",
        "ключ",
        "😀",
        "__proto__",
        "'; DROP TABLE",
        "%_",
        "\u{10ffff}",
      ];
      const long = "x".repeat(1_000_000);
      await commit(odd.map((text) => put(`k/${text}`, text)));
      await commit([put("long", long)]);
      await reopen();
      const { entries } = await contents();
      expect(new Map(entries.map(({ key, value }) => [key, value]))).to.deep.equal(
        new Map([...odd.map((text): [string, string] => [`k/${text}`, text]), ["long", long]]),
      );
      const { revision } = await contents();
      expect(await commit([put("k/a", "1")], [{ key: "k/a", revision: 0 }])).to.deep.equal({ committed: revision + 1 });
      expect(await commit([], [{ key: "k/a\u0000", revision: 1 }])).to.have.property("committed");
    });

    describe("commits only if", () => {
      beforeEach(async () => {
        await commit([put("a", "1"), put("p/x", "1")]);
        await commit([put("b", "1")]);
        await commit([put("b", "2"), put("gone", "1"), put("q/x", "1")]);
        await commit([gone("gone"), gone("q/x")]);
      });
      const cases: readonly (readonly [what: string, expectation: Expectation, holds: boolean])[] = [
        ["a key was last written when it is thought to be", { key: "a", revision: 1 }, true],
        ["a key was last written when it is thought to be", { key: "b", revision: 3 }, true],
        ["a key was not written since", { key: "b", revision: 2 }, false],
        ["a key was not written before", { key: "a", revision: 3 }, false],
        ["a key that is thought to be there is there", { key: "none", revision: 1 }, false],
        ["a key that is thought to be there was not removed", { key: "gone", revision: 3 }, false],
        ["a key that is thought to be there was not removed", { key: "gone", revision: 4 }, false],
        ["a key that is thought to be absent is absent", { key: "none", revision: 0 }, true],
        ["a key that is thought to be absent is absent, again", { key: "gone", revision: 0 }, true],
        ["a key that is thought to be absent is not there", { key: "a", revision: 0 }, false],
        ["a key is told from one that begins alike", { key: "p/", revision: 0 }, true],
        ["no key has a prefix", { prefix: "r/" }, true],
        ["no key has a prefix any more", { prefix: "q/" }, true],
        ["no key has a prefix, but one has", { prefix: "p/" }, false],
        ["no key has a prefix, but it is itself a key", { prefix: "a" }, false],
        ["no key has a prefix, and keys around it do not count", { prefix: "o" }, true],
      ];
      for (const when of ["", "it is opened again and "]) {
        it(`${when}what it expects is so`, async () => {
          if (when !== "") await reopen();
          let revision = 4;
          for (const [what, expectation, holds] of cases) {
            const outcome = await commit([put("new", what)], [{ key: "a", revision: 1 }, expectation]);
            if (holds) revision += 1;
            const wanted = holds ? { committed: revision } : { conflict: revision };
            expect(outcome, `${what}: ${JSON.stringify(expectation)}`).to.deep.equal(wanted);
            const { entries } = await contents();
            expect(entries.find(({ key }) => key === "new")?.value === what, what).to.equal(holds);
          }
        });
      }

      it("everything else is so too: nothing of a refused commit is there", async () => {
        const before = await contents();
        await commit(
          [put("x", "1"), gone("a"), put("b", "9")],
          [
            { key: "none", revision: 0 },
            { key: "b", revision: 1 },
          ],
        );
        expect(await contents()).to.deep.equal(before);
        await reopen();
        expect(await contents()).to.deep.equal(before);
      });
    });

    it("lets one of two commits win that expect the same", async () => {
      const rivals = Array.from({ length: 10 }, (_, index) =>
        commit([put("a", `${index}`)], [{ key: "a", revision: 0 }]),
      );
      const outcomes = await Promise.all(rivals);
      expect(outcomes.filter((outcome) => "committed" in outcome)).to.have.length(1);
      expect((await contents()).revision).to.equal(1);
    });

    describe("tells", () => {
      it("of every commit, in order, each once, and of nothing that was refused", async () => {
        const told: Commit[] = [];
        await store.watch(0, (each) => told.push(each));
        const writes = Array.from({ length: 50 }, (_, index) => [
          put(`k-${index % 7}`, `${index}`),
          gone(`k-${index % 5}x`),
        ]);
        await Promise.all(writes.map((each) => commit(each)));
        await commit([put("no", "1")], [{ key: "none", revision: 7 }]);
        await commit([put("last", "1")]);
        await until(() => told.length >= 51);
        expect(told.map(({ revision }) => revision)).to.deep.equal(Array.from({ length: 51 }, (_, index) => index + 1));
        expect(told.slice(0, 50).map((each) => each.writes)).to.deep.equal(writes);
      });

      it("of what came after a revision, and then goes on without a gap", async () => {
        for (const value of ["1", "2", "3"]) await commit([put("a", value)]);
        for (const from of [0, 1, 2, 3]) {
          const told: number[] = [];
          const racing = commit([put("a", "racing")]);
          await store.watch(from, ({ revision }) => told.push(revision));
          await racing;
          const outcome = await commit([put("a", "after")]);
          const last = "committed" in outcome ? outcome.committed : 0;
          await until(() => told.at(-1) === last);
          expect(told).to.deep.equal(Array.from({ length: last - from }, (_, index) => from + 1 + index));
        }
      });

      it("of what came after a revision also when it was opened again", async () => {
        await commit([put("a", "1"), put("b", "1")]);
        await commit([gone("a")]);
        await reopen();
        const told: Commit[] = [];
        await store.watch(1, (each) => told.push(each));
        await commit([put("c", "1")]);
        await until(() => told.length >= 2);
        expect(told).to.deep.equal([
          { revision: 2, writes: [gone("a")] },
          { revision: 3, writes: [put("c", "1")] },
        ]);
      });
    });

    it("takes many keys in one commit", async () => {
      const writes = Array.from({ length: 5_000 }, (_, index) => put(`k/${index}`, `${index}`));
      await commit(writes);
      await reopen();
      expect((await contents()).entries).to.have.length(5_000);
      expect(await commit([put("x", "")], [{ prefix: "k/4999" }])).to.deep.equal({ conflict: 1 });
    });

    it("is read as it was when the reading began, whatever is committed meanwhile", async () => {
      await commit(Array.from({ length: 12_000 }, (_, index) => put(`k/${index}`, "old")));
      await reopen(); // nothing is on its way any more
      const { revision, pages } = await store.load();
      const entries: Entry[] = [];
      const change = () => commit([put("k/9999", "new"), put("k/99999", "new"), gone("k/9998")]);
      for (let time = 0; time < 50; time += 1) await change();
      for await (const page of pages) {
        entries.push(...page);
        await change();
      }
      expect(revision).to.equal(1);
      expect(entries).to.have.length(12_000);
      expect(entries.every((each) => each.value === "old" && each.revision === 1)).to.equal(true);
    });

    it("can be left in the middle of reading", async () => {
      await commit(Array.from({ length: 12_000 }, (_, index) => put(`k/${index}`, "old")));
      for await (const page of (await store.load()).pages) if (page.length > 0) break;
      expect((await contents()).entries).to.have.length(12_000);
      expect(await commit([put("a", "1")])).to.deep.equal({ committed: 2 });
    });

    it("refuses to work when it is closed, and can be closed twice", async () => {
      await store.close();
      await store.close();
      const error = await commit([put("a", "1")]).catch((reason) => reason);
      expect(error).to.have.property("name", "StoreError");
      store = await place.open();
    });

    it("is what a map would be, over any sequence of commits and restarts", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          await using own = await newPlace();
          let opened = await own.open();
          try {
            const model = new Model();
            for (const each of steps) {
              if (each === "restart") {
                await opened.close();
                opened = await own.open();
              } else {
                const { expectations, writes } = model.resolve(each);
                expect(await opened.commit({ expectations, writes })).to.deep.equal(model.commit(expectations, writes));
              }
            }
            expect(await read(opened)).to.deep.equal(model.contents());
            await opened.close();
            opened = await own.open();
            expect(await read(opened)).to.deep.equal(model.contents());
          } finally {
            await opened.close();
          }
        }),
        { numRuns: runs },
      );
    });
  });
}

async function read(store: Store): Promise<{ revision: number; entries: Entry[] }> {
  const { revision, pages } = await store.load();
  const entries: Entry[] = [];
  for await (const page of pages) entries.push(...page);
  return { revision, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

function entry(key: string, value: string, revision: number): Entry {
  return { key, value, revision };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
