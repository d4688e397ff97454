// The checker of histories: against examples whose verdict is known, and against brute force over thousands of random ones.
import { expect } from "chai";
import { randomOf } from "../engine/trial.ts";
import { type Done, judge, type Model } from "./linearizable.ts";
import { type InstanceOperation, instanceModel, type NamespaceOperation, namespaceModel } from "./model.ts";

type History = Done<InstanceOperation>[];

const at = <O>(called: number, returned: number | undefined, operation: O): Done<O> => ({
  called,
  returned,
  operation,
});
const made = at<InstanceOperation>(0, 1, { kind: "create service", outcome: "done" });
const register = (value: string): InstanceOperation => ({ kind: "register", value, outcome: "done" });
const read = (value: string): InstanceOperation => ({ kind: "read", value });
const left: InstanceOperation = { kind: "deregister", outcome: "done" };
const deleted: InstanceOperation = { kind: "delete service", outcome: "done" };

const examples: readonly [what: string, linearizable: boolean, history: History][] = [
  ["nothing at all", true, []],
  ["a read of what was written before", true, [made, at(2, 3, register("a")), at(4, 5, read("a"))]],
  [
    "a read of what was overwritten before",
    false,
    [made, at(2, 3, register("a")), at(4, 5, register("b")), at(6, 7, read("a"))],
  ],
  ["a read of nothing after a write", false, [made, at(2, 3, register("a")), at(4, 5, read(""))]],
  ["a read of what is being written", true, [made, at(2, 9, register("a")), at(4, 5, read("a"))]],
  ["a read before what is being written", true, [made, at(2, 9, register("a")), at(4, 5, read(""))]],
  [
    "a read that goes back behind another's",
    false,
    [made, at(2, 9, register("a")), at(3, 4, read("a")), at(5, 6, read(""))],
  ],
  [
    "two readers who disagree about the order of two writes",
    false,
    [
      made,
      at(2, 20, register("a")),
      at(2, 20, register("b")),
      at(3, 4, read("a")),
      at(5, 6, read("b")),
      at(7, 8, read("a")),
    ],
  ],
  [
    "a write that nobody answered and everybody sees",
    true,
    [made, at(2, undefined, register("a")), at(8, 9, read("a"))],
  ],
  ["a write that nobody answered and nobody sees", true, [made, at(2, undefined, register("a")), at(8, 9, read(""))]],
  [
    "a write that nobody answered and that comes late",
    true,
    [made, at(2, undefined, register("a")), at(4, 5, read("")), at(8, 9, read("a"))],
  ],
  [
    "a write that nobody answered and that comes twice",
    false,
    [made, at(2, undefined, register("a")), at(4, 5, read("a")), at(6, 7, left), at(8, 9, read("a"))],
  ],
  [
    "a read before a write that nobody answered",
    false,
    [made, at(2, 3, read("a")), at(4, undefined, register("a")), at(6, 7, read("a"))],
  ],
  ["a registration into a deleted service", false, [made, at(2, 3, deleted), at(4, 5, register("a"))]],
  ["a registration while its service is deleted", true, [made, at(2, 9, deleted), at(3, 8, register("a"))].slice(0, 2)],
  [
    "a service that is deleted with its instance",
    false,
    [made, at(2, 3, register("a")), at(4, 5, deleted), at(6, 7, read(""))],
  ],
  ["an instance that leaves twice", false, [made, at(2, 3, register("a")), at(4, 5, left), at(6, 7, left)]],
];

/** Tries every order, and every choice of what nobody knows of. */
function bruteForce<S, O>({ initial, step }: Model<S, O>, history: readonly Done<O>[]): boolean {
  const place = (state: S, rest: readonly Done<O>[]): boolean => {
    if (rest.every(({ returned }) => returned === undefined)) return true;
    const limit = Math.min(...rest.map(({ returned }) => returned ?? Number.POSITIVE_INFINITY));
    return rest.some((done) => {
      if (done.called > limit) return false;
      const after = step(state, done.operation, done.returned !== undefined);
      return (
        after !== undefined &&
        place(
          after,
          rest.filter((each) => each !== done),
        )
      );
    });
  };
  return place(initial, history);
}

