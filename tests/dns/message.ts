/** Messages of DNS put together octet by octet, for what no library sends. */
import packet from "dns-packet";
import { decode } from "./ask.ts";

export const name = "web.demo.internal";
export const query = (more: Partial<packet.Packet> = {}) =>
  packet.encode({ type: "query", id: 7, questions: [{ name, type: "A" }], ...more });
/** An OPT record: version, flags, options as [code, octets]. */
export function opt(
  size: number,
  { version = 0, flags = 0, options = [] as readonly (readonly [number, Buffer])[] } = {},
): Buffer {
  const data = Buffer.concat(
    options.map(([code, value]) => Buffer.concat([uint16(code), uint16(value.length), value])),
  );
  return Buffer.concat([
    Buffer.from([0, 0, 41]),
    uint16(size),
    Buffer.from([0, version]),
    uint16(flags),
    uint16(data.length),
    data,
  ]);
}
export function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 255]);
}
/** A query with records after the question. */
export function withRecords(records: readonly Buffer[], base = query()): Buffer {
  const header = Buffer.from(base);
  header.writeUInt16BE(records.length, 10);
  return Buffer.concat([header, ...records]);
}
/** The reply's code with the part of it that EDNS adds, and the flags and options of its OPT. */
export function ednsOf(reply: Buffer) {
  const found = decode(reply).additionals?.find(({ type }) => type === "OPT");
  if (found?.type !== "OPT") return undefined;
  return {
    size: found.udpPayloadSize,
    rcode: (found.extendedRcode << 4) | ((reply[3] ?? 0) & 15),
    version: found.ednsVersion,
    flags: found.flags,
    options: found.options,
  };
}
