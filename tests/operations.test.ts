// Every operation of the table in api/ has a handler in the engine and is named by the engine's tests.
import { expect } from "chai";
import { operations } from "../api/operations.ts";
import { changes, reads, writes } from "../engine/handlers.ts";
import { readSources } from "./sources.ts";

describe("every operation", () => {
  const names = Object.keys(operations).sort();

  it("has one handler", () => {
    expect([...Object.keys(reads), ...Object.keys(writes), ...Object.keys(changes)].sort()).to.deep.equal(names);
  });

  it("is named by a test of the engine", () => {
    const texts = readSources(["tests/engine"]).map(({ text }) => text);
    const isNamed = (name: string) => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text));
    expect(names.filter((name) => !isNamed(name))).to.deep.equal([]);
  });
});
