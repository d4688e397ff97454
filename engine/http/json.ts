/** AWS JSON 1.1: `POST /`, the operation in `X-Amz-Target`, bodies in JSON. */
import { isUtf8 } from "node:buffer";
import { CloudMapError } from "../../api/errors.ts";
import { type Output, targetPrefix } from "../../api/operations.ts";
import { maxDepth, maxValues, tooDeep, tooMany, unreadable } from "./body.ts";
import { keepEncoded } from "./encoded.ts";
import type { Protocol } from "./protocol.ts";

export const json: Protocol = {
  type: "application/x-amz-json-1.1",
  headers: {},
  operationOf: ({ headers }) => operationOf(headers["x-amz-target"] ?? ""),
  decode,
  encode,
  encodeError: (error) => JSON.stringify(errorBody(error)),
};

function operationOf(target: string): string {
  if (target.startsWith(`${targetPrefix}.`)) return target.slice(targetPrefix.length + 1);
  throw new CloudMapError(
    "UnknownOperationException",
    `X-Amz-Target must be ${targetPrefix}.OPERATION, and is ${target || "missing"}.`,
  );
}

function decode(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw unreadable("The body is not JSON: it is not UTF-8."); // RFC 8259 §8.1
  const text = body.toString("utf8");
  guardSize(text);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw unreadable(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw unreadable("The body is not a JSON object.");
}

/** Counts, in whatever is between strings, what makes a JSON text deep or long, before anything is built of it. */
function guardSize(text: string): void {
  let [values, depth, inString] = [1, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > maxDepth) throw tooDeep();
    } else if (character === 0x7d || character === 0x5d) depth -= 1;
    else if ((character === 0x2c || character === 0x3a) && ++values > maxValues) throw tooMany();
  }
}

function encode(operation: string, output: unknown): string {
  if (output === undefined) return "";
  if (operation === "DiscoverInstances") return encodeDiscovered(output as Output<"DiscoverInstances">); // by its name
  return JSON.stringify(output);
}

const encodeInstance = keepEncoded((instance) => JSON.stringify(instance));

function encodeDiscovered({ Instances = [], InstancesRevision }: Output<"DiscoverInstances">): string {
  return `{"Instances":[${Instances.map(encodeInstance).join()}],"InstancesRevision":${InstancesRevision}}`;
}

/** An error as AWS's JSON protocols write it. */
export function errorBody({ code, message, details }: CloudMapError): object {
  return { __type: code, Message: message, ...details };
}
