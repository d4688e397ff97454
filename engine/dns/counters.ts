/** Counts what was answered, by zone, type and code: plain numbers, to be added up over the threads. */
import { rcodes, types } from "./wire.ts";

export interface QueryCount {
  /** The zone's name; empty for what is in none of our zones. */
  readonly zone: string;
  readonly type: string;
  readonly rcode: string;
  readonly count: number;
}

export interface Totals {
  readonly queries: readonly QueryCount[];
  readonly udp: number;
  readonly tcp: number;
  /** Answers that were cut because the client takes no more. */
  readonly truncated: number;
  /** Answers that rate limiting held back, and those that it cut. */
  readonly dropped: number;
  readonly slipped: number;
  /** Packets that were no queries: too short, or responses. */
  readonly ignored: number;
  /** Answers that an error of ours kept from being what they should be. */
  readonly failed: number;
  /** TCP connections that were too many. */
  readonly refusedConnections: number;
}

/** Types with a name in the counts; a client can ask for 65,536, which no one wants to be told apart. */
const typeNames = new Map<number, string>([
  ...Object.entries(types).map(([name, number]): [number, string] => [number, name]),
  ...[
    [12, "PTR"],
    [15, "MX"],
    [16, "TXT"],
    [43, "DS"],
    [48, "DNSKEY"],
    [64, "SVCB"],
    [65, "HTTPS"],
  ].map(([number, name]): [number, string] => [Number(number), String(name)]),
]);
const rcodeNames = new Map<number, string>(Object.entries(rcodes).map(([name, number]) => [number, name]));

export class Counters {
  udp = 0;
  tcp = 0;
  truncated = 0;
  dropped = 0;
  slipped = 0;
  ignored = 0;
  failed = 0;
  refusedConnections = 0;
  readonly #zones = new Map<string, Map<number, number>>();

  count(zone: string, type: number, rcode: number): void {
    let counts = this.#zones.get(zone);
    if (counts === undefined) {
      counts = new Map();
      this.#zones.set(zone, counts);
    }
    const key = type * 32 + rcode;
    const known = counts.has(key) || typeNames.has(type) ? key : rcode;
    counts.set(known, (counts.get(known) ?? 0) + 1);
  }

  totals(): Totals {
    const { udp, tcp, truncated, dropped, slipped, ignored, failed, refusedConnections } = this;
    const queries = [...this.#zones].flatMap(([zone, counts]) =>
      [...counts].map(([key, count]) => ({ zone, type: typeName(key >>> 5), rcode: rcodeName(key & 31), count })),
    );
    return { queries, udp, tcp, truncated, dropped, slipped, ignored, failed, refusedConnections };
  }
}

export function typeName(type: number): string {
  return typeNames.get(type) ?? "other";
}

export function rcodeName(rcode: number): string {
  return rcodeNames.get(rcode) ?? String(rcode);
}

/** The sum over several threads. */
export function sumOf(all: readonly Totals[]): Totals {
  const queries = new Map<string, QueryCount>();
  for (const each of all.flatMap((totals) => totals.queries)) {
    const key = `${each.zone} ${each.type} ${each.rcode}`;
    queries.set(key, { ...each, count: each.count + (queries.get(key)?.count ?? 0) });
  }
  const sum = (name: Exclude<keyof Totals, "queries">) => all.reduce((total, each) => total + each[name], 0);
  return {
    queries: [...queries.values()],
    udp: sum("udp"),
    tcp: sum("tcp"),
    truncated: sum("truncated"),
    dropped: sum("dropped"),
    slipped: sum("slipped"),
    ignored: sum("ignored"),
    failed: sum("failed"),
    refusedConnections: sum("refusedConnections"),
  };
}
