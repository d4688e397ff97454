// What `pulumi import` refuses before it does anything, and the program that it writes.

import { expect } from "chai";
import { writeCode } from "../../runner/import/code.ts";
import { type ImportFile, inlineFile, wantedOf } from "../../runner/import/import-file.ts";
import type { Resource } from "../../runner/state/resource.ts";
import { type Properties, secret } from "../../runner/value/value.ts";
import { runner, Workbench } from "./scenario.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::spec::${type}::${name}`;
const wanted = (file: ImportFile) => wantedOf(file, "spec", "dev", true);
const inline = { type: "a:b:C", name: "c", id: "1", parent: undefined, provider: undefined, properties: [] };

function resource(type: string, name: string, inputs: Properties, rest: Partial<Resource> = {}): Resource {
  return { urn: urn(type, name), type, custom: true, id: `id-of-${name}`, inputs, outputs: inputs, ...rest };
}

function code(...resources: Resource[]): string {
  const schema = {
    language: { nodejs: { packageName: "plugged" } },
    resources: { "plug:index:Thing": { inputProperties: { v: {}, of: {}, list: {}, map: {}, s: {}, "a-b": {} } } },
  };
  return writeCode({ resources, names: new Map(), schemas: new Map([["plug", JSON.stringify(schema)]]) });
}

