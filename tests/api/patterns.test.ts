// The contract's patterns: what they cost grows no faster than they may, on the longest text that reaches them.
import { expect } from "chai";
import { operations } from "../../api/operations.ts";
import type { Schema, StringSchema } from "../../api/schema.ts";

/** The strings of a schema that have a pattern. */
function patterned(schema: Schema): StringSchema[] {
  if (schema.type === "string") return schema.pattern === undefined ? [] : [schema];
  if ("items" in schema) return patterned(schema.items);
  if ("propertyNames" in schema) return [schema.propertyNames, schema.additionalProperties].flatMap(patterned);
  return "properties" in schema ? Object.values(schema.properties).flatMap(patterned) : [];
}

const strings = Object.values(operations).flatMap(({ input }) => patterned(input));

/** What is repeated until a text is long, and what makes it fail at its end. */
const repeated = ["a", "A0", "a-", "a.", "aa.", ".", "-", "_", "_a", "a ", " ", "!", "~/", "*."];
const ends = ["", "\u0000", " ", ".", "-", "\n", "é"];
const texts = repeated.flatMap((part) =>
  ends.map((end) => (length: number) => part.repeat(Math.ceil(length / part.length)).slice(0, length - 1) + end),
);

/** The least time of several tries, in milliseconds: what the machine does besides only adds to it. */
function cost(pattern: RegExp, text: string, tries = 5, times = 50): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const started = performance.now();
    for (let time = 0; time < times; time += 1) pattern.test(text);
    least = Math.min(least, performance.now() - started);
  }
  return least / times;
}

/** How often the cost doubles while the length doubles twice: 2 for a linear cost, 4 for a quadratic one. */
function growth(pattern: RegExp, textOf: (length: number) => string, length: number, ...more: number[]): number {
  const [short, long] = [textOf(length / 4), textOf(length)].map((text) => cost(pattern, text, ...more));
  return Math.log2((long ?? 0) / Math.max(short ?? 0, 1e-5));
}

describe("the contract's patterns", () => {
  it("meet only text that is not too long, but for one that looks at the length first", () => {
    const unlimited = strings.filter(({ maxLength = Number.POSITIVE_INFINITY }) => maxLength > 1024);
    expect(unlimited.filter(({ pattern = "" }) => !pattern.startsWith("((?=^.{1,127}$)^"))).to.deep.equal([]);
    expect(strings).to.have.length.above(10);
  });

  for (const pattern of new Set(strings.map((schema) => schema.pattern ?? ""))) {
    it(`cost no more than quadratically: ${pattern}`, () => {
      const lengths = strings.filter((each) => each.pattern === pattern).map(({ maxLength = 4096 }) => maxLength);
      const grows = texts.map((textOf) => growth(new RegExp(pattern, "u"), textOf, Math.max(...lengths)));
      expect(Math.max(...grows)).to.be.below(4.5);
    });
  }

  it("would be found out if they backtracked", () => {
    const textOf = (length: number) => `${"a".repeat(length)}!`;
    expect(growth(/^(a+)+$/, textOf, 22, 5, 1)).to.be.above(6);
    expect(growth(/^(a|a)*b$/, textOf, 20, 5, 1)).to.be.above(6);
    expect(growth(/^a*a*a*a*$/, textOf, 120, 5, 1)).to.be.above(4.5);
  });
});
