// The scenarios that hold for any registry, on the engine; and the page that tells which of them moto cannot take.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { suite } from "./suite.ts";
import { engineInTemp, openWorkbench, type TestEngine } from "./workbench.ts";

describe("the kinds on any registry, on the engine", () => {
  let engine: TestEngine;
  before(async () => {
    engine = await engineInTemp();
  });
  after(() => engine.stop());

  for (const [index, { title, run }] of suite.entries()) {
    it(title, async () => run(await openWorkbench(engine.url), `scenario-${index}`));
  }

  it("are those that docs/moto.md tells of", () => {
    const page = readFileSync(new URL("../../docs/moto.md", import.meta.url), "utf8");
    const told = page.split("\n").filter((line) => /^\| (?!-|what|\|)/.test(line));
    const left = suite.flatMap(({ title, moto }) => (moto === undefined ? [] : [`| ${title} | ${moto} |`]));
    expect(told).to.deep.equal(left);
    expect(page).to.include(`${suite.length - left.length} of ${suite.length}`);
  });
});
