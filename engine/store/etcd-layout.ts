/**
 * Where the registry lies in etcd. Below the prefix there are `data/` with its keys, `head`, which every commit writes,
 * `form`, which says how to read it all, and `node/` with who is at work. Keys are in this order on purpose: one watch
 * covers `data/`, `form` and `head`.
 */
import { StoreError } from "./store.ts";

/** How the data are to be read: compared by every commit, and written anew only where the data come to a newer version. */
export interface Form {
  readonly version: number;
  /** What the store's revisions are above etcd's: a registry that came from elsewhere goes on from where it was. */
  readonly offset: number;
  /** The versions that the data had before, each with etcd's revision from which on they had it. */
  readonly older?: readonly { readonly version: number; readonly from: number }[];
  /** Not all of it is there yet. */
  readonly filling?: boolean;
}

export class Layout {
  readonly prefix: string;
  readonly data: string;
  readonly dataEnd: string;
  readonly head: string;
  readonly form: string;
  readonly nodes: string;
  readonly nodesEnd: string;
  /** Up to here go the keys that commits write. */
  readonly streamEnd: string;
  readonly end: string;
  /** How many bytes of a key are not the registry's. */
  readonly cut: number;
  readonly #offset: number;

  constructor(prefix: string, offset = 0) {
    this.prefix = prefix;
    this.data = `${prefix}data/`;
    this.dataEnd = endOf(this.data);
    this.head = `${prefix}head`;
    this.streamEnd = `${this.head}\0`;
    this.form = `${prefix}form`;
    this.nodes = `${prefix}node/`;
    this.nodesEnd = endOf(this.nodes);
    this.end = endOf(prefix);
    this.cut = Buffer.byteLength(this.data);
    this.#offset = offset;
  }

  keyOf(key: string): string {
    return this.data + key;
  }

  /** The keys that begin with a prefix. */
  rangeOf(prefix: string): { readonly start: string; readonly end: string } {
    const start = this.keyOf(prefix);
    return { start, end: endOf(start) };
  }

  /** A revision of the store's as etcd's; 0, which is of no commit, stays. */
  etcdRevision(revision: number): number {
    return revision === 0 ? 0 : revision - this.#offset;
  }

  storeRevision(revision: number): number {
    return revision === 0 ? 0 : revision + this.#offset;
  }
}

/** The first text after all that begin with a prefix, as UTF-8 sorts. */
function endOf(prefix: string): string {
  const points = [...prefix];
  const last = points.pop()?.codePointAt(0) ?? 0;
  if (last === 0x10ffff) return points.length === 0 ? "\u{10ffff}\u{10ffff}" : endOf(points.join(""));
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}

export function parseForm(text: string, prefix: string): Form {
  const form: Form = JSON.parse(text);
  if (form.filling === true) {
    throw new StoreError(
      "damaged",
      `the registry in etcd below ${prefix}: a restore into it is under way, or was broken off: wait for it, or run it again`,
    );
  }
  return form;
}

export function newerForm(prefix: string, version: number, known: number): StoreError {
  return new StoreError(
    "newer",
    `the registry in etcd below ${prefix} was taken over by a newer cloudmap (data version ${version}, this one knows ${known}): upgrade this node`,
  );
}
