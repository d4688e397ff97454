/**
 * SigV4 signatures: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 * Ours and not the library's, which is its oracle in the tests: this is on the path of every request (see bench/), and
 * there a signature by the library costs 22 to 31 µs, one HMAC by `createHmac` 19 µs, the whole check 6 µs.
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { Request } from "../http/request.ts";
import { canonicalQuery, escapeUri } from "./query.ts";
import type { Signed } from "./signed.ts";

/** A key of HMAC, prepared: RFC 2104's `K XOR ipad` and `K XOR opad`. */
export interface SigningKey {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

const blockSize = 64;
const digestSize = 32;
/** Room for what HMAC hashes; signed texts are shorter, session tokens and the like are not part of them. */
const innerText = Buffer.alloc(blockSize + 512);
const outerText = Buffer.alloc(blockSize + digestSize);

function prepare(key: Uint8Array): SigningKey {
  const block = Buffer.alloc(blockSize);
  block.set(key.length > blockSize ? hash("sha256", key, "buffer") : key);
  return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) };
}

/** HMAC-SHA256 of a text of ASCII. */
function hmac({ inner, outer }: SigningKey, text: string): Buffer {
  innerText.set(inner);
  const length = innerText.write(text, blockSize, "latin1");
  outerText.set(outer);
  outerText.set(hash("sha256", innerText.subarray(0, blockSize + length), "buffer"), blockSize);
  return hash("sha256", outerText, "buffer");
}

/** The key that signs what a secret signs on one day, for one region and service. */
export function signingKey(secret: string, { date, region, service }: Pick<Signed, "date" | "region" | "service">) {
  const start = prepare(Buffer.from(`AWS4${secret}`, "utf8"));
  return [date, region, service, "aws4_request"].reduce((key, part) => prepare(hmac(key, part)), start);
}

/** The signature that a request must have, in hexadecimal; `payload` is the hash of its body. */
export function signatureOf(request: Request, payload: string, signed: Signed, key: SigningKey): string {
  const canonical = hash("sha256", canonicalRequest(request, payload, signed), "hex");
  const { date, region, service, time } = signed;
  return hmac(key, `AWS4-HMAC-SHA256\n${time}\n${date}/${region}/${service}/aws4_request\n${canonical}`).toString(
    "hex",
  );
}

function canonicalRequest(request: Request, payload: string, { headers, names, path, query }: Signed): string {
  let text = `${request.method}\n${canonicalPath(path)}\n${query.length === 0 ? "" : canonicalQuery(query)}\n`;
  for (const name of names)
    text += `${name}:${trimmed(Object.hasOwn(request.headers, name) ? (request.headers[name] ?? "") : "")}\n`;
  return `${text}\n${headers}\n${payload}`;
}

/** "Trim: remove any leading or trailing spaces, convert sequential spaces to a single space." */
function trimmed(value: string): string {
  return /\s\s|[^\S ]|^\s|\s$/.test(value) ? value.trim().replaceAll(/\s+/g, " ") : value;
}

/** Normalized, and encoded once more than it was sent: "each path segment must be URI-encoded twice except for S3". */
function canonicalPath(path: string): string {
  if (path === "/") return path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(escapeUri(segment));
  }
  return `/${segments.join("/")}${segments.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

/** Whether two texts are the same, in a time that says nothing about where they differ. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, "utf8"), Buffer.from(other, "utf8")];
  return a.length === b.length && timingSafeEqual(a, b);
}
