/** Requests and answers in both protocols, and values of the API's shapes. */
import { type EncodeOptions, encode } from "cborg";
import fc from "fast-check";
import { targetPrefix } from "../../../api/operations.ts";
import type { Schema } from "../../../api/schema.ts";
import { cbor } from "../../../engine/http/cbor.ts";

export interface Replied {
  readonly status: number;
  readonly headers: Headers;
  /** undefined where the body is empty. */
  readonly value: unknown;
}

/** Sends a body in CBOR as it is. */
export async function sendCbor(
  to: { readonly url: string },
  operation: string,
  body: Uint8Array,
  headers = {},
): Promise<Replied> {
  const answer = await fetch(`${to.url}/service/${targetPrefix}/operation/${operation}`, {
    method: "POST",
    headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", ...headers },
    body: Buffer.from(body),
  });
  return { status: answer.status, headers: answer.headers, value: readCbor(await answer.bytes()) };
}

export function callCbor(to: { readonly url: string }, operation: string, input: unknown): Promise<Replied> {
  return sendCbor(to, operation, writeCbor(input));
}

export function writeCbor(value: unknown, options: EncodeOptions = {}): Uint8Array {
  return encode(value, { ignoreUndefinedProperties: true, ...options });
}

/** Times as the seconds that are in their tag. By the engine's own decoder: the others lose a byte-order mark, or `__proto__`. */
export function readCbor(body: Uint8Array): unknown {
  return body.length === 0 ? undefined : cbor.decode(Buffer.from(body));
}

const text = fc.string({ unit: "binary", maxLength: 40 });
const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "\ufeff", "\ufeffé"), text);

/** Values of a shape, whatever its limits are. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.type === "string") return schema.enum === undefined ? text : fc.constantFrom(...schema.enum);
  if (schema.type === "integer") return fc.maxSafeInteger();
  if (schema.type === "number") return fc.nat(4_000_000_000_000).map((milliseconds) => milliseconds / 1000);
  if ("items" in schema) return fc.array(valuesOf(schema.items), { maxLength: 30, size: "max" });
  if ("propertyNames" in schema) return fc.dictionary(key, valuesOf(schema.additionalProperties), { maxKeys: 30 });
  const members = Object.entries(schema.properties).map(([name, member]) => [name, valuesOf(member)]);
  return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}
