// Property values as they are on Pulumi's wire: plain for the kinds, and with their secrets again for the engine.
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { isRecord, type Props } from "../casing.ts";
import { unknown } from "../unknown.ts";
import { structs } from "./stubs.ts";

/** The key by which special objects are known, and what they are: sdk/go/common/resource/properties.go. */
const sign = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";
const output = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const reference = "5cf8f73096256a8f31e491e813e4eb8e";

/** Values that are not known yet: one text for each type, of sdk/go/common/resource/plugin/rpc.go. */
const unknowns: ReadonlySet<unknown> = new Set([
  unknown,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** What came, markers and all. */
export function received(struct: Struct | undefined): Props {
  return struct?.toJavaScript() ?? {};
}

export function sent(props: Props): Struct {
  return structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(props))); // without members that are undefined
}

/** The values themselves: secrets in clear, outputs and resources as what they stand for, null for absent. */
export function plain(props: Props): Props {
  return plainOf(props) as Props; // no marker: a map stays a map
}

function plainOf(value: unknown): unknown {
  if (unknowns.has(value)) return unknown;
  if (Array.isArray(value)) return value.map(plainOf);
  if (!isRecord(value)) return value;
  if (value[sign] === secret) return plainOf(value.value);
  if (value[sign] === output) return "value" in value ? plainOf(value.value) : unknown;
  if (value[sign] === reference) return typeof value.id === "string" && value.id !== "" ? plainOf(value.id) : unknown;
  const members = Object.entries(value).map(([key, member]) => [key, plainOf(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== null));
}

/** Values with the secrets of those that they come from: what was secret at a place is so again. */
export function concealed(props: Props, like: Props): Props {
  return concealedOf(props, like) as Props; // property maps themselves are no secrets
}

function concealedOf(value: unknown, like: unknown): unknown {
  if (value === undefined) return undefined;
  if (isRecord(like) && like[sign] === output) {
    const inner = concealedOf(value, like.value);
    return like.secret === true ? hidden(inner) : inner;
  }
  if (isRecord(like) && like[sign] === secret) return hidden(value);
  if (Array.isArray(value) && Array.isArray(like)) {
    if (value.length !== like.length) return hasSecret(like) ? hidden(value) : value;
    return value.map((item, index) => concealedOf(item, like[index]));
  }
  if (!isRecord(value) || !isRecord(like)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, concealedOf(member, like[key])]));
}

function hidden(value: unknown): Props {
  return { [sign]: secret, value };
}

/** Like a value that is secret, whatever it is. */
export const anySecret: Props = hidden(undefined);

export function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const marked = value as { readonly [sign]?: unknown; readonly secret?: unknown };
  if (marked[sign] === secret || (marked[sign] === output && marked.secret === true)) return true;
  return Object.values(value).some(hasSecret);
}
