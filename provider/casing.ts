// The one mapping between the API's names (NamespaceId, TTL) and a program's (namespaceId, ttl), driven by the api's schemas.
import type { Schema, StructureSchema } from "../api/schema.ts";

export type Props = Readonly<Record<string, unknown>>;

/** `DnsRecords` → `dnsRecords`, `TTL` → `ttl`, `VPCId` → `vpcId`. */
export function programName(name: string): string {
  return name.replace(/^([A-Z]+(?![a-z])|[A-Z])/, (capitals) => capitals.toLowerCase());
}

/** A program's value in the API's form; what the schema does not know is left out, what has another type stays as it is. */
export function toWire(schema: Schema, value: unknown): unknown {
  return translate(schema, value, programName, (name) => name);
}

/** The API's value in a program's form. */
export function toProgram(schema: Schema, value: unknown): unknown {
  return translate(schema, value, (name) => name, programName);
}

type Naming = (member: string) => string;

function translate(schema: Schema, value: unknown, from: Naming, to: Naming): unknown {
  if (Array.isArray(value)) {
    return "items" in schema ? value.map((item) => translate(schema.items, item, from, to)) : value;
  }
  // Maps keyed by the caller (attributes, tags) have no members: their keys are left alone.
  if (!isRecord(value) || !("properties" in schema)) return value;
  const members = Object.entries(schema.properties).flatMap(([name, member]) => {
    const found = value[from(name)];
    return found === undefined || found === null ? [] : [[to(name), translate(member, found, from, to)]];
  });
  return Object.fromEntries(members);
}

/** Members of a program's value that the schema does not have, as paths. */
export function strangers(schema: Schema, value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (Array.isArray(value)) {
    return "items" in schema
      ? value.flatMap((item, index) => strangers(schema.items, item, [...path, String(index)]))
      : [];
  }
  if (!isRecord(value) || !("properties" in schema)) return [];
  const known = new Map(Object.entries(schema.properties).map(([name, member]) => [programName(name), member]));
  return Object.entries(value).flatMap(([name, member]) => {
    const of = known.get(name);
    return of === undefined ? [[...path, name]] : strangers(of, member, [...path, name]);
  });
}

/** Part of a structure: the members of these names. */
export function pick(schema: StructureSchema, ...names: readonly string[]): StructureSchema {
  const entries = Object.entries(schema.properties).filter(([name]) => names.includes(name));
  return { type: "object", properties: Object.fromEntries(entries) };
}

export function isRecord(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
