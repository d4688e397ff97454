/** The answer to a question, from what the view has: a pure function of view, question, client, moment and chance. */
import type { Client } from "./client.ts";
import type { ExtendedError } from "./edns.ts";
import { notAuthoritative, prohibited } from "./edns.ts";
import type { Host, OwnNames } from "./own-names.ts";
import type { Query } from "./query.ts";
import { canAnswer, prepare, type RecordSet, recordOf } from "./record-set.ts";
import { questionName, type Reply } from "./reply.ts";
import type { View } from "./view.ts";
import { classIn, folded, rcodes, types, type WireName } from "./wire.ts";
import type { Node, Zone } from "./zone.ts";

/** The addresses behind a name that an alias stands for, as far as they are known. */
export interface AliasAnswer {
  /** The octets of each address. */
  readonly addresses: readonly string[];
  readonly ttl: number;
  /** Why there is no answer, or why it is an old one. */
  readonly error?: ExtendedError;
  readonly failed?: boolean;
}

export interface World {
  readonly view: View;
  readonly own: OwnNames;
  /** What is known of an alias; undefined where it must be asked for first. */
  readonly alias: (name: WireName, type: number) => AliasAnswer | undefined;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/** What became of a question: answered, with the reason where there is one to tell; or an alias must be looked up first. */
export type Outcome =
  | undefined
  | { readonly error: ExtendedError }
  | { readonly alias: WireName; readonly type: number };

/** Aliases and CNAMEs in our zones are followed this far. */
const maxChain = 8;

interface Ask {
  readonly world: World;
  readonly query: Query;
  readonly client: Client;
  readonly now: number;
  readonly reply: Reply;
  /** The names that CNAMEs have led to. */
  readonly followed: WireName[];
}

/** Writes the answer to a query that could be read. */
export function answer(world: World, query: Query, client: Client, now: number, reply: Reply): Outcome {
  if (!query.hasQuestion) return undefined; // RFC 7873 5.4: it was for the cookie
  if (query.class === classIn && world.view.shelf.answer(query, client, now, world.random, reply)) return undefined;
  const refused = refusal(query, reply);
  if (refused !== undefined) return refused;
  return resolve({ world, query, client, now, reply, followed: [query.name] }, query.name, questionName, 0);
}

/** What we do not do: other classes, zone transfers, and types that are no data. */
function refusal({ class: class_, type }: Query, reply: Reply): Outcome {
  if (class_ !== classIn) {
    reply.rcode = rcodes.REFUSED;
    return { error: notAuthoritative("only class IN is served") };
  }
  if (type < types.TKEY || type >= types.ANY) return undefined;
  const isTransfer = type === types.AXFR || type === types.IXFR;
  reply.rcode = isTransfer ? rcodes.REFUSED : rcodes.NOTIMP;
  return { error: prohibited(isTransfer ? "zones are not transferred" : "this type is not served") };
}

/** Answers a name under an owner's name that is in the reply already. */
function resolve(ask: Ask, name: WireName, owner: number, depth: number): Outcome {
  const { world, client, reply, query, now } = ask;
  const zone = world.view.zoneOf(name, client);
  reply.zone ??= zone;
  const node = zone?.nodes.get(name);
  if (node === undefined) return absent(ask, name, zone, owner, depth);
  if (zone === undefined) return undefined;
  reply.authoritative = true;
  const { service } = node;
  if (service !== undefined) {
    const type = query.type === types.ANY ? firstOf(service.ttls) : query.type;
    const set = service.set(type, now);
    if (set !== undefined) {
      if (depth === 0) world.view.keep(query, service, set);
      return write(ask, set, type, owner, zone, depth);
    }
    const cname = type === types.CNAME ? undefined : service.set(types.CNAME, now);
    if (cname !== undefined) return follow(ask, cname, owner, depth);
  }
  const target = targetRecords(query.type, node);
  if (target !== undefined) return write(ask, target, query.type, owner, zone, depth);
  if (name === zone.name && writeApex(ask, zone, owner)) return undefined;
  const own = service === undefined && node.targets.length === 0 ? world.own.find(name) : undefined;
  return own === undefined ? negative(ask, zone) : writeOwn(ask, own, owner, zone);
}

/** RFC 8482 4.1: one of the sets is enough for ANY. */
function firstOf(ttls: ReadonlyMap<number, number>): number {
  for (const type of ttls.keys()) return type;
  return types.A;
}

/** The addresses of an instance that SRV records name. */
function targetRecords(asked: number, { targets }: Node): RecordSet | undefined {
  const [first] = targets;
  if (first === undefined) return undefined;
  const any = first.ipv4 !== "" ? types.A : types.AAAA;
  const type = asked === types.ANY ? any : asked;
  if (type !== types.A && type !== types.AAAA) return undefined;
  const able = targets.filter((target) => canAnswer(type, target));
  return able.length === 0 ? undefined : prepare(type, first.ttl, able, "MULTIVALUE", "");
}

/** SOA and NS, which only the zone's own name has. */
function writeApex({ query: { type }, world, reply }: Ask, zone: Zone, owner: number): boolean {
  const { servers } = world.own;
  if (type === types.NS) {
    for (const server of servers) reply.record("answer", owner, recordOf(type, nsTtl, `${server}\0`));
    for (const server of servers) for (const record of glue(world.own, server)) reply.additional(record);
    return servers.length > 0;
  }
  if (type !== types.SOA && type !== types.ANY) return false;
  reply.record("answer", owner, recordOf(types.SOA, zone.negativeTtl, zone.soa(world.own.primary)));
  return true;
}

const nsTtl = 3_600;

function glue(own: OwnNames, server: WireName): string[] {
  const found = own.find(folded(server));
  if (found === undefined) return [];
  const named = (type: number, data: string) => `${server}\0${recordOf(type, nsTtl, data).slice(2)}`;
  return [...found.ipv4.map((each) => named(types.A, each)), ...found.ipv6.map((each) => named(types.AAAA, each))];
}

/** A name that no zone has: one of our own, one that does not exist, or one that is not ours to answer. */
function absent(ask: Ask, name: WireName, zone: Zone | undefined, owner: number, depth: number): Outcome {
  const { world, client, reply } = ask;
  const own = world.own.find(name, client);
  if (own !== undefined) return writeOwn(ask, own, owner, zone);
  if (zone !== undefined) {
    reply.authoritative = true;
    reply.rcode = rcodes.NXDOMAIN;
    return negative(ask, zone);
  }
  if (depth > 0) return undefined; // the target of a CNAME elsewhere: whoever asks goes on there
  reply.rcode = rcodes.REFUSED;
  return { error: notAuthoritative("no zone of this registry that you can see") };
}

const ownTtl = 60;

function writeOwn(ask: Ask, { ipv4, ipv6 }: Host, owner: number, zone: Zone | undefined): undefined {
  const { query, reply } = ask;
  reply.authoritative = true;
  const any = ipv4.length > 0 ? types.A : types.AAAA;
  const type = query.type === types.ANY ? any : query.type;
  const addresses = type === types.A ? ipv4 : type === types.AAAA ? ipv6 : [];
  for (const address of addresses) reply.record("answer", owner, recordOf(type, ownTtl, address));
  return addresses.length === 0 && zone !== undefined ? negative(ask, zone) : undefined;
}

/** "Name servers authoritative for a zone MUST include the SOA record" (RFC 2308 3), with the TTL to remember it by. */
function negative({ world, reply, query }: Ask, zone: Zone): undefined {
  const soa = recordOf(types.SOA, zone.negativeTtl, zone.soa(world.own.primary));
  const before = query.name.length - zone.name.length;
  if (zone === reply.zone) reply.record("authority", questionName + before, soa);
  else reply.authority(`${zone.name}\0${soa.slice(2)}`);
  return undefined;
}

/** Some of the set's records, in a random order; or those of the one that has the say, by weight. */
function write(ask: Ask, set: RecordSet, type: number, owner: number, zone: Zone | undefined, depth: number): Outcome {
  if (set.most === 1) return writeOne(ask, set, type, owner, zone, depth);
  const { reply, world } = ask;
  const { order, count } = set;
  const most = Math.min(count, set.most);
  let written = 0;
  for (; written < most; written += 1) {
    const other = written + Math.floor(world.random() * (count - written));
    const index = order[other] ?? 0;
    order[other] = order[written] ?? 0;
    order[written] = index;
    if (!reply.answer(set, index, owner)) break;
  }
  if (owner === questionName && set.moreAt.length > 0) {
    for (let index = 0; index < written; index += 1) reply.more(set, order[index] ?? 0);
  }
  return undefined;
}

function writeOne(ask: Ask, set: RecordSet, type: number, owner: number, zone: Zone | undefined, depth: number) {
  const index = draw(set, ask.world.random);
  const alias = set.aliases?.[index];
  if (alias !== undefined) return writeAlias(ask, alias, type, owner, zone, depth);
  ask.reply.answer(set, index, owner);
  if (owner === questionName && set.moreAt.length > 0) ask.reply.more(set, index);
  return undefined;
}

function draw({ count, weights }: RecordSet, random: () => number): number {
  if (weights === undefined) return Math.floor(random() * count);
  const point = random() * (weights[count - 1] ?? 0);
  let index = 0;
  while (index < count - 1 && (weights[index] ?? 0) <= point) index += 1;
  return index;
}

/** The CNAME, and what its target has where that is ours too (RFC 1034 4.3.2, step 3a). */
function follow(ask: Ask, set: RecordSet, owner: number, depth: number): Outcome {
  const { reply } = ask;
  const index = draw(set, ask.world.random);
  const data = reply.at + 12 - reply.start;
  if (!reply.answer(set, index, owner) || depth >= maxChain || data > 0x3fff) return undefined;
  const end = (set.at[index + 1] ?? 0) - 1;
  const target = folded(set.wire.toString("latin1", (set.at[index] ?? 0) + 12, end));
  if (ask.followed.includes(target)) return undefined; // in a circle
  ask.followed.push(target);
  return resolve(ask, target, 0xc000 | data, depth + 1);
}

/** The addresses of an alias's target, in place of a record; they have the target's TTL. */
function writeAlias(ask: Ask, alias: WireName, type: number, owner: number, zone: Zone | undefined, depth: number) {
  const { reply, world, client } = ask;
  const name = folded(alias);
  const ours = world.view.zoneOf(name, client);
  if (ours?.nodes.has(name) && depth < maxChain) return resolve(ask, name, owner, depth + 1);
  const found = ours === undefined ? world.alias(name, type) : noAddresses;
  if (found === undefined) return { alias: name, type };
  if (found.failed) reply.rcode = rcodes.SERVFAIL;
  for (const address of found.addresses) reply.record("answer", owner, recordOf(type, found.ttl, address));
  if (!reply.hasAnswers && !found.failed && zone) negative(ask, zone);
  return found.error && { error: found.error };
}

const noAddresses: AliasAnswer = { addresses: [], ttl: 0 };
