/** DNS cookies (RFC 7873, RFC 9018): proof that a client is at the address that it asks from. */
import { isIPv4 } from "node:net";
import { siphash } from "./siphash.ts";
import { octetsOfIPv4, octetsOfIPv6, uint32 } from "./wire.ts";

export const secretSize = 16;
const clientSize = 8;
const serverSize = 16;
/** RFC 9018 4.3: valid for an hour, and five minutes into the future for clocks that differ. */
const oldest = 3_600;
const furthest = 300;

/** Version 1, and three reserved octets. */
const version = "\x01\0\0\0";

export class Cookies {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** What the reply's COOKIE option holds: the client's cookie and a fresh one of ours. */
  answer(client: string, address: string, now: number): string {
    const stamp = uint32(Math.floor(now / 1000));
    return `${client}${version}${stamp}${this.#hash(client, stamp, address)}`;
  }

  /** Whether a cookie is one that we gave to this client at this address not long ago. */
  isOurs(cookie: string, address: string, now: number): boolean {
    if (cookie.length !== clientSize + serverSize || !cookie.startsWith(version, clientSize)) return false;
    const client = cookie.slice(0, clientSize);
    const stamp = cookie.slice(12, 16);
    const seconds = Buffer.from(stamp, "latin1").readUInt32BE();
    const age = Math.floor(now / 1000) - seconds;
    if (age > oldest || age < -furthest) return false;
    return cookie.slice(16) === this.#hash(client, stamp, address);
  }

  #hash(client: string, stamp: string, address: string): string {
    const octets = isIPv4(address) ? octetsOfIPv4(address) : octetsOfIPv6(address);
    return siphash(this.#secret, `${client}${version}${stamp}${octets}`);
  }
}

/** The client's part of a cookie. */
export function clientCookie(cookie: string): string {
  return cookie.slice(0, clientSize);
}
