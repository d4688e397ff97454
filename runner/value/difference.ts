// Equality and differences of property values.

import {
  containsSecret,
  type Dictionary,
  isArray,
  isDictionary,
  isPlain,
  isSecret,
  type Properties,
  secret,
  type Value,
} from "./value.ts";

export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isArray(left)) {
    return isArray(right) && left.length === right.length && left.every((item, i) => equal(item, right[i] ?? null));
  }
  return isDictionary(left) && isDictionary(right) && equalProperties(left, right);
}

/** A missing key equals null: neither has a value (sdk/go/common/resource/properties_diff.go, DeepEquals). */
export function equalProperties(left: Properties, right: Properties): boolean {
  return missingOrEqual(left, right) && Object.keys(right).every((key) => key in left || right[key] === null);
}

function missingOrEqual(left: Properties, right: Properties): boolean {
  return Object.entries(left).every(([key, value]) => {
    const other = right[key];
    return other === undefined ? value === null : equal(value, other);
  });
}

export interface Change {
  readonly path: readonly (string | number)[];
  readonly kind: "add" | "delete" | "update";
  readonly old: Value | undefined;
  readonly new: Value | undefined;
}

/** The changes between two maps, as deep as both sides are plain maps or arrays. */
export function changesBetween(old: Properties, next: Properties): Change[] {
  return changesOfMaps([], old, next);
}

function changesOfMaps(path: Change["path"], old: Dictionary, next: Dictionary): Change[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
  return keys.flatMap((key) => changesOf([...path, key], old[key], next[key]));
}

function changesOf(path: Change["path"], old: Value | undefined, next: Value | undefined): Change[] {
  if (old === undefined || old === null) {
    return next === undefined || next === null ? [] : [{ path, kind: "add", old: undefined, new: next }];
  }
  if (next === undefined || next === null) return [{ path, kind: "delete", old, new: undefined }];
  if (equal(old, next)) return [];
  if (isArray(old) && isArray(next)) {
    const length = Math.max(old.length, next.length);
    return Array.from({ length }, (_, i) => changesOf([...path, i], old[i], next[i])).flat();
  }
  if (isPlain(old) && isPlain(next)) return changesOfMaps(path, old, next);
  return [{ path, kind: "update", old, new: next }];
}

/** Marks outputs secret whose same-named inputs are, for providers that were given plain values. */
export function withSecretsOf(outputs: Properties, inputs: Properties): Properties {
  const result: Record<string, Value> = { ...outputs };
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output === undefined || isSecret(output)) continue;
    if (isPlain(output) && isPlain(input)) result[key] = withSecretsOf(output, input);
    else if (containsSecret(input)) result[key] = secret(output);
  }
  return result;
}
