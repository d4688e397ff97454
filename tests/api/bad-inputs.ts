/** One bad input for every constraint of a schema, made by walking it, with what must be said of it. */
import type { Schema, StringSchema, StructureSchema } from "../../api/schema.ts";

export interface BadInput {
  readonly input: unknown;
  readonly path: readonly string[];
  readonly keyword: string;
  /** The offending value; undefined where one is missing. */
  readonly value?: unknown;
  /** In AWS's words. */
  readonly constraint: string;
}

type Bad = Omit<BadInput, "input"> & { readonly put: unknown };

/** All of them, each wrong in one way only. */
export function badInputs(schema: StructureSchema): BadInput[] {
  return badMembers(schema).map(({ put, ...bad }) => ({ ...bad, input: put }));
}

/** The smallest value that a schema takes. */
export function sample(schema: Schema): unknown {
  switch (schema.type) {
    case "string":
      return schema.enum?.[0] ?? text(schema);
    case "integer":
      return schema.minimum ?? 1;
    case "number":
      return 1.5;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items));
    default:
      if ("properties" in schema) return structure(schema, schema.required ?? []);
      return schema.minProperties ? { a: sample(schema.additionalProperties) } : {};
  }
}

/** Names of public DNS namespaces have two labels at least. */
function text({ pattern = "", minLength = 1 }: StringSchema): string {
  const shortest = "a".repeat(Math.max(1, minLength));
  return new RegExp(pattern).test(shortest) ? shortest : `${shortest}.a`;
}

function structure({ properties }: StructureSchema, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, sample(properties[name] as Schema)])); // its own names
}

function badMembers(schema: StructureSchema): Bad[] {
  const { properties, required = [] } = schema;
  const without = required.map((name): Bad => {
    const { [name]: _, ...rest } = structure(schema, required);
    return { put: rest, path: [name], keyword: "required", constraint: "Member must not be null" };
  });
  const within = Object.entries(properties).flatMap(([name, member]) =>
    bad(member).map((each) => under(name, each, (put) => ({ ...structure(schema, required), [name]: put }))),
  );
  return [...without, ...within];
}

function under(name: string, { path, put, ...rest }: Bad, wrap: (put: unknown) => unknown): Bad {
  return { ...rest, path: [name, ...path], put: wrap(put) };
}

function bad(schema: Schema): Bad[] {
  return [...wrongTypes(schema), ...wrongValues(schema), ...wrongParts(schema)];
}

function wrong(keyword: string, value: unknown, constraint: string): Bad {
  return { keyword, value, put: value, path: [], constraint };
}

function wrongTypes({ type }: Schema): Bad[] {
  const others = { string: [7, true, {}], integer: ["1", 1.5], number: ["1"], array: ["a", {}], object: ["a", []] };
  const article = /^[aeio]/.test(type) ? "an" : "a";
  return others[type].map((value) => wrong("type", value, `Member must be ${article} ${type}`));
}

function wrongValues(schema: Schema): Bad[] {
  const found: Bad[] = [];
  const length = (than: string, limit: number) => `Member must have length ${than} than or equal to ${limit}`;
  const value = (than: string, limit: number) => `Member must have value ${than} than or equal to ${limit}`;
  if (schema.type === "string") {
    const { enum: allowed, maxLength, minLength = 0, pattern } = schema;
    if (allowed) found.push(wrong("enum", "NONE", `Member must satisfy enum value set: [${allowed.join(", ")}]`));
    if (pattern) found.push(wrong("pattern", " a", `Member must satisfy regular expression pattern: ${pattern}`));
    if (maxLength) found.push(wrong("maxLength", "a".repeat(maxLength + 1), length("less", maxLength)));
    if (minLength > 0) found.push(wrong("minLength", "a".repeat(minLength - 1), length("greater", minLength)));
  }
  if (schema.type === "integer") {
    const { minimum, maximum } = schema;
    if (minimum !== undefined) found.push(wrong("minimum", minimum - 1, value("greater", minimum)));
    if (maximum !== undefined) found.push(wrong("maximum", maximum + 1, value("less", maximum)));
  }
  if (schema.type === "array" && schema.maxItems !== undefined) {
    const items = Array.from({ length: schema.maxItems + 1 }, () => sample(schema.items));
    found.push(wrong("maxItems", items, length("less", schema.maxItems)));
  }
  if ("propertyNames" in schema && schema.maxProperties !== undefined) {
    const entries = Array.from({ length: schema.maxProperties + 1 }, (_, at) => [
      `a${at}`,
      sample(schema.additionalProperties),
    ]);
    found.push(wrong("maxProperties", Object.fromEntries(entries), length("less", schema.maxProperties)));
  }
  return found;
}

function wrongParts(schema: Schema): Bad[] {
  if ("items" in schema) return bad(schema.items).map((each) => under("0", each, (put) => [put]));
  if ("properties" in schema) return badMembers(schema);
  if (!("propertyNames" in schema)) return [];
  const values = bad(schema.additionalProperties).map((each) => under("a", each, (put) => ({ a: put })));
  const names = wrongValues(schema.propertyNames).map(({ value, ...each }) => {
    const key = String(value);
    return { ...each, value: key, path: [key], put: { [key]: sample(schema.additionalProperties) } };
  });
  return [...values, ...names];
}
