/**
 * Answers that were given before, packed: found by the octets of a question, and written from a few neighbouring lines of the
 * processor's cache. The objects that a set of records is made of lie far apart: with 100,000 names they cost each answer some
 * twelve misses, a fifth of the time that the server has for it.
 */
import type { Client } from "./client.ts";
import { afterName, headerSize, type Query } from "./query.ts";
import type { RecordSet } from "./record-set.ts";
import type { Reply } from "./reply.ts";
import { folded, type WireName } from "./wire.ts";
import { sees, type Zone } from "./zone.ts";

/** What is kept of an answer: it holds for the question's name from a moment until before another. */
export interface Kept {
  readonly zone: Zone;
  readonly set: RecordSet;
  readonly from: number;
  readonly until: number;
}

/** An entry: two moments, lengths, TTL; then the folded name, the order of the records and their data. */
const [typeAt, nameSizeAt, countAt, mostAt, zoneAt, ttlAt, dataSizeAt, nameAt] = [16, 17, 18, 19, 20, 22, 26, 27];
/** Entries begin at multiples of eight octets, so that their moments can be read as numbers. */
const unit = 8;
/** Until when an entry holds that holds no longer. */
const dropped = Number.NEGATIVE_INFINITY;
const [firstSlots, firstUnits] = [1_024, 8_192];
/** More records or zones than this have no room in an entry. */
const [maxCount, maxZones] = [255, 65_535];
/** Where the data is in a record that begins with a pointer to its owner. */
const [recordTtlAt, recordDataAt] = [6, 12];

export class Shelf {
  /** For each slot the hash of a name and type, and the unit where their entry begins; 0: nothing. */
  #slots = new Int32Array(2 * firstSlots);
  #entries = 0;
  #octets = Buffer.alloc(unit * firstUnits);
  #moments = new Float64Array(this.#octets.buffer);
  /** The unit after the last entry, and how many before it are no longer used. */
  #end = 1;
  #wasted = 0;
  readonly #zones: Zone[] = [];
  readonly #numbers = new Map<Zone, number>();

  /** Writes the answer to a question where it is here, holds now, and is of a zone that the client sees. */
  answer(query: Query, client: Client, now: number, random: () => number, reply: Reply): boolean {
    const { packet, type } = query;
    const start = this.#find(packet, headerSize, query.end - afterName, type);
    if (start === 0) return false;
    const moments = this.#moments;
    if (now < (moments[start] ?? 0) || now >= (moments[start + 1] ?? 0)) return false;
    const octets = this.#octets;
    const at = start * unit;
    const zone = this.#zones[octets.readUInt16BE(at + zoneAt)];
    if (zone === undefined || !sees(client, zone)) return false;
    reply.authoritative = true;
    reply.zone = zone;
    this.#write(at, type, random, reply);
    return true;
  }

