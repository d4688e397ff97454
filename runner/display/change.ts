// How the differences of a step are shown.

import type { Step } from "../deploy/step.ts";
import { type Change, changesBetween } from "../value/difference.ts";
import { formatPath } from "../value/path.ts";
import {
  isArray,
  isDictionary,
  isSecret,
  isUnknown,
  type Properties,
  signatureOf,
  signatures,
  type Value,
} from "../value/value.ts";
import { printable } from "./text.ts";

const longest = 60;

/** A value on one line; secrets and what is not known yet by name only. */
export function show(value: Value | undefined, showSecrets = false): string {
  if (value === undefined) return "";
  if (isSecret(value)) return showSecrets ? show(value.value, true) : "[secret]";
  if (isUnknown(value)) return "[unknown]";
  if (typeof value === "string") return printable(JSON.stringify(value));
  if (isArray(value)) return `[${value.map((item) => show(item, showSecrets)).join(", ")}]`;
  if (!isDictionary(value)) return String(value);
  if (signatureOf(value) === signatures.reference) return show(value.urn, showSecrets);
  if (signatureOf(value) === signatures.asset) return `asset(${String(value.hash).slice(0, 7)})`;
  const entries = Object.entries(value).map(([key, item]) => `${printable(key)}: ${show(item, showSecrets)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

// Internal properties, such as the text of a dynamic provider, say nothing to people.
function visible(properties: Properties = {}): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !key.startsWith("__")));
}

export function changesOf({ op, old, new: next, found, diff }: Step): Change[] {
  if (op === "refresh") return found === "update" ? changesBetween(visible(old?.outputs), visible(next?.outputs)) : [];
  if (old === undefined || next === undefined || op === "same" || op === "read") return [];
  const changes = changesBetween(visible(old.inputs), visible(next.inputs));
  if (changes.length > 0) return changes;
  const paths = [...(diff?.detailed?.keys() ?? diff?.changedKeys ?? [])].filter((path) => !path.startsWith("__"));
  return paths.map((path) => ({ path: [path], kind: "update", old: undefined, new: undefined }));
}

function describe({ path, kind, old, new: next }: Change, shorten: boolean): string {
  const name = path.length === 1 && typeof path[0] === "string" ? printable(path[0]) : printable(formatPath(path));
  const text = (value: Value | undefined): string => (shorten ? shortened(show(value)) : show(value));
  if (kind === "add") return `+${name}: ${text(next)}`;
  if (kind === "delete") return `-${name}: ${text(old)}`;
  return old === undefined && next === undefined ? `~${name}` : `${name}: ${text(old)} => ${text(next)}`;
}

/** ` [ttl: 5 => 7; +type: "A"]`, or nothing. */
export function inline(changes: readonly Change[], limit = 4): string {
  if (changes.length === 0) return "";
  const shown = changes.slice(0, limit).map((change) => describe(change, true));
  const rest = changes.length > limit ? [`and ${changes.length - limit} more`] : [];
  return ` [${[...shown, ...rest].join("; ")}]`;
}

export function fullLines(changes: readonly Change[]): string[] {
  return changes.map((change) => describe(change, false));
}

/** Everything that a new resource is made with. */
export function inputLines(inputs: Properties | undefined): string[] {
  return Object.entries(visible(inputs)).map(([key, value]) => `+${printable(key)}: ${show(value)}`);
}
