// A stack's state as the checkpoint file holds it: Pulumi's version 3 deployment.

import { createHash } from "node:crypto";
import { Failure, notSupported } from "../failure.ts";
import {
  isArray,
  isDictionary,
  isSecret,
  mapProperties,
  type Properties,
  secret,
  signatureKey,
  signatures,
  type Value,
} from "../value/value.ts";
import { version } from "../version.ts";
import type { PendingOperation, Resource } from "./resource.ts";
import type { SecretCache } from "./secret-cache.ts";

export interface Deployment {
  readonly resources: Resource[];
  readonly pending: readonly PendingOperation[];
  readonly metadata: unknown;
}

export interface RawDeployment {
  readonly manifest?: unknown;
  readonly secrets_providers?: { readonly type?: string; readonly state?: { readonly salt?: string } };
  readonly resources?: readonly RawResource[];
  readonly pending_operations?: readonly { readonly resource: RawResource; readonly type: PendingOperation["type"] }[];
  readonly metadata?: unknown;
}

export type RawResource = Resource;

export interface Checkpoint {
  readonly version: number;
  readonly features?: readonly string[];
  readonly checkpoint: { readonly stack: string; readonly latest?: RawDeployment };
}

// The order in which the CLI writes them (sdk/go/common/apitype/core.go, ResourceV3).
const keys = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
] as const satisfies readonly (keyof Resource)[];
const known: ReadonlySet<string> = new Set(keys);

/** Parses a checkpoint and refuses what this runner would lose or misread. */
export function parseCheckpoint(text: string, where: string): Checkpoint {
  const checkpoint: Checkpoint = JSON.parse(text);
  if (checkpoint.version < 3 && checkpoint.checkpoint.latest === undefined) return checkpoint;
  const { features = [] } = checkpoint;
  const foreign = features.filter((feature) => feature !== "replaceWith");
  if (![3, 4].includes(checkpoint.version) || foreign.length > 0) {
    const what = foreign.length > 0 ? `the feature ${foreign.join(", ")}` : `version ${checkpoint.version}`;
    throw notSupported(`${what} of the state in ${where}`, "go on with the Pulumi CLI that wrote it");
  }
  return checkpoint;
}

/** Opens the secrets of a state; the cache lets unchanged ones keep their ciphertext. */
export function openDeployment(raw: RawDeployment | undefined, cache: SecretCache): Deployment {
  const open = (resource: RawResource) => openResource(resource, cache);
  return {
    resources: (raw?.resources ?? []).map(open),
    pending: (raw?.pending_operations ?? []).map(({ resource, type }) => ({ resource: open(resource), type })),
    metadata: raw?.metadata ?? {},
  };
}

function openResource(raw: RawResource, cache: SecretCache): Resource {
  const foreign = Object.keys(raw).filter((key) => !known.has(key));
  if (foreign.length > 0)
    throw notSupported(`\`${foreign.join("`, `")}\` in the state of ${raw.urn}`, "go on with the Pulumi CLI");
  const resource = { ...raw };
  for (const part of ["inputs", "outputs"] as const) {
    const properties = raw[part];
    if (properties !== undefined) resource[part] = openProperties(properties, cache, `${raw.urn} ${part}`);
  }
  if (raw.replacementTrigger !== undefined)
    resource.replacementTrigger = openValue(raw.replacementTrigger, cache, `${raw.urn} trigger`);
  return resource;
}

export function sealResource(resource: Resource, cache: SecretCache): RawResource {
  const raw: Record<string, unknown> = {};
  for (const key of keys) {
    const value = resource[key];
    if (key === "custom" || !isEmpty(value)) raw[key] = value;
  }
  for (const part of ["inputs", "outputs"] as const) {
    const properties = resource[part];
    if (!isEmpty(properties) && properties !== undefined)
      raw[part] = sealProperties(properties, cache, `${resource.urn} ${part}`);
  }
  const trigger = resource.replacementTrigger;
  if (trigger !== undefined && trigger !== null)
    raw.replacementTrigger = sealValue(trigger, cache, `${resource.urn} trigger`);
  return raw as unknown as RawResource; // Every key is one of Resource's, in the CLI's order.
}

// Go's omitempty.
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function openProperties(properties: Properties, cache: SecretCache, place: string): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, openValue(value, cache, `${place}.${key}`)]),
  );
}

function openValue(value: Value, cache: SecretCache, place: string): Value {
  if (isArray(value)) return value.map((item, i) => openValue(item, cache, `${place}.${i}`));
  if (!isDictionary(value)) return value;
  if (!isSecret(value)) return openProperties(value, cache, place);
  if (typeof value.ciphertext === "string")
    return secret(openValue(JSON.parse(cache.open(value.ciphertext, place)), cache, place));
  if (typeof value.plaintext === "string")
    return secret(openValue(JSON.parse(value.plaintext), cache, `${place}.plaintext`));
  throw new Failure(`a secret of ${place} has neither ciphertext nor plaintext`);
}

// The CLI's maps have no order of their own: it writes their keys sorted.
function sealProperties(properties: Properties, cache: SecretCache, place: string): Properties {
  const sorted = Object.keys(properties).sort();
  return Object.fromEntries(sorted.map((key) => [key, sealValue(properties[key] ?? null, cache, `${place}.${key}`)]));
}

function sealValue(value: Value, cache: SecretCache, place: string): Value {
  if (isArray(value)) return value.map((item, i) => sealValue(item, cache, `${place}.${i}`));
  if (!isDictionary(value)) return value;
  if (!isSecret(value)) return sealProperties(value, cache, place);
  const plain = JSON.stringify(plainly(value.value ?? null));
  return { [signatureKey]: signatures.secret, ciphertext: cache.seal(plain, place) };
}

// Secrets inside a secret are not encrypted again: they keep their mark and their value as JSON text.
function plainly(value: Value): Value {
  if (isArray(value)) return value.map(plainly);
  if (!isDictionary(value)) return value;
  if (!isSecret(value)) return mapProperties(value, plainly);
  return { [signatureKey]: signatures.secret, plaintext: JSON.stringify(plainly(value.value ?? null)) };
}

export function sealDeployment(deployment: Deployment, cache: SecretCache, now: Date): RawDeployment {
  const seal = (resource: Resource) => sealResource(resource, cache);
  const operations = deployment.pending.map(({ resource, type }) => ({ resource: seal(resource), type }));
  return {
    // The CLI refuses a state whose magic is not the digest of its version.
    manifest: { time: now, magic: createHash("sha256").update(version).digest("hex"), version },
    ...(cache.salt === undefined ? {} : { secrets_providers: { type: "passphrase", state: { salt: cache.salt } } }),
    ...(deployment.resources.length === 0 ? {} : { resources: deployment.resources.map(seal) }),
    ...(operations.length === 0 ? {} : { pending_operations: operations }),
    metadata: deployment.metadata,
  };
}

export function formatCheckpoint(stack: string, latest: RawDeployment): string {
  const replaceWith = (latest.resources ?? []).some((resource) => (resource.replaceWith ?? []).length > 0);
  const head = replaceWith ? { version: 4, features: ["replaceWith"] } : { version: 3 };
  return JSON.stringify({ ...head, checkpoint: { stack, latest } });
}
