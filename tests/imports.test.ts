// Holds the house rules that a compiler does not: which room may import what, no cycles, sizes, a first line that says what a file is.
import { expect } from "chai";
import { type Import, parseSource, readSources, type Source } from "./sources.ts";

interface Rule {
  /** Rooms, files and packages that the room's files may import; a trailing slash means everything under it. */
  readonly may: readonly string[];
  /** Of these it may import only types. */
  readonly types?: readonly string[];
}

/** The drivers: what of the engine only the files whose names begin so may import. */
const drivers = new Map([
  ["node:sqlite", "engine/store/sqlite-"],
  ["@grpc/grpc-js", "engine/store/etcd-"],
]);

const pulumi = ["@pulumi/pulumi", "@pulumi/pulumi/", "@grpc/grpc-js"];
const signing = ["@smithy/", "@aws-crypto/"];
const credentials = ["@aws-sdk/credential-provider-node"];
const rules: Readonly<Record<string, Rule>> = {
  api: { may: ["api/", "ajv"] },
  engine: { may: ["api/", "engine/", "node:", "@grpc/grpc-js", "ajv", "cborg", "fastify", "prom-client"] },
  local: { may: ["api/", "local/", "engine/engine.ts", "engine/backup.ts", "node:"] },
  provider: {
    may: ["api/", "provider/", "local/engine.ts", "node:", "google-protobuf/", ...signing, ...credentials, ...pulumi],
  },
  sdk: { may: ["api/", "sdk/", "provider/dynamic/", "provider/ids.ts", "node:", ...pulumi], types: ["api/"] },
  runner: { may: ["runner/", "node:", "yaml", "commander", "google-protobuf", "google-protobuf/", ...pulumi] },
  adopt: { may: ["adopt/", "api/", "provider/", "node:"] },
  bin: { may: ["adopt/", "api/", "bin/", "local/", "provider/", "node:", "commander"] },
};
/** `api/rules.ts` may measure an address with node:net; nothing else in api/ knows where it runs. */
const exceptions: Readonly<Record<string, readonly string[]>> = { "api/rules.ts": ["node:"] };

const rooms = Object.keys(rules);
const maxFile = 300;
const maxFunction = 60;

function allows(patterns: readonly string[], target: string): boolean {
  return patterns.some((pattern) => (/[/:]$/.test(pattern) ? target.startsWith(pattern) : target === pattern));
}

/** The imports that the rules forbid, as sentences. */
function forbiddenImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) => {
    const rule = rules[path.split("/")[0] ?? ""];
    if (rule === undefined) return [];
    const may = [...rule.may, ...(exceptions[path] ?? [])];
    return imports.filter((each) => !isAllowed(path, each, may, rule.types ?? [])).map((each) => sentence(path, each));
  });
}

function isAllowed(path: string, { target, typeOnly }: Import, may: readonly string[], types: readonly string[]) {
  const only = drivers.get(target);
  if (only !== undefined && path.startsWith("engine/") && !path.startsWith(only)) return false;
  return allows(may, target) && (typeOnly || !allows(types, target));
}

function sentence(path: string, { target, typeOnly }: Import): string {
  return `${path} imports ${typeOnly ? "types of " : ""}${target}`;
}

/** The files that loading a file loads, itself included. */
function reach(start: string, byPath: ReadonlyMap<string, Source>, lazy: boolean): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...loaded(byPath.get(path), lazy));
  }
  return seen;
}

function loaded(source: Source | undefined, lazy: boolean): string[] {
  const imports = source?.imports ?? [];
  return imports.filter((each) => !each.typeOnly && (lazy || !each.lazy)).map((each) => each.target);
}

function index(sources: readonly Source[]): Map<string, Source> {
  return new Map(sources.map((source) => [source.path, source]));
}

/** Files that load themselves by way of others; types and lazy imports leave nothing to load. */
function cycles(sources: readonly Source[]): string[] {
  const byPath = index(sources);
  return sources
    .map(({ path }) => path)
    .filter((path) => loaded(byPath.get(path), false).some((next) => reach(next, byPath, false).has(path)));
}

/** Files of the first room from which the second one is reached, by whatever way. */
function reaching(from: string, to: string, sources: readonly Source[]): string[] {
  const byPath = index(sources);
  const starts = sources.map(({ path }) => path).filter((path) => path.startsWith(from));
  return starts.filter((path) => [...reach(path, byPath, true)].some((each) => each.startsWith(to)));
}

