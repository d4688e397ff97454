/** Writes a reply into a buffer: header, question, records and OPT, and never more than the client takes. */
import { type Extras, optSize, writeOpt } from "./edns.ts";
import type { Query } from "./query.ts";
import type { RecordSet } from "./record-set.ts";
import { classIn, rcodes } from "./wire.ts";
import type { Zone } from "./zone.ts";

/** The most that we send over UDP, so that no packet is cut into fragments (RFC 9715 3.1). */
const maxUdp = 1232;
const maxTcp = 65_535;
/** A pointer to the question's name. */
export const questionName = 0xc00c;
const chunk = 256 * 1024;

export type Transport = "udp" | "tcp";

/** One reply at a time; those written before stay in the buffer until they are sent. */
export class Reply {
  out: Buffer = Buffer.allocUnsafeSlow(chunk);
  start = 0;
  at = 0;
  rcode: number = rcodes.NOERROR;
  authoritative = false;
  truncated = false;
  /** The zone that answered, for the counters. */
  zone: Zone | undefined;
  #limit = 0;
  #counts: [answers: number, authorities: number, more: number] = [0, 0, 0];

  /** Begins after what was written last, which may still be on its way to the socket. */
  begin(query: Query, transport: Transport, extras: Extras): void {
    const most = transport === "tcp" ? maxTcp : Math.min(query.size, maxUdp);
    if (this.out.length - this.at < most + 2) this.#renew();
    this.start = this.at;
    this.#limit = this.start + most - optSize(query, extras);
    this.rcode = rcodes.NOERROR;
    this.authoritative = false;
    this.truncated = false;
    this.zone = undefined;
    this.#counts[0] = 0;
    this.#counts[1] = 0;
    this.#counts[2] = 0;
    const { packet, end } = query;
    const { out, start } = this;
    for (let index = 0; index < end; index += 1) out[start + index] = packet[index] as number; // within the packet
    this.at = start + end;
  }

  #renew(): void {
    this.out = Buffer.allocUnsafeSlow(chunk);
    this.at = 0;
  }

  /** Whether anything was answered. */
  get hasAnswers(): boolean {
    return this.#counts[0] > 0;
  }

  /** Adds a record of a set under an owner's name; answers false, and says that it was cut, where there is no room. */
  answer({ wire, at }: RecordSet, index: number, owner: number): boolean {
    const from = at[index] ?? 0;
    const to = at[index + 1] ?? 0;
    if (this.at + to - from > this.#limit) {
      this.truncated = true;
      return false;
    }
    const { out } = this;
    let place = this.at;
    for (let source = from; source < to; source += 1) out[place++] = wire[source] as number; // within the set
    out[this.at] = owner >>> 8;
    out[this.at + 1] = owner & 255;
    this.at = place;
    this.#counts[0] += 1;
    return true;
  }

  /** Adds the question's name's record of a type with short data, from octets that hold the TTL and the data; else as `answer`. */
  address(octets: Buffer, type: number, ttlAt: number, dataAt: number, size: number): boolean {
    const { out, at } = this;
    const data = at + 12;
    if (data + size > this.#limit) {
      this.truncated = true;
      return false;
    }
    out[at] = questionName >>> 8;
    out[at + 1] = questionName & 255;
    out[at + 2] = 0;
    out[at + 3] = type;
    out[at + 4] = 0;
    out[at + 5] = classIn;
    for (let index = 0; index < 4; index += 1) out[at + 6 + index] = octets[ttlAt + index] as number; // within the entry
    out[at + 10] = 0;
    out[at + 11] = size;
    for (let index = 0; index < size; index += 1) out[data + index] = octets[dataAt + index] as number; // within it too
    this.at = data + size;
    this.#counts[0] += 1;
    return true;
  }

  /** Adds a record under an owner's name; answers where its data begins, or -1 where there is no room. */
  record(section: "answer" | "authority", owner: number, record: string): number {
    if (this.at + record.length > this.#limit) {
      this.truncated = true;
      return -1;
    }
    const place = this.at;
    this.#write(record);
    this.out[place] = owner >>> 8;
    this.out[place + 1] = owner & 255;
    this.#counts[section === "answer" ? 0 : 1] += 1;
    return place + 12 - this.start;
  }

  /** Adds a record with its own owner's name; what does not fit is left out (RFC 2181 9). */
  authority(record: string): void {
    if (this.at + record.length > this.#limit) return;
    this.#write(record);
    this.#counts[1] += 1;
  }

  /** Adds what goes with a record of a set; a client that misses it asks (RFC 2181 9: it is no reason for TC). */
  more({ more, moreAt, moreCount }: RecordSet, index: number): void {
    const from = moreAt[index] ?? 0;
    const to = moreAt[index + 1] ?? 0;
    if (this.at + to - from > this.#limit) return;
    this.at += more.copy(this.out, this.at, from, to);
    this.#counts[2] += moreCount[index] ?? 0;
  }

  additional(record: string): void {
    if (this.at + record.length > this.#limit) return;
    this.#write(record);
    this.#counts[2] += 1;
  }

  #write(octets: string): void {
    this.at += this.out.write(octets, this.at, "latin1");
  }

  /** Takes back everything but the question. */
  clear({ end }: Query): void {
    this.at = this.start + end;
    this.#counts[0] = 0;
    this.#counts[1] = 0;
    this.#counts[2] = 0;
    this.authoritative = false;
    this.truncated = false;
  }

  /** Completes it. */
  end(query: Query, extras: Extras): void {
    const { out, start, rcode } = this;
    if (query.hasEdns) {
      this.#counts[2] += 1;
      this.at = writeOpt(out, this.at, query, rcode, extras);
    }
    const copied = ((out[start + 2] ?? 0) & 0x79) | 0x80; // opcode and RD are the query's
    out[start + 2] = copied | (this.authoritative ? 4 : 0) | (this.truncated ? 2 : 0);
    out[start + 3] = rcode & 15;
    out[start + 4] = 0;
    out[start + 5] = query.hasQuestion ? 1 : 0;
    for (let section = 0; section < 3; section += 1) {
      const count = this.#counts[section] ?? 0;
      out[start + 6 + 2 * section] = count >>> 8;
      out[start + 7 + 2 * section] = count & 255;
    }
  }
}
