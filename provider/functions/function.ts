// What each function implements: a question that a program asks the registry, and its answer.
import type { StructureSchema } from "../../api/schema.ts";
import { type Props, toProgram } from "../casing.ts";
import type { Client } from "../client.ts";
import { CallError } from "../failure.ts";

export interface Lookup {
  /** One sentence, for the editor and the schema. */
  readonly description: string;
  /** Both in the API's names; a program sees them in its own. */
  readonly input: StructureSchema;
  readonly output: StructureSchema;
  /** Arguments of which at least one set must be given, in a program's names; none: what the input requires. */
  readonly oneOf?: readonly (readonly string[])[];
  answer(args: Props, client: Client): Promise<Props>;
}

/** The API's answer as the function's output: of what it says, what the output has. */
export function answered({ output }: Pick<Lookup, "output">, value: Props): Props {
  return toProgram(output, value) as Props; // a structure's value makes a structure
}

/** Every item of a list operation, whatever its pages are. */
export async function all<P extends { readonly NextToken?: string | undefined }, T>(
  ask: (next: { NextToken?: string }) => Promise<P>,
  items: (page: P) => readonly T[] | undefined,
): Promise<T[]> {
  const found: T[] = [];
  let next: { NextToken?: string } | undefined = {};
  while (next !== undefined) {
    const page: P = await ask(next);
    found.push(...(items(page) ?? []));
    next = page.NextToken === undefined ? undefined : { NextToken: page.NextToken };
  }
  return found;
}

/** The one that is meant; none, or several, is an error that says what there is. */
export function only<T extends { readonly Id?: string | undefined }>(
  found: readonly T[],
  what: string,
  describe: (one: T) => string,
): T {
  const [first, ...others] = found;
  if (first === undefined) throw new CallError("NotFound", `there is no ${what}`);
  if (others.length === 0) return first;
  const each = found.map((one) => `${one.Id} (${describe(one)})`).join(", ");
  throw new CallError("Ambiguous", `there is more than one ${what}: ${each}; name one by its id`);
}
