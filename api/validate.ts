/** Checks values against the contract's schemas with ajv, and says in words what is wrong: all of it at once. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Schema } from "./schema.ts";

/** One thing that is wrong with an input. */
export interface Problem {
  /** Where: the members and indexes that lead to it, in the API's spelling. */
  readonly path: readonly string[];
  /** What is wrong, for people: "must be at most 64 characters long, and is 70". */
  readonly reason: string;
  /** What to do about it, where that is more than the reason turned round. */
  readonly remedy?: string;
  /** The same in AWS's words: "Member must have length less than or equal to 64". */
  readonly constraint?: string;
  readonly value?: unknown;
}

/** That the schemas are schemas is a matter of the tests: to check it takes longer than to compile them. */
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  meta: false,
  validateSchema: false,
});

/** A function that finds every problem of a value; the schema is compiled at the first call. */
export function validator(schema: Schema): (value: unknown) => readonly Problem[] {
  let check: ValidateFunction | undefined;
  return (value) => {
    check ??= ajv.compile(lengthBeforePattern(schema) as object);
    return check(value) ? [] : problems(check.errors ?? []);
  };
}

/** The same schema in which no pattern is tried on a string that is too long: a pattern's cost grows with its input. */
function lengthBeforePattern(schema: Schema): unknown {
  if (schema.type === "string" && schema.pattern !== undefined && schema.maxLength !== undefined) {
    const { pattern, ...rest } = schema;
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own keyword
    return { ...rest, if: { maxLength: schema.maxLength }, then: { pattern } };
  }
  if ("items" in schema) return { ...schema, items: lengthBeforePattern(schema.items) };
  if ("propertyNames" in schema) {
    const propertyNames = lengthBeforePattern(schema.propertyNames);
    return { ...schema, propertyNames, additionalProperties: lengthBeforePattern(schema.additionalProperties) };
  }
  if ("properties" in schema) {
    const members = Object.entries(schema.properties).map(([name, member]) => [name, lengthBeforePattern(member)]);
    return { ...schema, properties: Object.fromEntries(members) };
  }
  return schema;
}

function problems(errors: readonly ErrorObject[]): Problem[] {
  return errors.filter((error) => !isEcho(error)).map(problem);
}

/** Whether an error only repeats another: of what is in an if or a key, or of a value's type. */
function isEcho({ keyword, data }: ErrorObject): boolean {
  return keyword === "if" || keyword === "propertyNames" || (keyword === "enum" && typeof data !== "string");
}

function problem(error: ErrorObject): Problem {
  const path = error.instancePath.split("/").slice(1).map(unescapePointer);
  if (error.keyword === "required") {
    return {
      path: [...path, error.params.missingProperty],
      reason: "is required",
      constraint: "Member must not be null",
    };
  }
  if (error.propertyName === undefined) return { path, value: error.data, ...words(error) };
  const remedy = error.parentSchema?.description; // of the key, where the place is described by its value
  return { path: [...path, error.propertyName], value: error.data, ...words(error), ...(remedy && { remedy }) };
}

function unescapePointer(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The reason and AWS's sentence for a failed keyword. */
function words({ keyword, params, data }: ErrorObject): { reason: string; constraint: string } {
  const { limit } = params;
  const length = typeof data === "string" ? [...data].length : 0;
  switch (keyword) {
    case "type":
      return {
        reason: `must be ${a(params.type)}, and is ${a(typeName(data))}`,
        constraint: `Member must be ${a(params.type)}`,
      };
    case "enum": {
      const allowed = params.allowedValues.join(", ");
      return { reason: `must be one of ${allowed}`, constraint: `Member must satisfy enum value set: [${allowed}]` };
    }
    case "maxLength":
      return {
        reason: `must be at most ${limit} characters long, and is ${length}`,
        constraint: `Member must have length less than or equal to ${limit}`,
      };
    case "minLength":
      return {
        reason: `must be at least ${limit} character${limit === 1 ? "" : "s"} long, and is ${length}`,
        constraint: `Member must have length greater than or equal to ${limit}`,
      };
    case "pattern":
      return {
        reason: `must match ${params.pattern}`,
        constraint: `Member must satisfy regular expression pattern: ${params.pattern}`,
      };
    case "maximum":
      return {
        reason: `must be at most ${limit}`,
        constraint: `Member must have value less than or equal to ${limit}`,
      };
    case "minimum":
      return {
        reason: `must be at least ${limit}`,
        constraint: `Member must have value greater than or equal to ${limit}`,
      };
    case "maxItems":
    case "maxProperties":
      return {
        reason: `must have at most ${limit} entries`,
        constraint: `Member must have length less than or equal to ${limit}`,
      };
    default:
      return {
        reason: `must have at least ${limit} entries`,
        constraint: `Member must have length greater than or equal to ${limit}`,
      };
  }
}

function a(noun: string): string {
  return noun === "null" ? "null" : `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/**
 * The part of a value that the schema knows: members that it does not know and members that are null are left out, as
 * AWS's JSON protocol does with them; what has another type than the schema says is left as it is, to be refused.
 */
export function known(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return "items" in schema ? value.map((item) => known(schema.items, item)) : value;
  if (typeof value !== "object" || value === null || !("properties" in schema)) return value;
  const kept: { [name: string]: unknown } = {};
  for (const [name, member] of Object.entries(value)) {
    const of = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (of !== undefined && member !== null) kept[name] = known(of, member); // the schema's names are plain ones
  }
  return kept;
}
