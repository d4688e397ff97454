// Where in a program's inputs something is: paths of the API's members written as a program would write them.
import type { Schema } from "../api/schema.ts";
import { isRecord, programName } from "./casing.ts";

/** One step of a path as a program writes it, and what is known of the place. */
export interface Place {
  /** `dnsConfig.dnsRecords[0].ttl`, `attributes["a.b"]`. */
  readonly text: string;
  readonly steps: readonly string[];
  /** What the contract says of it. */
  readonly description: string | undefined;
}

/** The place of a path in the API's spelling, below a schema. */
export function placeOf(schema: Schema, path: readonly string[]): Place {
  let text = "";
  let description: string | undefined;
  const steps: string[] = [];
  let at: Schema | undefined = schema;
  for (const step of path) {
    const { name, kind, next }: Step = stepInto(at, step);
    steps.push(name);
    text +=
      kind === "index" ? `[${name}]` : kind === "key" && !isPlain(name) ? `[${JSON.stringify(name)}]` : `.${name}`;
    at = next;
    description = at?.description ?? description;
  }
  return { text: text.replace(/^\./, ""), steps, description };
}

interface Step {
  readonly name: string;
  readonly kind: "member" | "index" | "key";
  readonly next: Schema | undefined;
}

function stepInto(schema: Schema | undefined, step: string): Step {
  if (schema !== undefined && "items" in schema) return { name: step, kind: "index", next: schema.items };
  if (schema !== undefined && "additionalProperties" in schema) {
    return { name: step, kind: "key", next: schema.additionalProperties };
  }
  const members = schema !== undefined && "properties" in schema ? schema.properties : undefined;
  return { name: programName(step), kind: "member", next: members?.[step] };
}

function isPlain(key: string): boolean {
  return /^[A-Za-z_]\w*$/.test(key);
}

/** The value at a place in a program's inputs. */
export function valueAt(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, value);
}
