/** Smithy RPC v2 CBOR: `POST /service/SERVICE/operation/OPERATION`, bodies in CBOR (RFC 8949), times tagged as such. */
import { decode as decodeCbor, encode as encodeCbor, Tagged } from "cborg";
import { CloudMapError } from "../../api/errors.ts";
import { GetOperation } from "../../api/operation.ts";
import { type Output, operations, shapeNamespace, targetPrefix } from "../../api/operations.ts";
import type { Schema } from "../../api/schema.ts";
import { unreadable } from "./body.ts";
import { BoundedTokenizer } from "./cbor-tokens.ts";
import { keepEncoded } from "./encoded.ts";
import type { Protocol } from "./protocol.ts";
import type { Headers, Request } from "./request.ts";

/** The header by which a request says its protocol; a web page cannot send it unasked. */
const mark = "smithy-protocol";
const markValue = "rpc-v2-cbor";

export const cbor: Protocol = {
  type: "application/cbor",
  headers: { [mark]: markValue },
  operationOf,
  decode,
  encode,
  encodeError,
};

/** Where the operations are; presigned requests have a query. */
const path = /^\/service\/([^/?]*)\/operation\/([^/?]*)(?:\?|$)/;

export function isCborPath(target: string): boolean {
  return path.test(target);
}

function operationOf({ target, headers }: Request): string {
  guardMark(headers);
  const [, service, operation] = path.exec(target) ?? [];
  if (service === targetPrefix && operation !== undefined) return operation;
  throw new CloudMapError("UnknownOperationException", `There is no service ${service} here, but ${targetPrefix}.`);
}

function guardMark({ [mark]: value = "missing", "x-amz-target": target }: Headers): void {
  if (value !== markValue) {
    throw new CloudMapError("UnsupportedMediaType", `The header ${mark} must be ${markValue}, and is ${value}.`);
  }
  // "Requests for the rpcv2Cbor protocol MUST NOT contain an X-Amz-Target or X-Amzn-Target header."
  if (target !== undefined) {
    throw new CloudMapError(
      "UnknownOperationException",
      `The path names the operation, and X-Amz-Target (${target}) too.`,
    );
  }
}

const decodeOptions = { rejectDuplicateMapKeys: true, coerceUndefinedToNull: true };

function decode(body: Buffer): unknown {
  if (body.length === 0) return {};
  const value = decodeWhole(body);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw unreadable("The body is not a CBOR map.");
}

function decodeWhole(body: Buffer): unknown {
  try {
    return decodeCbor(body, { ...decodeOptions, tokenizer: new BoundedTokenizer(body) });
  } catch (error) {
    if (error instanceof CloudMapError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadable(`The body is not CBOR: ${reason.replace("CBOR decode error: ", "").slice(0, 200)}.`);
  }
}

/** Members in the order of the output, those that are undefined left out, numbers whole or in 64 bits. */
const encodeOptions = { mapSorter: () => 0, ignoreUndefinedProperties: true, float64: true };

function write(value: unknown): Uint8Array {
  return encodeCbor(value, encodeOptions);
}

function encode(operation: string, output: unknown): Uint8Array {
  if (output === undefined) return new Uint8Array(0);
  if (operation === "DiscoverInstances") return encodeDiscovered(output as Output<"DiscoverInstances">); // by its name
  return write(tagTimes.get(operation)?.(output) ?? output);
}

const encodeInstance = keepEncoded(write);
const instancesKey = write("Instances");
const revisionKey = write("InstancesRevision");
const mapOfTwo = Uint8Array.of(0xa2);

function encodeDiscovered({ Instances = [], InstancesRevision }: Output<"DiscoverInstances">): Uint8Array {
  const instances = Instances.map(encodeInstance);
  const head = [mapOfTwo, instancesKey, arrayHead(instances.length)];
  return Buffer.concat([...head, ...instances, revisionKey, write(InstancesRevision)]);
}

/** RFC 8949 §3: major type 4, and the length in the initial byte or in two bytes after it. */
function arrayHead(length: number): Uint8Array {
  return length < 24 ? Uint8Array.of(0x80 | length) : Uint8Array.of(0x99, length >> 8, length & 0xff);
}

/** "__type" is the absolute id of the error's shape, by which the SDKs find its class. */
function encodeError({ code, message, details }: CloudMapError): Uint8Array {
  return write({ __type: `${shapeNamespace}#${code}`, Message: message, ...details });
}

const none = { type: "object", properties: {} } as const;

type Mapping = (value: unknown) => unknown;
type Members = Readonly<Record<string, unknown>>;

/** Of each operation whose output has times: what tags them. What begins a change may tell its operation as well. */
const tagTimes = new Map(
  Object.entries(operations).map(([name, { kind, output }]) => {
    return [name, timesIn(kind === "operation" ? GetOperation.output : (output ?? none))] as const;
  }),
);

/** What tags the times of a value as its schema says; undefined where it has none. */
function timesIn(schema: Schema): Mapping | undefined {
  if (schema.type === "number") return (seconds) => new Tagged(1, seconds);
  if ("items" in schema) {
    const each = timesIn(schema.items);
    return each && ((list) => (list as unknown[]).map(each)); // an output is as its schema says
  }
  if (!("properties" in schema)) return undefined; // the API's maps are of text
  const members = Object.entries(schema.properties).flatMap(([name, member]) => {
    const times = timesIn(member);
    return times === undefined ? [] : [[name, times] as const];
  });
  return members.length === 0 ? undefined : (structure) => withMembers(structure as Members, members);
}

function withMembers(structure: Members, members: readonly (readonly [string, Mapping])[]): Members {
  const copy: Record<string, unknown> = { ...structure };
  for (const [name, times] of members) if (copy[name] !== undefined) copy[name] = times(copy[name]);
  return copy;
}
