// Programs that Pulumi generates name enumerations by the schema's names: the classes' package has them, on both hosts.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as dynamic from "../../sdk/index.ts";
import * as plugin from "../../sdk/plugin.ts";

interface Property {
  readonly $ref?: string;
  readonly items?: Property;
}

interface Schema {
  readonly resources: Readonly<Record<string, { readonly inputProperties: Readonly<Record<string, Property>> }>>;
  readonly types: Readonly<
    Record<
      string,
      { readonly properties?: Readonly<Record<string, Property>>; readonly enum?: readonly { value: string }[] }
    >
  >;
}

const schema: Schema = JSON.parse(readFileSync(new URL("../../schema.json", import.meta.url), "utf8"));

/** The enumerations that a program may have to name: those that inputs of resources lead to. */
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
    const tokens = new Set(Object.values(schema.resources).flatMap((each) => enumsOf(each.inputProperties)));
    expect([...tokens]).to.include("cloudmap:index:ServiceDnsConfigDnsRecordType");
    for (const token of tokens) {
      const values = (schema.types[token]?.enum ?? []).map(({ value }) => [value, value]);
      for (const host of [dynamic, plugin]) {
        const name = token.replace("cloudmap:index:", "");
        expect((host as unknown as Record<string, object>)[name], name).to.deep.equal(Object.fromEntries(values));
      }
    }
  });
});
