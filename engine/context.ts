/** What a handler is given beside the registry: who the registry is, what time it is, and how ids are made. */
import { createHash, randomFillSync } from "node:crypto";
import type { SharePermission } from "./auth/shares.ts";
import type { Ec2Addresses } from "./ec2.ts";
import type { Quotas } from "./quotas.ts";

export interface Context {
  /** The account of who asks. */
  readonly account: string;
  /** The registry's own account: that of everything that names no other. */
  readonly home: string;
  /** What who asks may do in a namespace of another account; undefined: it is not shared with them. */
  readonly shared: (namespaceId: string) => SharePermission | undefined;
  /** Whether a namespace is shared with any account. */
  readonly isShared: (namespaceId: string) => boolean;
  /** Whether anything is shared with anyone. */
  readonly hasShares: boolean;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds until an UNHEALTHY that was reported takes effect. */
  readonly healthWindow: number;
  /** Milliseconds from the start of an operation to its end. */
  readonly operationDelay: number;
  /** What the operator says of EC2's instances; without it none is known. */
  readonly ec2?: Ec2Addresses;
  readonly quotas: Quotas;
  /** The names of the servers that answer for public DNS namespaces, as the operator gives them. */
  readonly nameServers?: readonly string[];
}

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

const idSize = 16;
/** Random bytes are drawn for many ids at once: by themselves they would be a tenth of what a registration costs. */
const drawn = Buffer.alloc(256 * idSize);
let unused = 0;

function randomId(): Buffer {
  if (unused === 0) unused = randomFillSync(drawn).length;
  unused -= idSize;
  return drawn.subarray(unused, unused + idSize);
}

/** Sixteen characters of the alphabet that AWS's ids have: random, or always the same for the same text. */
export function idCharacters(text?: string): string {
  const bytes = text === undefined ? randomId() : createHash("sha256").update(text).digest();
  let id = "";
  for (let index = 0; index < idSize; index += 1) id += alphabet[(bytes[index] ?? 0) % 32];
  return id;
}

/** An operation's id, of the form of AWS's: 32 random characters, and the time. */
export function operationId(now: number): string {
  return `${idCharacters()}${idCharacters()}-${now.toString(36).padStart(8, "0")}`;
}

/** A short digest of an input, to tell whether a request token comes with the same input again. */
export function digestOf(input: unknown): string {
  return createHash("sha256").update(canonical(input)).digest("base64url").slice(0, 16);
}

/** The same text for the same value, whatever the order of its members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}

export function arnOf(
  { region, account }: Pick<Context, "region" | "account">,
  kind: "namespace" | "service",
  id: string,
): string {
  return `arn:aws:servicediscovery:${region}:${account}:${kind}/${id}`;
}

/** A time as the API writes it: seconds, with milliseconds as a fraction. */
export function timestamp(milliseconds: number): number {
  return milliseconds / 1000;
}
