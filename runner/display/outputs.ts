// The outputs of a stack, and how an operation changed them.

import type { Resource } from "../state/resource.ts";
import { stackType } from "../state/urn.ts";
import { equal } from "../value/difference.ts";
import { isSecret, type Properties, signatureOf, type Value, withoutSecrets } from "../value/value.ts";
import { show } from "./change.ts";
import { printable } from "./text.ts";

export function stackOutputs(resources: readonly Resource[]): Properties {
  const stack = resources.find((resource) => resource.type === stackType && !resource.delete);
  return stack?.outputs ?? {};
}

/** Plain JSON, secrets masked unless they are asked for. */
export function plainOutputs(outputs: Properties, showSecrets: boolean): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, showSecrets ? withoutSecrets(value) : masked(value)]),
  );
}

function masked(value: Value): Value {
  if (isSecret(value)) return "[secret]";
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null || signatureOf(value) !== undefined) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item)]));
}

export function outputLines(before: Properties, after: Properties, showSecrets: boolean): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const width = Math.max(0, ...keys.map((key) => key.length));
  return keys.map((key) => {
    const [old, next] = [before[key], after[key]];
    const name = printable(key).padEnd(width);
    if (next === undefined) return `  - ${name}: ${show(old, showSecrets)}`;
    if (old === undefined) return `  + ${name}: ${show(next, showSecrets)}`;
    if (equal(old, next)) return `    ${name}: ${show(next, showSecrets)}`;
    return `  ~ ${name}: ${show(old, showSecrets)} => ${show(next, showSecrets)}`;
  });
}