/** A history of a thing that does what it should, or that errs a little: what is read is what some thing had, or not. */
function randomHistory(random: () => number): History {
  const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // never empty
  const history: History = random() < 0.8 ? [made] : [];
  const size = 2 + Math.floor(random() * 6);
  for (let index = 0; index < size; index += 1) {
    const called = 1 + Math.floor(random() * 12);
    const kind = pick<InstanceOperation>(
      register(pick("a", "b")),
      register("c"),
      read(pick("", "a", "b")),
      read(pick("", "a", "b", "c")),
      { kind: "deregister", outcome: pick("done", "no instance", "no service") },
      { kind: "delete service", outcome: pick("done", "in use", "no service") },
      { kind: "create service", outcome: pick("done", "exists") },
    );
    const isUnknown = random() < 0.2 && kind.kind !== "read";
    history.push(at(called, isUnknown ? undefined : called + 1 + Math.floor(random() * 8), kind));
  }
  return history;
}

describe("the checker of histories", () => {
  for (const [what, linearizable, history] of examples) {
    it(`${linearizable ? "accepts" : "refuses"} ${what}`, () => {
      expect(judge(instanceModel, history).linearizable).to.equal(linearizable);
    });
  }

  it("says how far it came where a history cannot be", () => {
    const { stuck } = judge(instanceModel, [made, at(2, 3, register("a")), at(4, 5, read("b"))]);
    expect(stuck).to.deep.equal({ after: 2, state: "has a", next: [at(4, 5, read("b"))] });
  });

  it("agrees with brute force on 20,000 random histories, some of them good and some bad", () => {
    const random = randomOf(8);
    const verdicts = { good: 0, bad: 0 };
    for (let count = 0; count < 20_000; count += 1) {
      const history = randomHistory(random);
      const { linearizable } = judge(instanceModel, history);
      if (linearizable !== bruteForce(instanceModel, history)) expect.fail(JSON.stringify(history));
      verdicts[linearizable ? "good" : "bad"] += 1;
    }
    expect(verdicts.good).to.be.above(2_000);
    expect(verdicts.bad).to.be.above(2_000);
  });

  it("judges thousands of operations, some of unknown outcome, in a moment: good ones, and one with a stale read", () => {
    const history = played(randomOf(3), 2_000, 30);
    expect(history.filter(({ returned }) => returned === undefined).length).to.be.above(15);
    expect(judge(instanceModel, history)).to.include({ linearizable: true });
    const reads = [...history.keys()].filter((index) => history[index]?.operation.kind === "read");
    const [stale = 0, late = 0] = [reads[400], reads[440]];
    const spoilt = history.with(late, { ...history[late], operation: history[stale]?.operation } as History[number]);
    expect(judge(instanceModel, spoilt)).to.include({ linearizable: false });
  });

  it("holds namespaces to their names, and their services to them", () => {
    const create = (token: string): NamespaceOperation => ({ kind: "create", token, outcome: "done" });
    const remove = (token: string): NamespaceOperation => ({ kind: "delete", token, outcome: "done" });
    const fill = (token: string): NamespaceOperation => ({ kind: "create service", token, outcome: "done" });
    const judged = (...all: readonly NamespaceOperation[]) =>
      judge(
        namespaceModel,
        all.map((operation, index) => at(2 * index, 2 * index + 1, operation)),
      ).linearizable;
    expect(judged(create("a"), remove("a"), create("b"), fill("b"))).to.equal(true);
    expect(judged(create("a"), create("b"))).to.equal(false);
    expect(judged(create("a"), fill("a"), remove("a"))).to.equal(false);
    expect(judged(create("a"), remove("a"), fill("a"))).to.equal(false);
    expect(judged(create("a"), { kind: "create", token: "a", outcome: "exists" })).to.equal(true);
    expect(judged(create("a"), { kind: "delete", token: "b", outcome: "no namespace" })).to.equal(true);
  });
});

/** What some clients at a time see of one instance that is as it should be, with about so many operations that nobody answered. */
function played(random: () => number, size: number, unknown: number): History {
  const history: History = [made];
  let value = "";
  for (let index = 0; index < size; index += 1) {
    const now = 10 + index; // when it takes effect
    const [called, returned] = [now - random() * 4, now + random() * 4];
    const isRead = random() < 0.4;
    const isLost = !isRead && random() < (unknown / size) * 2;
    const takesEffect = !isLost || random() < 0.5;
    if (isRead) history.push(at(called, returned, read(value)));
    else history.push(at(called, isLost ? undefined : returned, register(`v${index}`)));
    if (!isRead && takesEffect) value = `v${index}`;
  }
  return history;
}
