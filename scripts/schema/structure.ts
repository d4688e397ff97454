// The contract's schemas as Pulumi's type specifications: structures and enums become named types.
import type { Schema, StructureSchema } from "../../api/schema.ts";
import { programName } from "../../provider/casing.ts";

export interface PropertySpec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: PropertySpec;
  readonly additionalProperties?: PropertySpec;
  readonly description?: string;
  readonly secret?: true;
  readonly willReplaceOnChanges?: true;
  readonly defaultInfo?: { readonly environment: readonly string[] };
}

export interface TypeSpec {
  readonly type: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySpec>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string; readonly name?: string }[];
}

/** Named types as they are met, by their tokens. */
export type Types = Map<string, TypeSpec>;

/** A member's type: a structure is named after the one it is in and itself, an enum after itself. */
export function propertySpec(schema: Schema, name: string, types: Types): PropertySpec {
  const described = schema.description === undefined ? {} : { description: schema.description };
  if ("enum" in schema && schema.enum !== undefined) return { $ref: enumType(schema, name, types), ...described };
  if ("items" in schema) {
    return { type: "array", items: bare(propertySpec(schema.items, singular(name), types)), ...described };
  }
  if ("additionalProperties" in schema) {
    const additionalProperties = bare(propertySpec(schema.additionalProperties, name, types));
    return { type: "object", additionalProperties, ...described };
  }
  if ("properties" in schema) return { $ref: structureType(schema, name, types), ...described };
  return { type: schema.type, ...described };
}

function bare({ description: _, ...spec }: PropertySpec): PropertySpec {
  return spec;
}

function singular(name: string): string {
  return name.replace(/s$/, "");
}

function structureType(schema: StructureSchema, name: string, types: Types): string {
  const described = schema.description === undefined ? {} : { description: schema.description };
  return refer(name, { type: "object", ...described, ...members(schema, name, types) }, types);
}

/** The members of a structure by their names in a program, and which of them must be given. */
export function members({ properties, required = [] }: StructureSchema, owner: string, types: Types) {
  const entries = Object.entries(properties).map(([name, member]) => {
    const spec = propertySpec(member, `${owner}${name}`, types);
    return [programName(name), spec] as const;
  });
  return { properties: Object.fromEntries(entries), required: required.map(programName).toSorted() };
}

function enumType({ enum: values = [] }: Extract<Schema, { type: "string" }>, name: string, types: Types) {
  return refer(name, { type: "string", enum: values.map((value) => ({ ...nameOf(value), value })) }, types);
}

/** Of `DNS_HTTP` itself Python would make `DN_S_HTTP`, and Go `_DNS_HTTP`; of `DnsHttp` they make `DNS_HTTP` and `DnsHttp`. */
function nameOf(value: string): { readonly name?: string } {
  if (!value.includes("_")) return {};
  return { name: value.toLowerCase().replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()) };
}

/** What is the same is one type, under the first name that it is met by. */
function refer(name: string, spec: TypeSpec, types: Types): string {
  const text = JSON.stringify(spec);
  const same = [...types].find(([, known]) => JSON.stringify(known) === text);
  const token = same?.[0] ?? `cloudmap:index:${name}`;
  if (same === undefined && types.has(token)) {
    throw new Error(`${token} would be two different types: give one of them another name`);
  }
  types.set(token, spec);
  return `#/types/${token}`;
}