function tooLong({ path, text, functions }: Source): string[] {
  const lines = text.trimEnd().split("\n").length;
  const long = functions.filter((each) => each.lines > maxFunction);
  return [
    ...(lines > maxFile ? [`${path} has ${lines} lines`] : []),
    ...long.map((each) => `${path}:${each.line}: ${each.name} has ${each.lines} lines`),
  ];
}

function saysWhatItIs({ text }: Source): boolean {
  const [first = "", second = ""] = text.split("\n");
  return /^\/(\/|\*\*)/.test(first.startsWith("#!") ? second : first);
}

describe("the house rules", () => {
  const shipped = readSources(rooms);
  const all = [...shipped, ...readSources(["tests", "bench", "scripts", "examples"])];

  it("lets each room import only what it may", () => {
    expect(forbiddenImports(shipped)).to.deep.equal([]);
  });

  it("keeps the engine out of everything that the provider loads, and the provider out of the engine", () => {
    expect([...reaching("provider/", "engine/", shipped), ...reaching("engine/", "provider/", shipped)]).to.deep.equal(
      [],
    );
  });

  it("has no cycles", () => {
    expect(cycles(all)).to.deep.equal([]);
  });

  it(`has no file of more than ${maxFile} lines and no function of more than ${maxFunction}`, () => {
    expect(all.flatMap(tooLong)).to.deep.equal([]);
  });

  it("begins each file with a sentence on what lives in it", () => {
    expect(all.filter((source) => !saysWhatItIs(source)).map(({ path }) => path)).to.deep.equal([]);
  });

  it("has no folder for what has no name", () => {
    const paths = all.map(({ path }) => path);
    expect(paths.filter((path) => /(^|\/)(utils?|helpers?|common|types\.ts|constants\.ts)(\/|$)/.test(path))).to.be
      .empty;
  });

  it("lets examples import packages and their own files only", () => {
    const examples = all.filter(({ path }) => path.startsWith("examples/"));
    const outside = examples.flatMap(({ path, imports }) => {
      const own = path.split("/").slice(0, 2).join("/");
      return imports.filter(({ target }) => rooms.includes(target.split("/")[0] ?? "") && !target.startsWith(own));
    });
    expect(outside).to.deep.equal([]);
  });
});

describe("the check of the house rules", () => {
  const planted = (path: string, text: string) => parseSource(path, text);

  it("finds an import that a room may not have", () => {
    const texts = [
      planted("provider/a.ts", 'import { x } from "../engine/engine.ts";'),
      planted("api/a.ts", 'import fs from "node:fs";'),
      planted("runner/a.ts", 'const api = await import("../api/errors.ts");'),
      planted("engine/a.ts", 'import { DatabaseSync } from "node:sqlite";'),
      planted("sdk/a.ts", 'import { type A, b } from "../api/errors.ts";'),
      planted("sdk/b.ts", 'import type { A } from "../api/errors.ts";'),
    ];
    expect(forbiddenImports(texts)).to.deep.equal([
      "provider/a.ts imports engine/engine.ts",
      "api/a.ts imports node:fs",
      "runner/a.ts imports api/errors.ts",
      "engine/a.ts imports node:sqlite",
      "sdk/a.ts imports api/errors.ts",
    ]);
  });

  it("finds the engine behind something that the provider may import", () => {
    const texts = [
      planted("provider/a.ts", 'import { x } from "../local/engine.ts";'),
      planted("local/engine.ts", 'const { y } = await import("../engine/engine.ts");'),
      planted("engine/engine.ts", ""),
    ];
    expect(reaching("provider/", "engine/", texts)).to.deep.equal(["provider/a.ts"]);
  });

  it("finds a cycle, but not one of types", () => {
    const cycle = [planted("api/a.ts", 'export { b } from "./b.ts";'), planted("api/b.ts", 'import "./a.ts";')];
    const types = [
      planted("api/a.ts", 'import { b } from "./b.ts";'),
      planted("api/b.ts", 'import type { a } from "./a.ts";'),
    ];
    expect(cycles(cycle)).to.deep.equal(["api/a.ts", "api/b.ts"]);
    expect(cycles(types)).to.deep.equal([]);
  });

  it("finds a long file, a long function and a missing first line", () => {
    const long = planted("api/a.ts", `function f() {\n${"f();\n".repeat(300)}}`);
    expect(tooLong(long)).to.deep.equal(["api/a.ts has 302 lines", "api/a.ts:1: f has 302 lines"]);
    expect(tooLong(planted("api/a.ts", `describe("a", () => {\n${"f();\n".repeat(100)}});`))).to.deep.equal([]);
    expect(saysWhatItIs(long)).to.equal(false);
  });
});
