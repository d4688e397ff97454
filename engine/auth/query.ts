/** Query strings, as signatures see them. */
import { CloudMapError } from "../../api/errors.ts";

export type Pair = readonly [name: string, value: string];

export function parseQuery(query: string): Pair[] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new CloudMapError("IncompleteSignature", "The query string is not percent-encoded UTF-8.");
  }
}

/** Sorted by name, then by value, both encoded. */
export function canonicalQuery(pairs: readonly Pair[]): string {
  return pairs
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .sort(byNameThenValue)
    .join("&");
}

/** A plain comparison of `a=b` and `a-=b` would look at `=` and `-`. */
function byNameThenValue(one: string, other: string): number {
  const [a, b] = [one.split("="), other.split("=")];
  if (a[0] !== b[0]) return (a[0] ?? "") < (b[0] ?? "") ? -1 : 1;
  return (a[1] ?? "") < (b[1] ?? "") ? -1 : 1;
}

/** "URI-encode every byte except A-Z, a-z, 0-9, - . _ and ~": RFC 3986, where JavaScript leaves five more as they are. */
export function escapeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