  /** Some of the records in a random order, as `answer.ts` does it. */
  #write(at: number, type: number, random: () => number, reply: Reply): void {
    const octets = this.#octets;
    const count = octets[at + countAt] ?? 0;
    const most = octets[at + mostAt] ?? 0;
    const size = octets[at + dataSizeAt] ?? 0;
    const order = at + nameAt + (octets[at + nameSizeAt] ?? 0);
    const data = order + count;
    for (let written = 0; written < most; written += 1) {
      const other = order + written + Math.floor(random() * (count - written));
      const index = octets[other] ?? 0;
      octets[other] = octets[order + written] ?? 0;
      octets[order + written] = index;
      if (!reply.address(octets, type, at + ttlAt, data + index * size, size)) return;
    }
  }

  /** Keeps the answer to a question where it has room for it. */
  keep({ packet, end, type }: Query, { zone, set, from, until }: Kept): void {
    const { count, wire, at: places } = set;
    if (count > maxCount || this.#zones.length >= maxZones) return;
    const name = Buffer.from(folded(packet.toString("latin1", headerSize, end - afterName)), "latin1");
    const dataSize = (places[1] ?? 0) - recordDataAt;
    const start = this.#place(name, type, nameAt + name.length + count * (1 + dataSize));
    const at = start * unit;
    const octets = this.#octets;
    this.#moments[start] = from;
    this.#moments[start + 1] = until;
    octets[at + typeAt] = type;
    octets[at + nameSizeAt] = name.length;
    octets[at + countAt] = count;
    octets[at + mostAt] = Math.min(count, set.most);
    octets.writeUInt16BE(this.#numberOf(zone), at + zoneAt);
    wire.copy(octets, at + ttlAt, recordTtlAt, recordTtlAt + 4);
    octets[at + dataSizeAt] = dataSize;
    name.copy(octets, at + nameAt);
    const order = at + nameAt + name.length;
    for (let index = 0; index < count; index += 1) {
      octets[order + index] = index;
      const record = places[index] ?? 0;
      wire.copy(octets, order + count + index * dataSize, record + recordDataAt, record + recordDataAt + dataSize);
    }
  }

  /** Lets go of what was answered for a name and type. */
  drop(name: WireName, type: number): void {
    const octets = Buffer.from(name, "latin1");
    const start = this.#find(octets, 0, octets.length, type);
    if (start === 0 || this.#moments[start + 1] === dropped) return;
    this.#moments[start + 1] = dropped;
    this.#wasted += this.#unitsOf(start);
  }

  clear(): void {
    this.#slots.fill(0);
    this.#entries = 0;
    this.#end = 1;
    this.#wasted = 0;
    this.#zones.length = 0;
    this.#numbers.clear();
  }

  #numberOf(zone: Zone): number {
    const known = this.#numbers.get(zone);
    if (known !== undefined) return known;
    this.#numbers.set(zone, this.#zones.length);
    return this.#zones.push(zone) - 1;
  }

  /** Room for an entry: that of the same name and type where it is as long, or new room. */
  #place(name: Buffer, type: number, size: number): number {
    const units = Math.ceil(size / unit);
    this.#makeRoom(units);
    const slot = this.#slotOf(name, 0, name.length, type);
    const before = this.#slots[slot + 1] ?? 0;
    if (before === 0) this.#entries += 1;
    else {
      const known = this.#unitsOf(before);
      if (this.#moments[before + 1] === dropped) this.#wasted -= known;
      if (known === units) return before;
      this.#wasted += known;
    }
    const start = this.#end;
    this.#slots[slot] = hashOf(name, 0, name.length, type);
    this.#slots[slot + 1] = start;
    this.#end += units;
    return start;
  }

  #unitsOf(start: number): number {
    const octets = this.#octets;
    const at = start * unit;
    const records = (octets[at + countAt] ?? 0) * (1 + (octets[at + dataSizeAt] ?? 0));
    return Math.ceil((nameAt + (octets[at + nameSizeAt] ?? 0) + records) / unit);
  }

  /** Twice as much where it is full; where most of it is no longer used, everything is begun anew. */
  #makeRoom(units: number): void {
    if (this.#end + units > this.#moments.length) {
      if (2 * this.#wasted > this.#end) this.clear();
      else this.#grow();
    }
    const before = this.#slots;
    if (4 * (this.#entries + 1) <= before.length) return;
    this.#slots = new Int32Array(2 * before.length);
    for (let slot = 0; slot < before.length; slot += 2) {
      if (before[slot + 1] !== 0) this.#put(before[slot] ?? 0, before[slot + 1] ?? 0);
    }
  }

  #grow(): void {
    const octets = Buffer.alloc(2 * this.#octets.length);
    this.#octets.copy(octets);
    this.#octets = octets;
    this.#moments = new Float64Array(octets.buffer);
  }

  #put(hash: number, start: number): void {
    const slots = this.#slots;
    let slot = (hash << 1) & (slots.length - 1);
    while (slots[slot + 1] !== 0) slot = (slot + 2) & (slots.length - 1);
    slots[slot] = hash;
    slots[slot + 1] = start;
  }

  #find(octets: Buffer, from: number, to: number, type: number): number {
    return this.#slots[this.#slotOf(octets, from, to, type) + 1] ?? 0;
  }

  /** The slot of a name and type, or the free one where it would be. */
  #slotOf(octets: Buffer, from: number, to: number, type: number): number {
    const slots = this.#slots;
    const hash = hashOf(octets, from, to, type);
    let slot = (hash << 1) & (slots.length - 1);
    for (let start = slots[slot + 1] ?? 0; start !== 0; start = slots[slot + 1] ?? 0) {
      if (slots[slot] === hash && this.#isOf(start * unit, octets, from, to, type)) return slot;
      slot = (slot + 2) & (slots.length - 1);
    }
    return slot;
  }

  #isOf(at: number, octets: Buffer, from: number, to: number, type: number): boolean {
    const kept = this.#octets;
    if (kept[at + typeAt] !== type || kept[at + nameSizeAt] !== to - from) return false;
    for (let index = from; index < to; index += 1) {
      if (kept[at + nameAt + index - from] !== lower(octets[index] ?? 0)) return false;
    }
    return true;
  }
}

/** FNV-1a over the folded octets, and the type. */
function hashOf(octets: Buffer, from: number, to: number, type: number): number {
  let hash = 0x811c9dc5 ^ type;
  for (let index = from; index < to; index += 1) hash = Math.imul(hash ^ lower(octets[index] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Octets of lengths are below those of letters (RFC 4343). */
function lower(octet: number): number {
  return octet >= 65 && octet <= 90 ? octet + 32 : octet;
}
