/** What every store must do, whatever it is kept in: the contract of engine/store/store.ts as tests. */
import { expect } from "chai";
import fc from "fast-check";
import type { Entry, Expectation, Store, Write } from "../../engine/store/store.ts";
import { Model, step } from "./model.ts";
import { commitTo, contentsOf, entry, fillStore, gone, type Place, put } from "./place.ts";
import { describeStream } from "./stream.ts";

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
    const commit = (writes: Write[], expectations: Expectation[] = []) => store.commit({ expectations, writes });
    const committed = (writes: Write[], expectations: Expectation[] = []) => commitTo(store, { expectations, writes });
    const fill = (writes: Write[]) => fillStore(store, writes);
    const contents = async () => contentsOf(await store.load());

    it("is empty at first, at revision 0", async () => {
      expect(await contents()).to.deep.equal({ revision: 0, entries: [] });
      expect(await store.head()).to.equal(0);
    });

    it("rises with each commit", async () => {
      const revisions = [
        await committed([put("a", "1")]),
        await committed([put("a", "2"), put("b", "1")]),
        await committed([gone("a")]),
        await committed([gone("never")]),
      ];
      expect(revisions).to.deep.equal([...new Set(revisions)].sort((a, b) => a - b));
      expect(revisions[0]).to.be.above(0);
      expect(await store.head()).to.equal(revisions[3]);
      await reopen();
      expect(await store.head()).to.equal(revisions[3]);
      expect((await contents()).revision).to.equal(revisions[3]);
    });

    it("knows each key's value and the revision that wrote it, also when it is opened again", async () => {
      const first = await committed([put("b", "1"), put("a", "1"), put("c", "1")]);
      const second = await committed([put("a", "2"), gone("c")]);
      const wanted = { revision: second, entries: [entry("a", "2", second), entry("b", "1", first)] };
      await reopen();
      expect(await contents()).to.deep.equal(wanted);
      await reopen();
      expect(await contents()).to.deep.equal(wanted);
      expect(await committed([put("d", "1")])).to.be.above(second);
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
      const odds = await committed(odd.map((text) => put(`k/${text}`, text)));
      await commit([put("long", long)]);
      await reopen();
      const { entries } = await contents();
      expect(new Map(entries.map(({ key, value }) => [key, value]))).to.deep.equal(
        new Map([...odd.map((text): [string, string] => [`k/${text}`, text]), ["long", long]]),
      );
      const { revision } = await contents();
      expect(await committed([put("k/a", "1")], [{ key: "k/a", revision: 0 }])).to.be.above(revision);
      expect(await commit([], [{ key: "k/a\u0000", revision: odds }])).to.have.property("committed");
    });

    describe("commits only if", () => {
      /** The revisions of the commits, by their number. */
      let revisions: number[];
      beforeEach(async () => {
        revisions = [
          0,
          await committed([put("a", "1"), put("p/x", "1")]),
          await committed([put("b", "1")]),
          await committed([put("b", "2"), put("gone", "1"), put("q/x", "1")]),
          await committed([gone("gone"), gone("q/x")]),
        ];
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
          const at = (number: number) => revisions[number] ?? 0;
          let revision = at(4);
          for (const [what, { ...expectation }, holds] of cases) {
            if ("revision" in expectation) expectation.revision = at(expectation.revision);
            const outcome = await commit([put("new", what)], [{ key: "a", revision: at(1) }, expectation]);
            const text = `${what}: ${JSON.stringify(expectation)}`;
            if (!holds) expect(outcome, text).to.deep.equal({ conflict: revision });
            else expect((outcome as { committed: number }).committed, text).to.be.above(revision);
            revision = "committed" in outcome ? outcome.committed : revision;
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
            { key: "b", revision: revisions[1] ?? 0 },
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
      const [won, ...others] = outcomes.flatMap((outcome) => ("committed" in outcome ? [outcome.committed] : []));
      expect(others).to.deep.equal([]);
      expect((await contents()).revision).to.equal(won);
    });

    it("takes many keys in one commit", async () => {
      const most = Math.min(5_000, store.maxWrites);
      const writes = Array.from({ length: most }, (_, index) => put(`k/${index}`, `${index}`));
      const last = await committed(writes);
      await reopen();
      expect((await contents()).entries).to.have.length(most);
      expect(await commit([put("x", "")], [{ prefix: `k/${most - 1}` }])).to.deep.equal({ conflict: last });
    });

    it("takes as many expectations and writes in one commit as it says", async () => {
      const [most, writes] = [Math.min(2_000, store.maxExpectations), Math.min(4_000, store.maxWrites)];
      const first = await fill(Array.from({ length: most }, (_, index) => put(`e/${index}`, "")));
      const { entries } = await contents();
      const expectations = entries.map(({ key, revision }) => ({ key, revision }));
      const all = Array.from({ length: writes }, (_, index) => put(`w/${index}`, ""));
      const last = await committed(all, expectations);
      expect(last).to.be.above(first);
      const wrong = expectations.with(-1, { key: expectations.at(-1)?.key ?? "", revision: last });
      expect(await commit([...all.slice(1), put("new", "")], wrong)).to.deep.equal({ conflict: last });
      expect((await contents()).entries).to.have.length(most + writes);
    });

    it("is read as it was when the reading began, whatever is committed meanwhile", async () => {
      const filled = await fill(Array.from({ length: 12_000 }, (_, index) => put(`k/${index}`, "old")));
      await reopen(); // nothing is on its way any more
      const { revision, pages } = await store.load();
      const entries: Entry[] = [];
      const change = () => commit([put("k/9999", "new"), put("k/99999", "new"), gone("k/9998")]);
      for (let time = 0; time < 50; time += 1) await change();
      for await (const page of pages) {
        entries.push(...page);
        await change();
      }
      expect(revision).to.equal(filled);
      expect(entries).to.have.length(12_000);
      expect(entries.every((each) => each.value === "old" && each.revision <= filled)).to.equal(true);
    });

    it("can be left in the middle of reading", async () => {
      const filled = await fill(Array.from({ length: 12_000 }, (_, index) => put(`k/${index}`, "old")));
      for await (const page of (await store.load()).pages) if (page.length > 0) break;
      expect((await contents()).entries).to.have.length(12_000);
      expect(await committed([put("a", "1")])).to.be.above(filled);
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
                const transaction = model.resolve(each);
                const outcome = await opened.commit(transaction);
                expect(outcome).to.deep.equal(model.commit(transaction, outcome));
              }
            }
            expect(await contentsOf(await opened.load())).to.deep.equal(model.contents());
            await opened.close();
            opened = await own.open();
            expect(await contentsOf(await opened.load())).to.deep.equal(model.contents());
          } finally {
            await opened.close();
          }
        }),
        { numRuns: runs },
      );
    });
  });
  describeStream(name, newPlace);
}
