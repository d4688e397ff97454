// schema.json: what Pulumi's tools make SDKs from is what the provider does.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ServiceType } from "../../../api/service.ts";
import { configKeys } from "../../../provider/config.ts";
import { functions } from "../../../provider/functions.ts";
import { kinds } from "../../../provider/kinds.ts";
import { provider } from "../../../provider/plugin/stubs.ts";
import { schemaText } from "../../../scripts/schema.ts";
import { startPlugin } from "./plugin.ts";

interface Spec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Spec;
  readonly additionalProperties?: Spec;
  readonly description?: string;
  readonly secret?: boolean;
}
type Properties = Readonly<Record<string, Spec>>;
interface Structure {
  readonly description?: string;
  readonly properties?: Properties;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly name?: string; readonly value: string }[];
}
interface Resource extends Structure {
  readonly inputProperties: Properties;
  readonly requiredInputs: string[];
  readonly listInputs: Structure;
}

const text = readFileSync(new URL("../../../schema.json", import.meta.url), "utf8");
const schema = JSON.parse(text) as {
  readonly language: { readonly go: { readonly importBasePath: string } };
  readonly config: { readonly variables: Properties };
  readonly provider: { readonly inputProperties: Properties };
  readonly types: Readonly<Record<string, Structure>>;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly functions: Readonly<Record<string, { readonly inputs: Structure; readonly outputs: Structure }>>;
};

/** All structures in it, each by a name for messages. */
function* structures(): Generator<[string, Structure]> {
  for (const [token, type] of Object.entries(schema.types)) yield [token, type];
  for (const [token, { inputProperties, requiredInputs, listInputs, ...resource }] of Object.entries(
    schema.resources,
  )) {
    yield [token, resource];
    yield [`${token} (list)`, listInputs];
    yield [`${token} (inputs)`, { properties: inputProperties, required: requiredInputs }];
  }
  for (const [token, { inputs, outputs }] of Object.entries(schema.functions)) {
    yield [`${token} (arguments)`, inputs];
    yield [`${token} (result)`, outputs];
  }
  yield ["provider", { properties: schema.provider.inputProperties }];
}

function* specs(spec: Spec): Generator<Spec> {
  yield spec;
  for (const inner of [spec.items, spec.additionalProperties]) if (inner !== undefined) yield* specs(inner);
}

describe("schema.json", () => {
  it("is what the provider's tables make", () => {
    expect(text === schemaText(), "run `node scripts/schema.ts`").to.equal(true);
  });

  it("has every kind, every function and every setting", () => {
    const tokens = (names: readonly string[]) => names.map((name) => `cloudmap:index:${name}`);
    expect(Object.keys(schema.resources)).to.have.members(tokens(Object.keys(kinds)));
    expect(Object.keys(schema.functions)).to.have.members(tokens(Object.keys(functions)));
    const settings = [...configKeys, "cloudmap:owner"].map((key) => key.slice("cloudmap:".length));
    expect(Object.keys(schema.provider.inputProperties)).to.have.members(settings);
    for (const [name, { properties, outputs }] of Object.entries(kinds)) {
      const { properties: known = {} } = schema.resources[`cloudmap:index:${name}`] ?? {};
      expect(Object.keys(known)).to.include.members([...Object.keys(properties), ...outputs]);
    }
  });

  it("describes every property of a resource, every argument and every setting", () => {
    const silent = [...structures()].flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).flatMap(([property, { description }]) => (description ? [] : [`${name}.${property}`])),
    );
    expect(silent).to.deep.equal([]);
  });

  it("refers only to types that it has, and requires only properties that there are", () => {
    for (const [name, { properties = {}, required = [] }] of structures()) {
      expect(Object.keys(properties), name).to.include.members([...required]);
      for (const spec of Object.values(properties).flatMap((each) => [...specs(each)])) {
        const known = spec.$ref?.replace("#/types/", "");
        if (known !== undefined) expect(schema.types, name).to.have.property(known);
        else expect(["string", "integer", "number", "boolean", "array", "object"], name).to.include(spec.type);
      }
    }
  });

  it("lets a service be of every type that the API answers, for SDKs refuse what an enum does not have", () => {
    const { properties = {} } = schema.resources["cloudmap:index:Service"] ?? {};
    const { $ref = "" } = properties.type ?? {};
    const values = schema.types[$ref.replace("#/types/", "")]?.enum?.map(({ value }) => value);
    expect(properties).to.have.property("type");
    if (values !== undefined) expect(values).to.include.members([...ServiceType.enum]);
  });

  it("names values of several words as words, for Python makes DN_S_HTTP of DNS_HTTP", () => {
    const enums = Object.values(schema.types).flatMap((type) => type.enum ?? []);
    const names = new Map(enums.map(({ name, value }) => [value, name ?? value]));
    expect([...names.values()].filter((name) => !/^[A-Za-z0-9]+$/.test(name))).to.deep.equal([]);
    expect(names.get("HEALTHY_OR_ELSE_ALL")).to.equal("HealthyOrElseAll");
  });

  it("is a Go package that is not of Go's own library, whose paths have no dot in their first element", () => {
    expect(schema.language.go.importBasePath).to.match(/^[a-z]+\.com\/.*\/cloudmap$/);
  });

  it("says of a parent what every language can give: an id or an ARN, not the resource", () => {
    const said = Object.values(schema.resources).flatMap(({ inputProperties: { namespaceId, serviceId } }) => [
      ...(namespaceId === undefined ? [] : [namespaceId.description]),
      ...(serviceId === undefined ? [] : [serviceId.description]),
    ]);
    expect(said).to.have.length(2);
    for (const each of said) expect(each).to.match(/: its id \(`\w+-…`\) or ARN/);
  });

  it("marks what is secret", () => {
    const secrets = Object.entries(schema.provider.inputProperties).filter(([, { secret }]) => secret);
    expect(secrets.map(([name]) => name)).to.have.members(["secretKey", "token"]);
  });

  it("is what the plugin answers", async () => {
    await using plugin = await startPlugin();
    const request = new provider.GetSchemaRequest();
    const answer = await plugin.ask<typeof request, InstanceType<typeof provider.GetSchemaResponse>>(
      ({ getSchema }) => getSchema,
      request,
    );
    expect(JSON.parse(answer.getSchema())).to.deep.equal(schema);
  });
});
