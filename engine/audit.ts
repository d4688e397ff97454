/**
 * The audit: who did what, to which resource, from where, and with which result, as lines of JSON in the form of
 * CloudTrail's records (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
 */
import { randomUUID } from "node:crypto";
import type { CloudMapError } from "../api/errors.ts";
import { isOperationName, operations } from "../api/operations.ts";
import type { MapSchema, Schema } from "../api/schema.ts";
import type { Caller } from "./auth/caller.ts";
import { arnOf } from "./context.ts";
import type { Request } from "./http/request.ts";
import { shortened } from "./invalid.ts";

/** A request that is answered. */
export interface Finished {
  readonly operation: string;
  /** undefined where nobody was proven to ask. */
  readonly caller: Caller | undefined;
  /** As it came: checked or not. */
  readonly input: unknown;
  readonly output: unknown;
  readonly error: CloudMapError | undefined;
  /** The request's id, as its answer gives it. */
  readonly id: string;
  readonly request: Pick<Request, "address" | "headers">;
  /** When the work on it began, by the clock of `performance`. */
  readonly started: number;
}

/** "DiscoverInstances": CloudTrail's data events, of which there are as many as clients ask; all else is management. */
const dataEvents = new Set(["DiscoverInstances", "DiscoverInstancesRevision"]);

export interface AuditOptions {
  readonly write: (line: string) => void;
  readonly account: string;
  readonly region: string;
  readonly now: () => number;
  /** Whether data events are told too. */
  readonly data: boolean;
}

/** Unproven callers must not be able to push the deeds of others out of the files: so many at once, and one a second. */
const unprovenBurst = 60;

export interface Audit {
  readonly tell: (finished: Finished) => void;
  readonly counts: { readonly unproven: number };
}

