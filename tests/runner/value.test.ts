// Property values: paths, differences, secrets, unknowns, and their way over the wire.

import { expect } from "chai";
import { changesBetween, equal, withSecretsOf } from "../../runner/value/difference.ts";
import { contains, formatPath, type Path, parsePath, reset } from "../../runner/value/path.ts";
import {
  containsUnknown,
  type Properties,
  secret,
  signatureKey,
  signatures,
  unknownString,
  withoutOutputs,
  withoutSecrets,
  withoutUnknowns,
} from "../../runner/value/value.ts";
import { decodeProperties, encodeProperties } from "../../runner/value/wire.ts";

function path(text: string): Path {
  const parsed = parsePath(text);
  if (parsed === undefined) throw new Error(`${text} is no path`);
  return parsed;
}

describe("a property path", () => {
  it("has names, indices, quoted names and stars", () => {
    expect(path('a.b[0]["c.d"][*].e')).to.deep.equal(["a", "b", 0, "c.d", "*", "e"]);
    expect(path('["it\\"s"].x')).to.deep.equal(['it"s', "x"]);
  });

  it("reads what it writes", () => {
    for (const steps of [["a"], ["a", 0, "b"], ["a.b", "c d"], ['q"uote', 1]]) {
      expect(path(formatPath(steps))).to.deep.equal(steps);
    }
  });

  it("contains longer paths, with stars for any step", () => {
    expect(contains(path("a.*"), path("a.b.c"))).to.equal(true);
    expect(contains(path("a.b"), path("a"))).to.equal(false);
  });

  it("resets a property to its old value, or to none", () => {
    expect(reset(path("a.b"), { a: { b: 1, c: 1 } }, { a: { b: 2, c: 2 } })).to.deep.equal({ a: { b: 1, c: 2 } });
    expect(reset(path("a"), {}, { a: 1, b: 2 })).to.deep.equal({ b: 2 });
    expect(reset(path("a"), { a: 1 }, { b: 2 })).to.deep.equal({ a: 1, b: 2 });
    expect(reset(path("l[1]"), { l: [1, 2] }, { l: [1, 3] })).to.deep.equal({ l: [1, 2] });
    expect(reset(path("*"), { a: 1 }, { a: 2, b: 3 })).to.deep.equal({ a: 1 });
  });

  it("cannot reset an element that only one side has", () => {
    expect(reset(path("l[2]"), { l: [1, 2] }, { l: [1, 2, 3] })).to.equal(undefined);
    expect(reset(path("a.b"), { a: { b: 1 } }, {})).to.equal(undefined);
  });

  it("keeps a secret a secret", () => {
    expect(reset(path("a.b"), { a: secret({ b: 1 }) }, { a: { b: 2 } })).to.deep.equal({ a: { b: secret(1) } });
    expect(reset(path("a.b"), { a: { b: 1 } }, { a: secret({ b: 2 }) })).to.deep.equal({ a: secret({ b: 1 }) });
  });
});

describe("differences of values", () => {
  it("go as deep as both sides are maps or lists", () => {
    const changes = changesBetween(
      { a: { b: 1, c: 1 }, l: [1, 2], gone: 1 },
      { a: { b: 2, c: 1 }, l: [1, 2, 3], new: 1 },
    );
    expect(changes.map(({ path: at, kind }) => `${kind} ${formatPath(at)}`)).to.deep.equal([
      "update a.b",
      "delete gone",
      "add l[2]",
      "add new",
    ]);
  });

  it("are none between equal values, where null is as good as missing", () => {
    const value: Properties = { a: [1, { b: "x" }], s: secret({ c: 1 }) };
    expect(changesBetween(value, structuredClone(value))).to.deep.equal([]);
    expect(equal({ a: null }, {})).to.equal(true);
    expect(equal(secret(1), 1)).to.equal(false);
  });

  it("of a provider's answer do not lose secrets", () => {
    const outputs = withSecretsOf(
      { a: 1, o: { p: 1, q: 1 }, l: [1] },
      { a: secret(1), o: { p: secret(1) }, l: [secret(1)] },
    );
    expect(outputs).to.deep.equal({ a: secret(1), o: { p: secret(1), q: 1 }, l: secret([1]) });
  });
});

describe("special values", () => {
  it("lose their secrets, unknowns and outputs where these are not understood", () => {
    expect(withoutSecrets({ a: secret({ b: secret(1) }) })).to.deep.equal({ a: { b: 1 } });
    expect(withoutUnknowns({ a: unknownString, b: [unknownString, 1] })).to.deep.equal({ b: [1] });
    const output = { [signatureKey]: signatures.output, secret: true, dependencies: ["urn"] };
    const resolved = withoutOutputs({ a: { ...output, value: 1 }, b: output });
    expect(resolved).to.deep.equal({ a: secret(1), b: secret(unknownString) });
    expect(containsUnknown(resolved)).to.equal(true);
  });

  it("travel over the wire and back", () => {
    const value: Properties = {
      n: null,
      b: false,
      i: 1.5,
      s: "ü\u0000",
      l: [[], {}, [1]],
      constructor: "x",
      deep: { s: secret("y") },
    };
    expect(decodeProperties(encodeProperties(value))).to.deep.equal(value);
  });
});
