/** Conformance: our shapes are those of AWS's own model of the API, as botocore carries it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { operations, targetPrefix } from "../../api/operations.ts";
import type { Schema } from "../../api/schema.ts";

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

interface Model {
  readonly metadata: { readonly targetPrefix: string };
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly input: { readonly shape: string };
        readonly output?: { readonly shape: string };
        readonly errors?: readonly { readonly shape: string }[];
      }
    >
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const find = "import botocore, os; print(os.path.dirname(botocore.__file__))";

/** The model of the installed botocore; undefined where there is none. */
function installed(): Model | undefined {
  try {
    const folder = execFileSync("python3", ["-c", find], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const file = `${folder.trim()}/data/servicediscovery/2017-03-14/service-2.json.gz`;
    return JSON.parse(gunzipSync(readFileSync(file)).toString());
  } catch {
    return undefined;
  }
}

describe("our api, beside botocore's model", () => {
  const model = installed();

  before(function () {
    if (model !== undefined) return;
    if (process.env.CLOUDMAP_CI !== undefined) throw new Error("CI has botocore, and here it is not");
    console.log("      skipped: python3 with botocore is not installed");
    this.skip();
  });

  it("has the same operations under the same target prefix", () => {
    expect(Object.keys(operations).sort()).to.deep.equal(Object.keys(model?.operations ?? {}).sort());
    expect(targetPrefix).to.equal(model?.metadata.targetPrefix);
  });

  for (const [name, { input, output, errors }] of Object.entries(operations)) {
    it(`${name} has the same members, constraints and errors`, () => {
      const theirs = model?.operations[name];
      const different = model === undefined ? [] : differences(model, "input", theirs?.input.shape ?? "", input);
      if (model !== undefined && theirs?.output !== undefined && output !== undefined) {
        different.push(...differences(model, "output", theirs.output.shape, output));
      }
      expect(different).to.deep.equal([]);
      expect(output === undefined).to.equal(theirs?.output === undefined);
      expect([...errors].sort()).to.deep.equal((theirs?.errors ?? []).map(({ shape }) => shape).sort());
    });
  }

  it("is told of a difference", () => {
    const shorter = { type: "string", maxLength: 63, pattern: "^[0-9a-zA-Z_/:.@-]+$" } as const;
    if (model !== undefined) expect(differences(model, "", "InstanceId", shorter)).to.have.length(1);
  });
});

/** Where their shape and our schema say different things. */
function differences(model: Model, path: string, name: string, ours: Schema): string[] {
  const theirs = model.shapes[name];
  if (theirs === undefined) return [`${path}: their model has no ${name}`];
  const facts = Object.entries(constraints(theirs)).filter(([key, value]) => value !== factsOf(ours)[key]);
  const found = facts.map(([key, value]) => `${path}: ${key} is ${value}, ours ${factsOf(ours)[key]}`);
  for (const [member, { shape }] of Object.entries(theirs.members ?? {})) {
    const of = "properties" in ours ? ours.properties[member] : undefined;
    if (of !== undefined) found.push(...differences(model, `${path}.${member}`, shape, of));
  }
  if (theirs.member && "items" in ours) found.push(...differences(model, `${path}[]`, theirs.member.shape, ours.items));
  if (theirs.key && theirs.value && "propertyNames" in ours) {
    found.push(...differences(model, `${path} keys`, theirs.key.shape, ours.propertyNames));
    found.push(...differences(model, `${path} values`, theirs.value.shape, ours.additionalProperties));
  }
  return found;
}

const types: Readonly<Record<string, string>> = {
  structure: "object",
  map: "object",
  list: "array",
  long: "integer",
  timestamp: "number",
};

/** What their shape says by itself; undefined where it says nothing. */
function constraints(shape: Shape): Record<string, unknown> {
  return {
    type: types[shape.type] ?? shape.type,
    min: shape.min,
    max: shape.max,
    pattern: shape.pattern,
    enum: shape.enum && [...shape.enum].sort().join(),
    required: [...(shape.required ?? [])].sort().join(),
    members: Object.keys(shape.members ?? {})
      .sort()
      .join(),
  };
}

function factsOf(schema: Schema): Record<string, unknown> {
  const any: { readonly [key: string]: unknown } = { ...schema };
  return {
    type: schema.type,
    min: any.minLength ?? any.minimum ?? any.minItems ?? any.minProperties,
    max: any.maxLength ?? any.maximum ?? any.maxItems ?? any.maxProperties,
    pattern: any.pattern,
    enum: "enum" in schema ? [...(schema.enum ?? [])].sort().join() : undefined,
    required: "required" in schema ? [...(schema.required ?? [])].sort().join() : "",
    members: "properties" in schema ? Object.keys(schema.properties).sort().join() : "",
  };
}
