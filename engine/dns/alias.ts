/** What stands behind aliases: addresses from an operator's table, or from a resolver, kept for as long as their TTL says. */
import { Resolver } from "node:dns/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { AliasAnswer } from "./answer.ts";
import { noReachableAuthority, staleAnswer } from "./edns.ts";
import { decodeName, encodeName, folded, octetsOfIPv4, octetsOfIPv6, types, type WireName } from "./wire.ts";

export interface AliasOptions {
  /** Resolvers, as `address` or `address:port`. */
  readonly servers: readonly string[];
  /** Addresses of names, which no resolver is asked for. */
  readonly table: readonly { readonly name: string; readonly addresses: readonly string[] }[];
}

/** Times are in milliseconds since 1970. */
interface Known extends AliasAnswer {
  /** When it is asked for again. */
  readonly until: number;
  /** When the TTL of the addresses ended. */
  readonly expired: number;
}

const tableTtl = 60;
/** Seconds until something that does not exist, or a resolver that does not answer, is asked again. */
const negativeTtl = 10;
const retryAfter = 5;
/** RFC 8767 4: an old answer is given with a TTL of 30 seconds, and not for longer than a day. */
const staleTtl = 30;
const maxStale = 86_400_000;
const maxTtl = 86_400;
/** RFC 8767 5: "a client response timer … 1.8 seconds", before the client gives us up. */
const patience = 1_800;

export class Aliases {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #table = new Map<WireName, readonly string[]>();
  readonly #resolver: Resolver | undefined;
  readonly #now: () => number;

  constructor({ servers, table }: AliasOptions, now: () => number) {
    this.#now = now;
    for (const { name, addresses } of table) this.#table.set(folded(encodeName(name) ?? ""), addresses);
    if (servers.length === 0) return;
    this.#resolver = new Resolver({ timeout: patience / 3, tries: 2 });
    this.#resolver.setServers(servers);
  }

  /** What is known now; undefined where it must be looked up. */
  get(name: WireName, type: number): AliasAnswer | undefined {
    const addresses = this.#table.get(name);
    if (addresses !== undefined) return { addresses: octets(addresses, type), ttl: tableTtl };
    if (this.#resolver === undefined) return failure("an alias, and no --alias-resolver to ask");
    const known = this.#known.get(keyOf(name, type));
    const now = this.#now();
    if (known === undefined || known.until <= now) return undefined;
    return known.error ? known : { ...known, ttl: Math.ceil((known.until - now) / 1000) };
  }

  /** Asks the resolver; those that ask for the same thing wait together. */
  lookUp(name: WireName, type: number): Promise<void> {
    const key = keyOf(name, type);
    const asking = this.#asking.get(key) ?? this.#ask(name, type).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(name: WireName, type: number): Promise<void> {
    const key = keyOf(name, type);
    try {
      const found = await Promise.race([this.#resolve(decodeName(name).slice(0, -1), type), silence()]);
      const ttl = Math.min(maxTtl, ...found.map((each) => each.ttl));
      const addresses = octets(
        found.map(({ address }) => address),
        type,
      );
      const until = this.#now() + Math.max(1, ttl) * 1000;
      this.#known.set(key, { addresses, ttl, until, expired: until });
    } catch (error) {
      this.#known.set(key, this.#without(this.#known.get(key), error));
    }
  }

  #resolve(host: string, type: number): Promise<{ address: string; ttl: number }[]> {
    if (this.#resolver === undefined) return Promise.resolve([]);
    return type === types.AAAA
      ? this.#resolver.resolve6(host, { ttl: true })
      : this.#resolver.resolve4(host, { ttl: true });
  }

  /** A resolver that says no is believed; where it says nothing, an old answer is better than none (RFC 8767). */
  #without(before: Known | undefined, error: unknown): Known {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const now = this.#now();
    const retry = now + retryAfter * 1000;
    if (code === "ENODATA" || code === "ENOTFOUND") {
      return { addresses: [], ttl: negativeTtl, until: now + negativeTtl * 1000, expired: now };
    }
    const reason = `the alias resolver does not answer (${code})`;
    if (before === undefined || before.addresses.length === 0 || now - before.expired > maxStale) {
      return { ...failure(reason), until: retry, expired: now };
    }
    return { ...before, ttl: staleTtl, until: retry, error: staleAnswer(reason) };
  }
}

async function silence(): Promise<never> {
  await wait(patience, undefined, { ref: false });
  throw Object.assign(new Error("no answer"), { code: "ETIMEOUT" });
}

function keyOf(name: WireName, type: number): string {
  return `${type} ${name}`;
}

function octets(addresses: readonly string[], type: number): string[] {
  const isWanted = (address: string) => address.includes(":") === (type === types.AAAA);
  return addresses.filter(isWanted).map(type === types.AAAA ? octetsOfIPv6 : octetsOfIPv4);
}

function failure(reason: string): AliasAnswer {
  return { addresses: [], ttl: 0, failed: true, error: noReachableAuthority(reason) };
}
