// Programs that Pulumi generates name enumerations by the schema's names: the classes' package has them, on both hosts.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as dynamic from "../../sdk/index.ts";
import * as plugin from "../../sdk/plugin.ts";

interface Property {
  readonly $ref?: string;
  readonly items?: Property;
}

interface EnumValue {
  readonly name?: string;
  readonly value: string;
}

interface Schema {
  readonly resources: Readonly<Record<string, { readonly inputProperties: Readonly<Record<string, Property>> }>>;
  readonly functions: Readonly<
    Record<string, { readonly inputs: { readonly properties: Readonly<Record<string, Property>> } }>
  >;
  readonly types: Readonly<
    Record<string, { readonly properties?: Readonly<Record<string, Property>>; readonly enum?: readonly EnumValue[] }>
  >;
}

const schema: Schema = JSON.parse(readFileSync(new URL("../../schema.json", import.meta.url), "utf8"));

/** The enumerations that a program may have to name: those that inputs of resources and functions lead to. */
function enumsOf(properties: Readonly<Record<string, Property>>): string[] {
  return Object.values(properties).flatMap((property) => {
    const token = (property.items ?? property).$ref?.replace("#/types/", "") ?? "";
    const type = schema.types[token];
    if (type?.enum !== undefined) return [token];
    return type?.properties === undefined ? [] : enumsOf(type.properties);
  });
}

describe("the enumerations", () => {
  it("are those of the schema's inputs, with all their values", () => {
    const inputs = [
      ...Object.values(schema.resources).map((each) => each.inputProperties),
      ...Object.values(schema.functions).map((each) => each.inputs.properties),
    ];
    const tokens = new Set(inputs.flatMap(enumsOf));
    const some = ["ServiceDnsConfigDnsRecordType", "GetNamespaceType"].map((name) => `cloudmap:index:${name}`);
    expect([...tokens]).to.include.members(some);
    for (const token of tokens) {
      const values = (schema.types[token]?.enum ?? []).map(({ name, value }) => [name ?? value, value]);
      for (const host of [dynamic, plugin]) {
        const name = token.replace("cloudmap:index:", "");
        expect((host as unknown as Record<string, object>)[name], name).to.deep.equal(Object.fromEntries(values));
      }
    }
  });
});
