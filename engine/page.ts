/** Pages of lists: where the next begins is an opaque token that only the same list takes. */
import { CloudMapError } from "../api/errors.ts";

const defaultPageSize = 100;

interface PageRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

interface Page<V> {
  readonly entries: readonly V[];
  /** Absent on the last page. */
  readonly next: { readonly NextToken?: string };
}

/** One page of a list; `read` answers up to so many entries that come after a key, with their keys. */
export function page<V>(
  list: string,
  request: PageRequest,
  read: (after: string, most: number) => [string, V][],
): Page<V> {
  const { MaxResults: most = defaultPageSize, NextToken } = request;
  const found = read(NextToken === undefined ? "" : decode(list, NextToken), most + 1);
  const entries = found.slice(0, most);
  const last = entries.at(-1);
  const next = found.length > most && last !== undefined ? { NextToken: encode(list, last[0]) } : {};
  return { entries: entries.map(([, value]) => value), next };
}

function encode(list: string, after: string): string {
  return Buffer.from(JSON.stringify([list, after])).toString("base64url");
}

function decode(list: string, token: string): string {
  try {
    const [from, after] = JSON.parse(Buffer.from(token, "base64url").toString());
    if (from === list && typeof after === "string" && after !== "") return after;
  } catch {
    // refused below
  }
  throw new CloudMapError("InvalidInput", "NextToken is not one that this list has answered; begin again without it.");
}
