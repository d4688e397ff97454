// What people see: differences, counts, and nothing that could act on their terminal.

import { expect } from "chai";
import type { OperationEvent } from "../../runner/deploy/event.ts";
import type { Step } from "../../runner/deploy/step.ts";
import { changesOf, inline, show } from "../../runner/display/change.ts";
import { countLines, Display } from "../../runner/display/display.ts";
import { outputLines, plainOutputs } from "../../runner/display/outputs.ts";
import { printable } from "../../runner/display/text.ts";
import type { Resource } from "../../runner/state/resource.ts";
import { secret, unknownString } from "../../runner/value/value.ts";

const urn = "urn:pulumi:dev::p::t:i:T::a";
const state = (inputs: NonNullable<Resource["inputs"]>): Resource => ({ urn, custom: true, type: "t:i:T", inputs });
const update: Step = {
  op: "update",
  urn,
  old: state({ ttl: 5, s: secret("x"), gone: 1 }),
  new: state({ ttl: 7, s: secret("y"), more: unknownString }),
};

function shown(
  events: readonly OperationEvent[],
  more: Partial<ConstructorParameters<typeof Display>[0]> = {},
): string[] {
  const lines: string[] = [];
  let now = 0;
  const options = { preview: false, diff: false, debug: false, suppressProgress: true, ...more };
  const display = new Display({
    write: (line) => lines.push(line),
    paint: (_colour, text) => text,
    now: () => (now += 600),
    ...options,
  });
  for (const event of events) display.show(event);
  display.close();
  return lines;
}

describe("the display", () => {
  it("shows what changed, secrets and unknown values by name only", () => {
    const line = " ~  t:i:T a updated (0.6s) [-gone: 1; +more: [unknown]; s: [secret] => [secret]; ttl: 5 => 7]";
    expect(
      shown([
        { kind: "started", step: update },
        { kind: "ended", step: update },
      ]),
    ).to.deep.equal([line]);
  });

  it("shows each change on a line of its own with --diff", () => {
    const lines = shown(
      [
        { kind: "started", step: update },
        { kind: "ended", step: update },
      ],
      { diff: true, preview: true },
    );
    expect(lines).to.deep.equal([
      " ~  t:i:T a to update",
      "        -gone: 1",
      "        +more: [unknown]",
      "        s: [secret] => [secret]",
      "        ttl: 5 => 7",
    ]);
  });

  it("says an error at its resource and again at the end", () => {
    const summary = { preview: false, result: "failed", seconds: 3, changes: { same: 1 } } as const;
    const text = shown([
      { kind: "started", step: update },
      { kind: "failed", step: update, message: "no room" },
      { kind: "summary", summary },
    ]).join("\n");
    expect(text).to.contain(" !  t:i:T a updating failed (0.6s)\n      error: no room");
    expect(text).to.contain("Diagnostics:\n  t:i:T a:\n    error: no room");
  });

  it("keeps long lists of changes short", () => {
    const many = state(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, i])));
    expect(inline(changesOf({ op: "update", urn, old: state({}), new: many }))).to.contain("and 5 more");
  });

  it("spells out control characters from outside, and drops their colours", () => {
    expect(printable("a\u001b[31mred\u001b[0m\u001b]0;title\u0007\u009b2J\tb\nc")).to.equal(
      "ared\\x1b]0;title\\x07\\x9b2J\tb\nc",
    );
    expect(show("x\u001b[2J")).to.not.contain("\u001b");
    const step: Step = { op: "create", urn: "urn:pulumi:dev::p::t:i:T::a\u001b]0;x\u0007", new: state({}) };
    expect(shown([{ kind: "ended", step }]).join()).to.not.contain("\u001b");
  });

  it("counts what happened", () => {
    expect(countLines({ create: 2, same: 1, "create-replacement": 5 }, false)).to.deep.equal([
      "+ 2 created",
      "1 unchanged",
    ]);
    expect(countLines({}, true)).to.deep.equal(["0 unchanged"]);
  });

  it("masks secret outputs unless they are asked for", () => {
    const outputs = { a: secret({ b: 1 }), c: [secret("x")] };
    expect(plainOutputs(outputs, false)).to.deep.equal({ a: "[secret]", c: ["[secret]"] });
    expect(plainOutputs(outputs, true)).to.deep.equal({ a: { b: 1 }, c: ["x"] });
    expect(outputLines({ a: 1 }, { a: 2, b: secret(1) }, false)).to.deep.equal(["  ~ a: 1 => 2", "  + b: [secret]"]);
  });
});
