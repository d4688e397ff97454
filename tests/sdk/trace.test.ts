// The traces that go into the state: the program's own frames, and after the constructor everything as before.
import { expect } from "chai";
import { traceNothing, traceProgramOnly } from "../../sdk/trace.ts";

/** As deep as Pulumi's resource classes are. */
function deep(levels: number): string {
  return levels === 0 ? (new Error("here").stack ?? "") : `${deep(levels - 1)}`;
}

describe("the trace of a resource", () => {
  const { stackTraceLimit } = Error; // mocha's command lifts it, its parallel workers do not
  before(() => {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it("keeps the innermost frames, which Pulumi cuts off, and then the program's alone", () => {
    const restore = traceProgramOnly();
    const [head, ...frames] = deep(8).split("\n");
    restore();
    expect(head).to.equal("Error: here");
    expect(frames.slice(0, 5).every((frame) => frame.includes("at deep"))).to.equal(true);
    expect(frames[5]).to.include("trace.test.ts");
    expect(frames.filter((frame) => /node:internal/.test(frame))).to.deep.equal([]);
    expect(deep(8)).to.include("node:internal");
  });

  it("is empty where it is not wanted, and as before afterwards", () => {
    const restore = traceNothing();
    expect(deep(8)).to.equal("Error: here");
    restore();
    expect(deep(8)).to.include("node:internal");
  });

  it("leaves what was there before, and works through what others installed", () => {
    const before = Error.prepareStackTrace;
    try {
      Error.prepareStackTrace = (error, frames) =>
        [String(error), ...frames.map(() => "    at mapped (x.ts:1:1)")].join("\n");
      const mapping = Error.prepareStackTrace;
      const restore = traceProgramOnly();
      const lines = deep(6).split("\n");
      restore();
      expect(Error.prepareStackTrace).to.equal(mapping);
      expect(lines.slice(6).every((line) => line === "    at mapped (x.ts:1:1)")).to.equal(true);
    } finally {
      Error.prepareStackTrace = before;
    }
  });
});
