// A sorted map answers its pages in order, whatever came and went in between.
import { expect } from "chai";
import fc from "fast-check";
import { SortedMap } from "../../engine/sorted-map.ts";

const key = fc.constantFrom(..."abcdefghijklmnop");
const step = fc.oneof(
  fc.record({ set: key }),
  fc.record({ delete: key }),
  fc.record({ page: fc.oneof(fc.constant(""), key), most: fc.integer({ min: 1, max: 4 }), back: fc.boolean() }),
);

describe("a sorted map", () => {
  it("is what a map would be whose keys are sorted each time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const map = new SortedMap<number>();
        const model = new Map<string, number>();
        for (const [index, each] of steps.entries()) {
          if ("set" in each) {
            map.set(each.set, index);
            model.set(each.set, index);
          } else if ("delete" in each) {
            map.delete(each.delete);
            model.delete(each.delete);
          } else {
            const { page: from, most, back } = each;
            const even = (value: number) => value % 2 === 0;
            const all = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, value]) => even(value));
            const after = all.filter(([name]) => name > from).slice(0, most);
            const before = all.reverse().filter(([name]) => from === "" || name < from);
            const found = back ? map.pageBack(from, most, even) : map.page(from, most, even);
            expect(found).to.deep.equal(back ? before.slice(0, most) : after);
          }
          expect(map.size).to.equal(model.size);
        }
        expect(map.page("", 100)).to.deep.equal([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
      }),
      { numRuns: 500 },
    );
  });

  it("keeps nothing of what has gone, and pages as fast after a change as before it", () => {
    const map = new SortedMap<number>();
    const name = (index: number) => `k-${String(index).padStart(7, "0")}`;
    for (let index = 0; index < 50_000; index += 1) map.set(name(index), index);
    const time = (work: () => void) => {
      const started = performance.now();
      for (let round = 0; round < 300; round += 1) work();
      return performance.now() - started;
    };
    map.page("", 10);
    let next = 50_000;
    const unchanged = time(() => map.pageBack("", 100));
    const changed = time(() => {
      map.delete(name(next - 50_000));
      map.set(name(next), next);
      next += 1;
      expect(map.pageBack("", 1)).to.deep.equal([[name(next - 1), next - 1]]);
    });
    expect(changed).to.be.below(unchanged * 20 + 300); // to sort 300 times takes seconds
    for (let index = next - 50_000; index < next; index += 1) map.delete(name(index));
    expect([map.size, map.page("", 10)]).to.deep.equal([0, []]);
  });
});
