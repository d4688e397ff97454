// Names what was found: Pulumi's names, which nobody else has, and variables that are valid and do not clash.
import type { Props } from "../provider/casing.ts";
import type { KindName } from "../provider/kinds.ts";
import type { Found } from "./registry.ts";

export interface Declaration {
  readonly kind: KindName;
  readonly importId: string;
  /** The name of the resource in its stack. */
  readonly name: string;
  readonly variable: string;
  readonly inputs: Props;
  /** The variable of its namespace or service. */
  readonly parent: string | undefined;
}

/** In the order in which a program declares them: parents first. */
export function declare(found: readonly Found[]): readonly Declaration[] {
  const all = found.flatMap((each) => placed(each, undefined, ""));
  const names = uniqueNames(all);
  const variables = uniqueVariables(all, names);
  return all.map((each) => {
    const { kind, importId, inputs } = each.found;
    const parent = each.parent === undefined ? undefined : variables.get(each.parent);
    return {
      kind,
      importId,
      inputs,
      name: names.get(each.found) ?? "",
      variable: variables.get(each.found) ?? "",
      parent,
    };
  });
}

interface Placed {
  readonly found: Found;
  readonly parent: Found | undefined;
  /** As DNS would have it: `pay-1.payments.demo.internal`. */
  readonly path: string;
}

function placed(found: Found, parent: Found | undefined, above: string): Placed[] {
  const path = above === "" ? found.name : `${found.name}.${above}`;
  return [{ found, parent, path }, ...found.children.flatMap((child) => placed(child, found, path))];
}

/** Resources of one kind must differ in their names; where the registry's do not, the id is put behind. */
function uniqueNames(all: readonly Placed[]): ReadonlyMap<Found, string> {
  const keyOf = ({ found, path }: Placed) => `${found.kind} ${path}`;
  const counts = Map.groupBy(all, keyOf);
  const isAlone = (each: Placed) => counts.get(keyOf(each))?.length === 1;
  return new Map(all.map((each) => [each.found, isAlone(each) ? each.path : `${each.path}-${each.found.id}`]));
}

function uniqueVariables(all: readonly Placed[], names: ReadonlyMap<Found, string>): ReadonlyMap<Found, string> {
  const taken = new Set(reserved);
  const variables = new Map<Found, string>();
  for (const { found } of all) {
    const base = variableOf(names.get(found) ?? "", found.kind);
    let variable = base;
    for (let number = 2; taken.has(variable); number++) variable = `${base}${number}`;
    taken.add(variable);
    variables.set(found, variable);
  }
  return variables;
}

/** Words that a module cannot call a variable by, and names that the program has already. */
const reserved: readonly string[] = (
  "cloudmap pulumi arguments await break case catch class const continue debugger default delete do else enum eval export " +
  "extends false finally for function if implements import in instanceof interface let new null package private protected " +
  "public return static super switch this throw true try typeof undefined var void while with yield"
).split(" ");

const longest = 60;

/** `payments.demo.internal` → `paymentsDemoInternal` */
function variableOf(name: string, kind: KindName): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  const [first = ""] = words;
  const text = first.slice(0, 1).toLowerCase() + joined.slice(1, longest);
  if (text === "") return kind.slice(0, 1).toLowerCase() + kind.slice(1);
  return /^\d/.test(text) ? `_${text}` : text;
}
