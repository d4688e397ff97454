/** EDNS (RFC 6891): the OPT record of a reply, with cookie, keepalive and extended error. */
import type { Query } from "./query.ts";
import { types } from "./wire.ts";

/** Why an answer is what it is (RFC 8914). */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

export const staleAnswer = (text: string): ExtendedError => ({ code: 3, text });
export const notReady = (text: string): ExtendedError => ({ code: 14, text });
export const prohibited = (text: string): ExtendedError => ({ code: 18, text });
export const notAuthoritative = (text: string): ExtendedError => ({ code: 20, text });
export const noReachableAuthority = (text: string): ExtendedError => ({ code: 22, text });

/** What a reply's OPT says beside the standard things. */
export interface Extras {
  /** The octets of client and server cookie; empty without one. */
  cookie: string;
  error: ExtendedError | undefined;
  /** On TCP: how long the client may stay idle, in tenths of a second; 0 says nothing. */
  keepalive: number;
}

/** The most that we take over UDP. */
const ourSize = 1232;
const fixedSize = 11;
const optionHead = 4;
const [keepaliveOption, cookieOption, errorOption] = [11, 10, 15];

/** An extended error may be set after the reply was begun: its room is kept from the start. */
const errorRoom = 64;

export function optSize({ hasEdns, cookieAt }: Query, { keepalive }: Extras): number {
  if (!hasEdns) return 0;
  return fixedSize + errorRoom + (cookieAt > 0 ? optionHead + 24 : 0) + (keepalive > 0 ? optionHead + 2 : 0);
}

export function writeOpt(out: Buffer, start: number, query: Query, rcode: number, extras: Extras): number {
  let at = start;
  out[at++] = 0;
  at = out.writeUInt16BE(types.OPT, at);
  at = out.writeUInt16BE(ourSize, at);
  out[at++] = rcode >>> 4;
  out[at++] = 0; // version
  out[at++] = query.dnssecOk ? 0x80 : 0; // "The DO bit of the query MUST be copied in the response" (RFC 3225 3)
  out[at++] = 0;
  const size = at;
  at += 2;
  const { cookie, keepalive, error } = extras;
  if (cookie !== "") at = writeOption(out, at, cookieOption, cookie);
  if (keepalive > 0) at = writeOption(out, at, keepaliveOption, String.fromCharCode(keepalive >>> 8, keepalive & 255));
  if (error !== undefined) {
    const text = error.text.slice(0, errorRoom - optionHead - 2);
    at = writeOption(out, at, errorOption, String.fromCharCode(error.code >>> 8, error.code & 255) + text);
  }
  out.writeUInt16BE(at - size - 2, size);
  return at;
}

function writeOption(out: Buffer, start: number, code: number, value: string): number {
  const at = out.writeUInt16BE(value.length, out.writeUInt16BE(code, start));
  return at + out.write(value, at, "latin1");
}