export function audit({ write, account, region, now, data }: AuditOptions): Audit {
  const counts = { unproven: 0 };
  let [tokens, at] = [unprovenBurst, now()];
  const mayTellUnproven = (time: number): boolean => {
    tokens = Math.min(unprovenBurst, tokens + Math.max(0, time - at) / 1000);
    at = time;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  const tell = (finished: Finished): void => {
    if (!isOperationName(finished.operation) || (!data && dataEvents.has(finished.operation))) return;
    const time = now();
    if (finished.caller === undefined && !mayTellUnproven(time)) counts.unproven += 1;
    else write(encode(eventOf(finished, { account, region, time })));
  };
  return { tell, counts };
}

interface Scene {
  readonly account: string;
  readonly region: string;
  readonly time: number;
}

function eventOf(finished: Finished, { account, region, time }: Scene): object {
  const { operation, caller, input, output, error, id, request } = finished;
  const shape = isOperationName(operation) ? operations[operation] : undefined;
  const readOnly = shape?.kind === "read";
  const secrets: string[] = [];
  const requestParameters = shape === undefined ? null : shown(shape.input, input, secrets);
  return {
    eventVersion: "1.11",
    userIdentity: identity(caller),
    eventTime: `${new Date(time).toISOString().slice(0, 19)}Z`,
    eventSource: "servicediscovery.amazonaws.com",
    eventName: operation,
    awsRegion: region,
    sourceIPAddress: request.address.replace(/^::ffff:/, ""),
    userAgent: cut(request.headers["user-agent"] ?? ""),
    ...(error && { errorCode: error.code, errorMessage: cut(told(error, secrets)) }),
    requestParameters,
    responseElements:
      readOnly || error !== undefined || shape?.output === undefined ? null : shown(shape.output, output, []),
    requestID: id,
    eventID: randomUUID(),
    readOnly,
    resources: resourcesOf(operation, input, { account: caller?.account ?? account, region }),
    eventType: "AwsApiCall",
    managementEvent: !dataEvents.has(operation),
    recipientAccountId: caller?.account ?? account,
    eventCategory: dataEvents.has(operation) ? "Data" : "Management",
  };
}

/** The namespaces and services that a request names by id or ARN. */
function resourcesOf(operation: string, input: unknown, at: Pick<Scene, "account" | "region">): object[] {
  const { Id, NamespaceId, ServiceId, ResourceARN } = Object(input) as Readonly<Record<string, unknown>>;
  const found: object[] = [];
  const add = (kind: "Namespace" | "Service", id: unknown): void => {
    if (typeof id !== "string" || id.length > longestText) return;
    const ARN = id.startsWith("arn:") ? id : arnOf(at, kind === "Namespace" ? "namespace" : "service", id);
    found.push({ type: `AWS::ServiceDiscovery::${kind}`, ARN, accountId: ARN.split(":")[4] ?? "" });
  };
  add("Namespace", NamespaceId);
  add("Service", ServiceId);
  add(operation.endsWith("Namespace") ? "Namespace" : "Service", Id);
  add(typeof ResourceARN === "string" && ResourceARN.includes(":namespace/") ? "Namespace" : "Service", ResourceARN);
  return found;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function identity(caller: Caller | undefined): object {
  if (caller === undefined) return { type: "Unknown" };
  const { account, arn, accessKeyId } = caller;
  const userName = /:user\/(.+)$/.exec(arn)?.[1];
  const type = userName !== undefined ? "IAMUser" : arn.endsWith(":root") ? "Root" : "Unknown";
  return {
    type,
    principalId: accessKeyId ?? account,
    arn,
    accountId: account,
    ...(accessKeyId && { accessKeyId }),
    ...(userName && { userName }),
  };
}

/** The longest text that is told, and the longest list: longer ones are of requests that were refused. */
const longestText = 1_024;
const longestList = 200;
/** CloudTrail's word for a value that is left out. */
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

/**
 * The part of a value that the schema knows, with names as CloudTrail writes them: serviceId, not ServiceId. In maps
 * whose keys callers choose, the values of Cloud Map's own keys are told (an address says where traffic is sent), those
 * of others are not: people put secrets there, although they should not. What is hidden is added to `secrets`, as messages repeat it.
 */
function shown(schema: Schema, value: unknown, secrets: string[]): unknown {
  if (value === undefined || value === null) return null;
  if ("additionalProperties" in schema) return shownMap(schema, value, secrets);
  if (typeof value === "string") return cut(value);
  if (Array.isArray(value)) {
    return "items" in schema ? value.slice(0, longestList).map((item) => shown(schema.items, item, secrets)) : null;
  }
  if (typeof value !== "object") return value;
  if (!("properties" in schema)) return null;
  const told: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const of = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (of !== undefined) told[name.charAt(0).toLowerCase() + name.slice(1)] = shown(of, member, secrets);
  }
  return told;
}

function shownMap(schema: MapSchema, value: unknown, secrets: string[]): unknown {
  secrets.push(shortened(value));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return hidden;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, longestList)
      .map(([key, member]) => {
        if (isOwn(key)) return [cut(key), shown(schema.additionalProperties, member, secrets)];
        secrets.push(shortened(member));
        return [cut(key), hidden];
      }),
  );
}

/** An error's message, which repeats what it refuses, without the values that are hidden and without pieces of a body that is no JSON. */
function told({ code, message }: CloudMapError, secrets: readonly string[]): string {
  if (code === "SerializationException") return message.replace(/:.*/s, "");
  const start = message.slice(0, 4 * longestText); // of which, with less in the secrets' places, more is left than is told
  return secrets.reduce((text, secret) => text.replaceAll(`'${secret}'`, `'${hidden}'`), start);
}

/** Whether Cloud Map gives the key its meaning. */
function isOwn(key: string): boolean {
  return key.startsWith("AWS_") || key.startsWith("CLOUDMAP_");
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** JSON in which nothing can move a terminal's cursor or break a line: JSON itself escapes only the controls below U+0020. */
function encode(event: object): string {
  return JSON.stringify(event).replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
