/** DNS on the wire: the numbers of types and codes, and names and addresses as strings of octets. */

export const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
} as const;

export const rcodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

export const classIn = 1;

/** "Names are limited to 255 octets, labels to 63" (RFC 1035 2.3.4); the last octet is the root's. */
const maxName = 254;
export const maxLabel = 63;

/** A name on the wire without the root's octet, one character an octet: `\x04demo\x08internal`. */
export type WireName = string;

/** The name of a text; undefined where DNS cannot carry it. */
export function encodeName(text: string): WireName | undefined {
  const labels = (text.endsWith(".") ? text.slice(0, -1) : text).split(".");
  if (text === "." || labels.some((label) => label.length === 0 || label.length > maxLabel)) return undefined;
  return fitting(labels.map((label) => String.fromCharCode(label.length) + label).join(""));
}

/** The name, where it is not too long to be one. */
export function fitting(name: WireName): WireName | undefined {
  return name.length <= maxName ? name : undefined;
}

/** Names are compared without the case of ASCII letters (RFC 4343); octets of lengths are below those of letters. */
export function folded(name: WireName): WireName {
  return name.toLowerCase();
}

/** The name as people write it, with escapes for what is not printable (RFC 4343 2.1). */
export function decodeName(name: WireName): string {
  const labels: string[] = [];
  for (let at = 0; at < name.length; at += name.charCodeAt(at) + 1) {
    labels.push(name.slice(at + 1, at + 1 + name.charCodeAt(at)).replace(/[^!-~]|[.\\"]/g, escaped));
  }
  return `${labels.join(".")}.`;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code > 32 && code < 127 ? `\\${character}` : `\\${String(code).padStart(3, "0")}`;
}

export function uint16(value: number): string {
  return String.fromCharCode((value >>> 8) & 255, value & 255);
}

export function uint32(value: number): string {
  return uint16(value >>> 16) + uint16(value);
}

/** The four octets of an IPv4 address. */
export function octetsOfIPv4(text: string): string {
  return String.fromCharCode(...text.split(".").map(Number));
}

/** The sixteen octets of an IPv6 address in any of its forms (RFC 4291 2.2). */
export function octetsOfIPv6(text: string): string {
  const plain = text.replace(/%.*$/, "").replace(/[\d.]+\.\d+$/, (tail) => {
    const four = octetsOfIPv4(tail);
    const group = (at: number) => ((four.charCodeAt(at) << 8) | four.charCodeAt(at + 1)).toString(16);
    return `${group(0)}:${group(2)}`;
  });
  const [head = "", tail = ""] = plain.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail)];
  const zeros: number[] = new Array(Math.max(0, 8 - before.length - after.length)).fill(0);
  return [...before, ...zeros, ...after].map(uint16).join("");
}
