// docs/dns-conformance.md names tests: they must exist.
import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";

const folder = new URL(".", import.meta.url);
const table = readFileSync(new URL("../../docs/dns-conformance.md", import.meta.url), "utf8");
const rows = [...table.matchAll(/^\| ((?:RFC|flags|threads|store)[^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)].map(
  ([, clause, , test]) => ({
    clause,
    test,
  }),
);

/** The names in the sources; those that are made of a type, a policy, a state of health or a number are made here too. */
function testNames(): Set<string> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".test.ts"));
  const sources = files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
  const names = [...sources.matchAll(/\bit\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, name = ""]) => name);
  const made = ["A", "AAAA", "SRV", "CNAME"].map((type) => `answer ${type}, MULTIVALUE, health: none`);
  expect(sources).to.match(/it\(`answer \$\{kind\}, \$\{routing\}, health: \$\{health\}`/);
  expect(sources).to.match(/it\(`show a change to all who ask after it was acknowledged \(\$\{threads\}\)`/);
  return new Set([...names, ...made, "show a change to all who ask after it was acknowledged"]);
}

describe("docs/dns-conformance.md", () => {
  it("names a test for each clause, and each test is there", () => {
    const names = testNames();
    expect(rows.length).to.be.greaterThan(40);
    expect(rows.filter(({ test = "" }) => !names.has(test))).to.deep.equal([]);
  });

  it("would notice a test that is not", () => {
    expect(testNames().has("does what nobody tests")).to.equal(false);
  });
});
