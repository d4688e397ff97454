// Compares what is there with what is wanted, property by property: a pure function of the two and of each property's rule.
import { isDeepStrictEqual } from "node:util";
import type { Props } from "./casing.ts";
import { hasUnknown } from "./unknown.ts";

/** How changes of one property are met. */
export interface PropertyRule {
  /** Its value in the one form in which two values that mean the same are equal. */
  readonly canonical?: (value: unknown) => unknown;
  /** The API cannot change it in place: never, or not from the one to the other. */
  readonly replaces?: true | ((olds: Props, news: Props) => boolean);
  /** What was read, in the words of before as far as they mean the same; for values of several parts. */
  readonly words?: (before: unknown, actual: unknown) => unknown;
  /** It names the parent: while that is not known, the parent is being replaced, and so is this. */
  readonly parent?: true;
  /** Left out of the inputs it stays what it is. */
  readonly computed?: true;
  /** A computed one that a program has to give nevertheless, for a resource such as this. */
  readonly given?: (props: Props) => boolean;
}

export type PropertyRules = Readonly<Record<string, PropertyRule>>;

export interface Difference {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

export function compare(olds: Props, news: Props, rules: PropertyRules): Difference {
  const changed = Object.keys(rules).filter((name) => differs(name, olds, news, rules[name] ?? {}));
  const replaces = changed.filter((name) => {
    const { parent = false, replaces: rule = false } = rules[name] ?? {};
    if (hasUnknown(news[name])) return parent;
    return typeof rule === "boolean" ? rule : rule(olds, news);
  });
  return { changed, replaces };
}

function differs(name: string, olds: Props, news: Props, { canonical = same, computed }: PropertyRule): boolean {
  if (news[name] === undefined && computed) return false;
  if (hasUnknown(news[name])) return true;
  return !isDeepStrictEqual(canonical(olds[name]), canonical(news[name]));
}

function asFound(_: unknown, actual: unknown): unknown {
  return actual;
}

function same(value: unknown): unknown {
  return value;
}

/** What was read, with the words of before wherever these mean the same: other spellings are no drift. */
export function inWordsOf(olds: Props, actual: Props, rules: PropertyRules): Props {
  const entries = Object.keys(rules).map((name) => {
    const { canonical = same, words = asFound } = rules[name] ?? {};
    const equal = isDeepStrictEqual(canonical(olds[name]), canonical(actual[name]));
    return [name, equal ? olds[name] : words(olds[name], actual[name])];
  });
  return defined(Object.fromEntries(entries));
}

/** Without the members that are undefined. */
export function defined(props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}

/** An empty text and none mean the same to the API. */
export function text(value: unknown): unknown {
  return value === "" ? undefined : value;
}

/** An empty map and none mean the same. */
export function map(value: unknown): unknown {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : value;
}

/** A switch that is off and one that is not set mean the same. */
export function flag(value: unknown): unknown {
  return value === false ? undefined : value;
}

/** What matters only when a resource is made, or only to how long is waited for it, is never a difference. */
export function nothing(): undefined {
  return undefined;
}
