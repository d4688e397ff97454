// What the SDK tells the dynamic host beside the program's inputs: under one short key, for each byte is kept per resource.
import { isRecord, type Props } from "../casing.ts";
import { parseDuration } from "../duration.ts";
import type { DiffResult, ParentShape } from "../kind.ts";

/** Pulumi shows nothing whose key begins with two underscores (`IsInternalPropertyKey`). */
export const hiddenKey = "__own";

/** As the SDK sends it; the check keeps of it what later calls need. */
export interface Hidden {
  /** Owner: who makes it. */
  readonly o?: string;
  /** Name: the one that it gets where the program gives none. */
  readonly n?: string;
  /** Parent: what is known of what the program handed over. */
  readonly p?: ParentShape;
  /** customTimeouts of create, update and delete: `5m`. */
  readonly c?: string;
  readonly u?: string;
  readonly d?: string;
  /** replaceOnChanges: Pulumi itself obeys it only where a host names what changed, and the SDK's dynamic host does not. */
  readonly r?: readonly string[];
}

export function readHidden(props: Props): Hidden {
  const value = props[hiddenKey];
  if (typeof value === "string") return { o: value };
  return isRecord(value) ? (value as Hidden) : {}; // written by our own SDK
}

/** The inputs without what only the check needs; an owner alone is kept as a plain text. */
export function keptInputs(inputs: Props, { o, c, u, d, r }: Hidden): Props {
  const options = { ...(c && { c }), ...(u && { u }), ...(d && { d }), ...(r && { r }) };
  const kept = Object.keys(options).length === 0 ? o : { o, ...options };
  const { [hiddenKey]: _, ...rest } = inputs;
  return kept === undefined ? rest : { ...rest, [hiddenKey]: kept };
}

/** A delete sees outputs only: its time-out has to be among them. */
export function keptOutputs({ d }: Hidden): Props {
  return d === undefined ? {} : { [hiddenKey]: { d } };
}

/** The plan with the replacements that the program orders: of a property, or of all (`*`). */
export function ordered(plan: DiffResult, { r = [] }: Hidden): DiffResult {
  const isOrdered = (name: string) => r.includes(name) || r.includes("*");
  return { ...plan, replaces: plan.changed.filter((name) => plan.replaces.includes(name) || isOrdered(name)) };
}

export function timeoutOf(text: string | undefined, otherwise: number): number {
  return (text === undefined ? undefined : parseDuration(text)) ?? otherwise;
}
