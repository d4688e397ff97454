// How a node makes sure that it is current: few questions for many who wait, and none that is waited for for ever.
import { expect } from "chai";
import type { CloudMapError } from "../../api/errors.ts";
import { Head, type Lost } from "../../engine/head.ts";
import { Registry } from "../../engine/registry.ts";
import { until } from "../local/until.ts";
import { turn } from "./trial.ts";

/** A store that answers when the test says so. */
function asked() {
  const questions: { answer(revision: number): void; fail(error: Error): void }[] = [];
  const head = () => new Promise<number>((resolve, reject) => void questions.push({ answer: resolve, fail: reject }));
  return { questions, store: { head } };
}

describe("a node makes sure that it is current", () => {
  it("by one question for all who come before it is asked, and by none that was asked before they came", async () => {
    const { questions, store } = asked();
    const head = new Head(new Registry(), store);
    const early = head.catchUp();
    const later = Array.from({ length: 1_000 }, () => head.catchUp());
    expect(questions).to.have.length(1);
    questions[0]?.answer(0);
    expect(await early).to.equal(0);
    expect(questions).to.have.length(2);
    let answered = 0;
    for (const each of later) void each.then(() => (answered += 1));
    await turn();
    expect(answered, "before the second question is answered").to.equal(0);
    questions[1]?.answer(0);
    await Promise.all(later);
    expect(questions).to.have.length(2);
  });

  it("when it has what the store has, and not before", async () => {
    const { questions, store } = asked();
    const registry = new Registry();
    const head = new Head(registry, store);
    let [caught, revision] = [false, 0];
    const catching = head.catchUp().then((found) => ([caught, revision] = [true, found]));
    questions[0]?.answer(3);
    for (const at of [1, 2]) registry.apply({ revision: at, writes: [] });
    await turn();
    expect(caught).to.equal(false);
    expect(head.lag.revisions).to.equal(1);
    registry.apply({ revision: 3, writes: [] });
    await catching;
    expect([revision, head.lag.revisions]).to.deep.equal([3, 0]);
  });

  for (const [what, stuck] of [
    ["the store does not answer", () => {}],
    ["the store fails", ({ questions }) => questions.at(-1)?.fail(new Error("no route"))],
    ["its changes do not come", ({ questions }) => questions.at(-1)?.answer(1)],
  ] as readonly (readonly [string, (at: ReturnType<typeof asked>) => void])[]) {
    it(`not at all where ${what}: that is said in time, and at once when it has lasted`, async () => {
      const at = asked();
      const changes: (Lost | undefined)[] = [];
      const registry = new Registry();
      const head = new Head(registry, at.store, { pace: 20, changed: (lost) => changes.push(lost) });
      const begun = Date.now();
      head.start();
      const stick = setInterval(() => stuck(at), 1);
      const refused = await head.catchUp().catch((error: CloudMapError) => error);
      expect(refused).to.include({ code: "ServiceUnavailable" });
      await until("it is lost", () => changes.length > 0);
      expect(head.lag.seconds).to.be.above(0.03);
      expect(Date.parse(changes[0]?.since ?? "")).to.be.within(begun - 50, begun + 50);
      expect(() => head.refuseWhereLost()).to.throw("takes no changes");
      const before = at.questions.length;
      let atOnce = false;
      const again = head.catchUp().catch(() => (atOnce = true));
      for (let turns = 0; turns < 3; turns += 1) await Promise.resolve();
      expect([atOnce, at.questions.length]).to.deep.equal([true, before]);
      await again;
      clearInterval(stick);
      registry.apply({ revision: 1, writes: [] });
      await until("it is there again", () => {
        at.questions.at(-1)?.answer(1);
        return head.lost === undefined;
      });
      expect(changes.slice(1), "told once each").to.deep.equal([undefined]);
      await head.catchUp().catch(() => {});
      head.stop();
    });
  }
});
