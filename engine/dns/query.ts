/** Reads a query off the wire: into one object that is used again for the next, because there is no time for garbage. */
import { folded, rcodes, types, type WireName } from "./wire.ts";

/** What `readQuery` answers where nothing may be sent back. */
export const silence = -1;

export interface Query {
  packet: Buffer;
  opcode: number;
  /** Where the question ends; that of a header alone where there is none. */
  end: number;
  /** The name asked for, folded; its case stays in the packet. It is read only where it is wanted. */
  readonly name: WireName;
  /** The same, where it was read. */
  known: WireName | undefined;
  type: number;
  class: number;
  hasQuestion: boolean;
  hasEdns: boolean;
  /** The octets that the client takes over UDP. */
  size: number;
  dnssecOk: boolean;
  /** Where the COOKIE option's value lies; 0 where there is none. */
  cookieAt: number;
  cookieSize: number;
  /** Whether a client on TCP asks how long it may stay (RFC 7828). */
  keepalive: boolean;
}

/** A question's name begins after the header; after it come the root, the type and the class. */
export const headerSize = 12;
export const afterName = 5;
const cookieOption = 10;
const keepaliveOption = 11;

export function emptyQuery(): Query {
  return {
    packet: Buffer.alloc(0),
    opcode: 0,
    end: headerSize,
    get name() {
      this.known ??= this.hasQuestion ? folded(this.packet.toString("latin1", headerSize, this.end - afterName)) : "";
      return this.known;
    },
    known: undefined,
    type: 0,
    class: 0,
    hasQuestion: false,
    hasEdns: false,
    size: 512,
    dnssecOk: false,
    cookieAt: 0,
    cookieSize: 0,
    keepalive: false,
  };
}

/** Reads a packet; answers NOERROR, the code of the error that it is, or `silence`. */
export function readQuery(packet: Buffer, query: Query): number {
  query.packet = packet;
  query.end = headerSize;
  query.known = undefined;
  query.type = 0;
  query.class = 0;
  query.hasQuestion = false;
  query.hasEdns = false;
  query.size = 512;
  query.dnssecOk = false;
  query.cookieAt = 0;
  query.cookieSize = 0;
  query.keepalive = false;
  if (packet.length < headerSize) return silence;
  const flags = octet(packet, 2);
  if (flags >= 0x80) return silence; // a response: two servers would answer each other for ever
  query.opcode = (flags >> 3) & 15;
  if (query.opcode !== 0) return rcodes.NOTIMP;
  const questions = uint16At(packet, 4);
  if (questions > 1) return rcodes.FORMERR; // RFC 9619: QDCOUNT is 0 or 1
  if (questions === 1 && !readQuestion(packet, query)) return rcodes.FORMERR;
  const records = readRecords(packet, query);
  if (records !== rcodes.NOERROR || questions === 1) return records;
  return query.cookieAt > 0 ? rcodes.NOERROR : rcodes.FORMERR; // RFC 7873 5.4: a cookie may come without a question
}

function readQuestion(packet: Buffer, query: Query): boolean {
  let at = headerSize;
  for (let length = octet(packet, at); length !== 0; length = octet(packet, at)) {
    if (length > 63) return false; // a pointer can lead nowhere before the first name
    at += length + 1;
    if (at - headerSize > 254 || at + 5 > packet.length) return false;
  }
  if (at + 5 > packet.length) return false;
  query.type = uint16At(packet, at + 1);
  query.class = uint16At(packet, at + 3);
  query.end = at + afterName;
  query.hasQuestion = true;
  return query.type !== types.OPT;
}

/** Goes over the records that follow: only OPT among the additional ones says anything to us. */
function readRecords(packet: Buffer, query: Query): number {
  const before = uint16At(packet, 6) + uint16At(packet, 8);
  const all = before + uint16At(packet, 10);
  let at = query.end;
  for (let index = 0; index < all; index += 1) {
    const owner = at;
    at = skipName(packet, at);
    if (at < 0 || at + 10 > packet.length) return rcodes.FORMERR;
    const end = at + 10 + uint16At(packet, at + 8);
    if (end > packet.length) return rcodes.FORMERR;
    if (uint16At(packet, at) === types.OPT && index >= before) {
      // "If a query message with more than one OPT RR is received, a FORMERR MUST be returned" (RFC 6891 6.1.1).
      if (query.hasEdns || octet(packet, owner) !== 0) return rcodes.FORMERR;
      query.hasEdns = true;
      if (!readOpt(packet, at, end, query)) return rcodes.FORMERR;
      if (octet(packet, at + 5) !== 0) return rcodes.BADVERS;
    }
    at = end;
  }
  return at === packet.length ? rcodes.NOERROR : rcodes.FORMERR;
}

/** "Values lower than 512 MUST be treated as equal to 512" (RFC 6891 6.2.3). */
function readOpt(packet: Buffer, at: number, end: number, query: Query): boolean {
  query.size = Math.max(512, uint16At(packet, at + 2));
  query.dnssecOk = octet(packet, at + 6) >= 0x80;
  let option = at + 10;
  while (option < end) {
    if (option + 4 > end) return false;
    const code = uint16At(packet, option);
    const size = uint16At(packet, option + 2);
    option += 4;
    if (option + size > end) return false;
    if (code === cookieOption) {
      if (size !== 8 && (size < 16 || size > 40)) return false; // RFC 7873 5.2.2
      query.cookieAt = option;
      query.cookieSize = size;
    }
    if (code === keepaliveOption) query.keepalive = true;
    option += size;
  }
  return true;
}

/** Where the name ends; -1 where it does not. A pointer ends it, wherever it leads. */
function skipName(packet: Buffer, start: number): number {
  let at = start;
  while (at < packet.length) {
    const length = octet(packet, at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return -1;
    at += length + 1;
  }
  return -1;
}

function octet(packet: Buffer, at: number): number {
  return packet[at] ?? 0;
}

function uint16At(packet: Buffer, at: number): number {
  return (octet(packet, at) << 8) | octet(packet, at + 1);
}
