// Values of programs against schema.json: what of them it does not have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { examples } from "./programs.ts";

interface Spec {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Spec;
  readonly additionalProperties?: Spec;
  readonly properties?: Readonly<Record<string, Spec>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: unknown }[];
}
interface Resource {
  readonly description: string;
  readonly properties: Readonly<Record<string, Spec>>;
  readonly inputProperties: Readonly<Record<string, Spec>>;
  readonly requiredInputs: readonly string[];
}

export const read = (...path: string[]) => readFileSync(join(examples, ...path), "utf8");
export const schema: {
  readonly types: Readonly<Record<string, Spec>>;
  readonly resources: Readonly<Record<string, Resource>>;
} = JSON.parse(read("../schema.json"));

/** What of a value the schema does not have, by paths. */
function strangers(value: unknown, spec: Spec | undefined, path: string): string[] {
  if (spec === undefined) return [`${path} is not in the schema`];
  if (spec.$ref !== undefined) return strangers(value, schema.types[spec.$ref.replace("#/types/", "")], path);
  if (spec.enum !== undefined) return spec.enum.some((each) => each.value === value) ? [] : [`${path}: ${value}`];
  if (Array.isArray(value)) return value.flatMap((each, index) => strangers(each, spec.items, `${path}.${index}`));
  if (spec.properties !== undefined || spec.additionalProperties !== undefined)
    return ofStructure(value as Record<string, unknown>, spec, path);
  const form = { integer: "number" }[spec.type ?? ""] ?? spec.type;
  return form === typeof value ? [] : [`${path} is no ${form}`];
}

/** What of a structure the schema does not have, and what it misses. */
export function ofStructure(value: Readonly<Record<string, unknown>>, spec: Spec, path: string): string[] {
  const missing = (spec.required ?? []).filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, each]) =>
      strangers(each, spec.properties?.[name] ?? spec.additionalProperties, `${path}.${name}`),
    ),
  ];
}
