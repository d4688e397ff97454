/** The records of a name and type as they go onto the wire, prepared once so that an answer only copies. */
import type { Target } from "./target.ts";
import { types, uint16, uint32, type WireName } from "./wire.ts";

/** "Cloud Map returns up to eight healthy instances" (MULTIVALUE); WEIGHTED answers one. */
const mostOf = { MULTIVALUE: 8, WEIGHTED: 1 } as const;
export type Routing = keyof typeof mostOf;

/** Where an owner's name is written: a pointer to the question's, which is always at the same place. */
const owner = "\xc0\x0c";
const internet = uint16(1);

export interface RecordSet {
  readonly count: number;
  /** How many of them an answer has at most. */
  readonly most: number;
  readonly wire: Buffer;
  /** Where each record begins in `wire`, and where the last one ends. */
  readonly at: Uint32Array;
  /** What goes with each record into the additional section; nothing for types other than SRV. */
  readonly more: Buffer;
  readonly moreAt: Uint32Array;
  readonly moreCount: Uint8Array;
  /** The records' numbers, shuffled a little further by each answer. */
  readonly order: Uint32Array;
  /** The weights of the records up to each; undefined where all are alike. */
  readonly weights: Uint32Array | undefined;
  /** The names that answer in place of records; undefined where there are none. */
  readonly aliases: readonly (WireName | undefined)[] | undefined;
}

interface Fragment {
  readonly record: string;
  readonly more: readonly string[];
  readonly alias: WireName | undefined;
  readonly weight: number;
}

/** One record with the question's name as its owner. */
export function recordOf(type: number, ttl: number, data: string): string {
  return owner + uint16(type) + internet + uint32(ttl) + uint16(data.length) + data;
}

/** Whether an instance has what a record of the type is made of. */
export function canAnswer(type: number, { ipv4, ipv6, srv, cname, alias }: Target): boolean {
  if (type === types.A) return ipv4 !== "" || alias !== undefined;
  if (type === types.AAAA) return ipv6 !== "" || alias !== undefined;
  if (type === types.SRV) return srv !== "";
  return type === types.CNAME && cname !== undefined;
}

/** The set of the instances that are given, each of which can answer. */
export function prepare(
  type: number,
  ttl: number,
  targets: readonly Target[],
  routing: Routing,
  service: WireName,
): RecordSet {
  const most = mostOf[routing];
  const all = targets.map((target) => fragmentOf(type, ttl, target, service));
  const fragments = most === 1 ? weighed(all) : distinct(all);
  const aliases = fragments.some(({ alias }) => alias !== undefined) ? fragments.map(({ alias }) => alias) : undefined;
  return {
    count: fragments.length,
    most,
    ...placed(fragments.map(({ record }) => record)),
    ...extras(fragments),
    order: Uint32Array.from(fragments, (_, index) => index),
    weights: most === 1 ? sums(fragments) : undefined,
    aliases,
  };
}

function fragmentOf(type: number, ttl: number, target: Target, service: WireName): Fragment {
  const { ipv4, ipv6, srv, cname = "", alias, weight, labels } = target;
  const plain = (data: string) => ({ record: recordOf(type, ttl, data), more: [], weight, alias: undefined });
  if (type === types.SRV) {
    const more = [ipv4 && recordOf(types.A, ttl, ipv4), ipv6 && recordOf(types.AAAA, ttl, ipv6)].filter(Boolean);
    // "Name compression is not to be used for this field" (RFC 2782); the owner of what goes with it may use it.
    return { ...plain(`${srv}${labels}${service}\0`), more: more.map((record) => labels + record) };
  }
  if (type === types.CNAME) return plain(`${cname}\0`);
  if (alias !== undefined) return { record: "", more: [], weight, alias };
  return plain(type === types.A ? ipv4 : ipv6);
}

/** "Name servers should suppress duplicates" (RFC 2181 5): two instances may share an address. */
function distinct(fragments: readonly Fragment[]): readonly Fragment[] {
  const seen = new Set(fragments.map(({ record }) => record));
  if (seen.size === fragments.length) return fragments;
  return fragments.filter(({ record }) => seen.delete(record));
}

/** Route 53: what weighs nothing is answered only where nothing else can be. */
function weighed(fragments: readonly Fragment[]): readonly Fragment[] {
  const heavy = fragments.filter(({ weight }) => weight > 0);
  return heavy.length > 0 ? heavy : fragments.map((fragment) => ({ ...fragment, weight: 1 }));
}

function sums(fragments: readonly Fragment[]): Uint32Array | undefined {
  if (fragments.every(({ weight }) => weight === fragments[0]?.weight)) return undefined;
  let sum = 0;
  return Uint32Array.from(fragments, ({ weight }) => {
    sum += weight;
    return sum;
  });
}

function placed(parts: readonly string[]): { wire: Buffer; at: Uint32Array } {
  const at = new Uint32Array(parts.length + 1);
  for (const [index, part] of parts.entries()) at[index + 1] = (at[index] ?? 0) + part.length;
  return { wire: Buffer.from(parts.join(""), "latin1"), at };
}

const none = { more: Buffer.alloc(0), moreAt: new Uint32Array(0), moreCount: new Uint8Array(0) };

function extras(fragments: readonly Fragment[]): Pick<RecordSet, "more" | "moreAt" | "moreCount"> {
  if (fragments.every(({ more }) => more.length === 0)) return none;
  const { wire, at } = placed(fragments.map(({ more }) => more.join("")));
  return { more: wire, moreAt: at, moreCount: Uint8Array.from(fragments, ({ more }) => more.length) };
}
