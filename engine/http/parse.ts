/**
 * The requests that are read straight off the socket: whole in one piece, and so plain that there is one way to read
 * them. Whatever else comes is left to Node's parser: this one never has to decide what odd bytes mean.
 */
import { maxHeaderSize } from "node:http";
import type { Headers } from "./request.ts";

export interface Parsed {
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

const end = Buffer.from("\r\n\r\n");
/** RFC 9110 §5.6.2, without the characters that no client uses. */
const name = /^[A-Za-z0-9-]+$/;
/** Visible ASCII, and spaces within; RFC 9110 §5.5 allows more. */
const value = /^[!-~](?:[ -~]*[!-~])?$/;
/** Headers that change how a request is framed or answered. */
const special = new Set(["transfer-encoding", "expect", "upgrade", "trailer", "te", "proxy-connection"]);

/** Reads `POST TARGET HTTP/1.1` with headers that come once each, and a body of the length that they say. */
export function parse(chunk: Buffer): Parsed | undefined {
  const headEnd = chunk.indexOf(end);
  if (headEnd < 0 || headEnd > maxHeaderSize) return undefined;
  const lines = chunk.toString("latin1", 0, headEnd).split("\r\n");
  const target = /^POST (\/[!-~]*) HTTP\/1\.1$/.exec(lines[0] ?? "")?.[1];
  const headers = target === undefined ? undefined : parseHeaders(lines);
  if (target === undefined || headers === undefined) return undefined;
  const body = chunk.subarray(headEnd + end.length);
  return isFramed(headers, body.length) ? { target, headers, body } : undefined;
}

function parseHeaders(lines: readonly string[]): Headers | undefined {
  const headers: { [name: string]: string } = { __proto__: null } as never; // any name is only a name
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    const key = line.slice(0, Math.max(0, colon)).toLowerCase();
    const text = line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    if (!name.test(key) || !value.test(text) || key in headers || special.has(key)) return undefined;
    headers[key] = text;
  }
  return headers;
}

/** RFC 9112 §6: the one framing that is read here, and a connection that stays. */
function isFramed({ host, connection, "content-length": length }: Headers, size: number): boolean {
  const stays = connection === undefined || connection.toLowerCase() === "keep-alive";
  return stays && host !== undefined && length === String(size);
}
