// Property paths such as `a.b[0]["c.d"]`, with `*` for every element.

import { isArray, isDictionary, isSecret, type Properties, revealed, secret, type Value } from "./value.ts";

export type Path = readonly (string | number)[];

const part = /\[(?:(\d+)|(\*)|"((?:[^"\\]|\\.)*)")\]|\.?([^.[\]]+)/gy;

/** Returns undefined for text that is no path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    const [, index, star, quoted, name] = match;
    if (index !== undefined) path.push(Number(index));
    else path.push(star ?? (quoted === undefined ? (name ?? "") : quoted.replaceAll(/\\(.)/g, "$1")));
  }
  return path.length === 0 ? undefined : path;
}

export function formatPath(path: Path): string {
  const texts = path.map((step, i) => {
    if (typeof step === "number") return `[${step}]`;
    if (!/^[A-Za-z_$*][\w$-]*$/.test(step)) return `["${step.replaceAll(/["\\]/g, "\\$&")}"]`;
    return i === 0 ? step : `.${step}`;
  });
  return texts.join("");
}

/** True where `outer` is a prefix of `inner`; `*` in it stands for any step. */
export function contains(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((step, i) => step === "*" || step === inner[i]);
}

/**
 * Sets what lies at a path back to its old value. Undefined where the path crosses elements that only one side has.
 * Element additions and removals of arrays cannot be undone by one index, so they are refused too.
 */
export function reset(path: Path, old: Properties, next: Properties): Properties | undefined {
  const result = resetAt(path, old, next, false, false);
  return isDictionary(result) ? result : undefined;
}

type Reset = Value | undefined;

function resetAt(path: Path, oldValue: Value, nextValue: Value, oldSecret: boolean, nextSecret: boolean): Reset {
  if (isSecret(nextValue)) {
    const inner = resetAt(path, oldValue, revealed(nextValue), oldSecret, true);
    return inner === undefined ? undefined : secret(inner);
  }
  const old = revealed(oldValue);
  const hidden = oldSecret || isSecret(oldValue);
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  const keep = (value: Value): Value => (hidden && !nextSecret ? secret(value) : value);
  const descend = (a: Value, b: Value): Reset =>
    rest.length === 0 ? keep(a) : resetAt(rest, a, b, hidden, nextSecret);
  if (step === "*") return resetEach(old, nextValue, rest.length === 0, descend);
  if (typeof step === "number") return resetElement(step, old, nextValue, descend);
  return resetKey(step, old, nextValue, rest.length === 0, descend);
}

type Descend = (old: Value, next: Value) => Reset;

function resetElement(index: number, old: Value, next: Value, descend: Descend): Reset {
  if (!isArray(old) || !isArray(next)) return isArray(old) || isArray(next) ? undefined : next;
  if (index >= old.length && index >= next.length) return next;
  const [a, b] = [old[index], next[index]];
  if (a === undefined || b === undefined) return undefined;
  const changed = descend(a, b);
  return changed === undefined ? undefined : next.with(index, changed);
}

function resetKey(key: string, old: Value, next: Value, leaf: boolean, descend: Descend): Reset {
  const a = isDictionary(old) ? old[key] : undefined;
  if (!isDictionary(next)) return a === undefined ? next : undefined;
  const b = next[key];
  if (leaf && a === undefined) {
    const { [key]: _gone, ...others } = next;
    return others;
  }
  if (a === undefined) return b === undefined ? next : undefined;
  if (b === undefined && !leaf) return undefined;
  const changed = descend(a, b ?? null);
  return changed === undefined ? undefined : { ...next, [key]: changed };
}

function resetEach(old: Value, next: Value, leaf: boolean, descend: Descend): Reset {
  if (isArray(next)) {
    if (!isArray(old)) return leaf ? next : undefined;
    if (old.length !== next.length) return undefined;
    const items = next.map((item, i) => descend(old[i] ?? null, item));
    return items.some((item) => item === undefined) ? undefined : items.filter((item) => item !== undefined);
  }
  if (!isDictionary(next)) return undefined;
  if (!isDictionary(old)) return leaf ? next : undefined;
  if (leaf) return Object.fromEntries(Object.entries(old).map(([key, value]) => [key, descend(value, null) ?? null]));
  if (Object.keys(old).some((key) => !(key in next))) return undefined;
  const entries = Object.entries(next).map(([key, value]) => {
    const before = old[key];
    return [key, before === undefined ? value : descend(before, value)] as const;
  });
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(entries.map(([key, value]) => [key, value ?? null]));
}