describe("what an import asks for", () => {
  it("names a resource by its variable or its logical name, and finds parents in the file and in the state", () => {
    const { imports, names } = wanted({
      nameTable: { top: urn("x:y:Z", "top") },
      resources: [
        { type: "a:b:C", name: "low", id: "3", parent: "mid" },
        { type: "a:b:C", logicalName: "mid", id: "2", parent: "top" },
      ],
    });
    const [low, mid] = imports;
    expect(mid?.urn).to.equal(urn("x:y:Z$a:b:C", "mid"));
    expect(low?.urn).to.equal(urn("x:y:Z$a:b:C$a:b:C", "low"));
    expect(low?.parent).to.equal(mid?.urn);
    expect(mid?.parent).to.equal(urn("x:y:Z", "top"));
    expect([...names.values()]).to.have.members(["top", "low", "mid"]);
  });

  it("gives two of one name variables of their own", () => {
    const { names } = wanted({
      resources: [
        { type: "a:b:C", name: "n", id: "1" },
        { type: "a:b:D", name: "n", id: "2" },
        { type: "x:y:D", name: "n", id: "3" },
      ],
    });
    expect([...names.values()]).to.deep.equal(["n", "nD", "nD2"]);
  });

  const faults: readonly (readonly [string, ImportFile, RegExp])[] = [
    ["nothing", {}, /has no resources/],
    [
      "no type, no name and no id, at once",
      { resources: [{ id: "1" }, { type: "a:b:C", name: "n" }] },
      /'1' has no type\nresource '1' has no name\nresource 'n' of type 'a:b:C' has no ID/,
    ],
    [
      "a parent that is nowhere",
      { resources: [{ ...inlineSpec(), parent: "p" }] },
      /the parent 'p' for resource 'c' of type 'a:b:C' has no entry in 'nameTable'/,
    ],
    [
      "a provider that is none",
      { nameTable: { p: urn("a:b:C", "p") }, resources: [{ ...inlineSpec(), provider: "p" }] },
      /the provider 'p' for .* is not a provider/,
    ],
    ["the same twice", { resources: [inlineSpec(), inlineSpec()] }, /ambiguous URN/],
    [
      "parents in a circle",
      {
        resources: [
          { ...inlineSpec(), name: "a", parent: "b" },
          { ...inlineSpec(), name: "b", parent: "a" },
        ],
      },
      /its own parent/,
    ],
    [
      "components",
      { resources: [{ ...inlineSpec(), component: true } as object] },
      /component in an import file is not supported/,
    ],
  ];
  for (const [what, file, message] of faults) {
    it(`is refused for ${what}`, () => expect(() => wanted(file)).to.throw(message));
  }

  it("takes a parent and a provider as URNs, with a name or without, and no provider reference", () => {
    const provider = urn("pulumi:providers:a", "p");
    const file = inlineFile({ ...inline, parent: urn("x:y:Z", "top"), provider: `by=${provider}` });
    expect(file.nameTable).to.deep.equal({ parent: urn("x:y:Z", "top"), by: provider });
    expect(() => inlineFile({ ...inline, provider: `by=${provider}::id` })).to.throw(/Provider Reference, use 'urn:/);
    expect(() => inlineFile({ ...inline, parent: "top" })).to.throw(/form name=URN/);
    expect(() => inlineFile({ ...inline, parent: `p=${provider}`, provider: `p=${provider}` })).to.throw(/distinct/);
  });
});

function inlineSpec() {
  return { type: "a:b:C", name: "c", id: "1" };
}

describe("the program of an import", () => {
  it("names variables and members validly, and leaves out what is no input", () => {
    const one = resource("plug:index:Thing", "a b", { v: "x", "a-b": 1, other: "no" }, { protect: true });
    const two = resource("plug:index:Thing", "a.b", { v: "y" });
    expect(code(one, two, resource("plug:index:Thing", "new", {}), resource("plug:index:Thing", "1", {}))).to.equal(
      'import * as pulumi from "@pulumi/pulumi";\nimport * as plug from "plugged";\n\n' +
        'const a_b = new plug.Thing("a b", {\n    "a-b": 1,\n    v: "x",\n}, {\n    protect: true,\n});\n' +
        'const a_b2 = new plug.Thing("a.b", {v: "y"});\nconst _new = new plug.Thing("new", {});\nconst _1 = new plug.Thing("1", {});\n',
    );
  });

  it("writes lists, maps and secrets as TypeScript that says the same", () => {
    const v = { v: 'quote " and `', list: ["1", "2"], map: { "": 1, b: [{ c: true }] }, s: secret("hush") };
    const text = code(resource("plug:index:Thing", "a", v));
    const pulumi = { secret: (value: unknown) => value };
    const made: unknown[] = [];
    class Thing {
      constructor(_name: string, args: unknown) {
        made.push(args);
      }
    }
    new Function("pulumi", "plug", text.replaceAll(/^import.*$/gm, ""))(pulumi, { Thing });
    expect(made).to.deep.equal([{ ...v, s: "hush" }]);
  });

  it("refers to what it imports, before which it is written, but not in a circle", () => {
    const child = resource(
      "plug:index:Thing",
      "child",
      { of: "id-of-top" },
      { parent: urn("plug:index:Thing", "top") },
    );
    const top = resource("plug:index:Thing", "top", {});
    expect(code(child, top)).to.include(
      'const top = new plug.Thing("top", {});\nconst child = new plug.Thing("child", {of: top.id}, {\n    parent: top,\n});',
    );
    const a = resource("plug:index:Thing", "a", { of: "id-of-b" });
    const b = resource("plug:index:Thing", "b", { of: "id-of-a" });
    expect(code(a, b)).to.include('{of: "id-of-b"}').and.include('{of: "id-of-a"}');
    const twins = ["c", "d"].map((name) => resource("plug:index:Thing", name, {}, { outputs: { name: "same" } }));
    expect(code(...twins, resource("plug:index:Thing", "e", { of: "same" }))).to.include('{of: "same"}');
  });
});

describe("the command import", () => {
  it("refuses what a dynamic provider would have to read by an id alone, and says what to do", async () => {
    await using bench = await Workbench.open();
    await bench.run(runner, ["stack", "init", "dev", "--non-interactive"]);
    const type = "pulumi-nodejs:dynamic/spec:Thing";
    const { exitCode, output } = await bench.run(runner, [
      "import",
      type,
      "a",
      "1",
      "--yes",
      "--skip-preview",
      "--non-interactive",
    ]);
    expect(exitCode).to.equal(1);
    expect(output).to.include(`importing 'a' of type '${type}' is not supported by this runner: a dynamic provider is`);
    expect((await bench.checkpoint()).resources.filter((each) => each.urn.endsWith("::a"))).to.deep.equal([]);
  });
});
