// How each property of a service is compared, what of it the API changes in place, and in whose words what was read is told.
import { isRecord, type Props } from "./casing.ts";
import { defined, flag, map, nothing, type PropertyRules, text } from "./difference.ts";
import { shortId } from "./ids.ts";

/**
 * "You can't update a service of an HTTP namespace"; "the record types in the request must be the same as those present";
 * "HealthCheckCustomConfig can't be added, updated or deleted"; the routing policy is no part of an update at all.
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateService.html
 */
export const serviceProperties: PropertyRules = {
  name: { replaces: true },
  namespaceId: { replaces: true, parent: true, canonical: id },
  description: { replaces: isFrozen, canonical: text },
  type: { replaces: true, computed: true, given: isApiOnly },
  dnsConfig: { replaces: changesRecords, canonical: dnsConfig, words: dnsWords },
  healthCheckConfig: { replaces: changesProbe, canonical: healthCheckConfig, words: probeWords },
  healthCheckCustomConfig: { replaces: true, canonical: presence },
  attributes: { canonical: map },
  tags: { canonical: map },
  tagsAll: { canonical: map },
  forceDestroy: { canonical: flag },
  adopt: { canonical: nothing },
};

function id(value: unknown): unknown {
  return typeof value === "string" ? shortId(value) : value;
}

/** In a DNS namespace `HTTP` is to be said, for a service there has records otherwise. */
function isApiOnly({ type, namespaceType }: Props): boolean {
  return type === "HTTP" && typeof namespaceType === "string" && namespaceType !== "HTTP";
}

/** In an HTTP namespace, as far as the state tells: `type` alone does not, for DNS namespaces have API-only services too. */
function isFrozen({ type = "HTTP", namespaceType = "HTTP", dnsConfig: dns }: Props): boolean {
  return type === "HTTP" && namespaceType === "HTTP" && dns === undefined;
}

/** Of a `dnsConfig` only the TTLs can change. */
function changesRecords(olds: Props, news: Props): boolean {
  const frozen = ({ dnsConfig: config }: Props) => {
    const types = recordsOf(config).map(({ type }) => type);
    return isRecord(config) ? `${config.routingPolicy ?? "MULTIVALUE"} ${types.sort()}` : "none";
  };
  return isFrozen(olds) || frozen(olds) !== frozen(news);
}

/** A probe can come, go and change, but for its type. */
function changesProbe(olds: Props, news: Props): boolean {
  const [before, after] = [olds.healthCheckConfig, news.healthCheckConfig];
  return isFrozen(olds) || (isRecord(before) && isRecord(after) && before.type !== after.type);
}

function recordsOf(config: unknown): readonly Props[] {
  return isRecord(config) && Array.isArray(config.dnsRecords) ? config.dnsRecords.filter(isRecord) : [];
}

/** A set: records have no order. The namespace is compared by itself. */
function dnsConfig(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const dnsRecords = recordsOf(value).map(({ type, ttl }) => `${type} ${ttl}`);
  return { routingPolicy: value.routingPolicy ?? "MULTIVALUE", dnsRecords: dnsRecords.sort() };
}

/** "The default is 1", and / for what asks for a path. */
function healthCheckConfig(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { type, resourcePath, failureThreshold = 1 } = value;
  return { type, failureThreshold, resourcePath: type === "TCP" ? undefined : resourcePath || "/" };
}

/** Its only member is deprecated and always 1: it is there or it is not. */
function presence(value: unknown): unknown {
  return value === undefined || value === null ? undefined : true;
}

/** The records in the order of before; what is only the default, and the deprecated namespace, where they were given before. */
function dnsWords(before: unknown, actual: unknown): unknown {
  if (!isRecord(actual)) return actual;
  const { namespaceId, routingPolicy: given } = isRecord(before) ? before : {};
  const { routingPolicy } = actual;
  const order = recordsOf(before).map(({ type }) => type);
  const place = ({ type }: Props) => (order.includes(type) ? order.indexOf(type) : order.length);
  const dnsRecords = [...recordsOf(actual)].sort((a, b) => place(a) - place(b));
  const isTold = routingPolicy !== undefined && (routingPolicy !== "MULTIVALUE" || given !== undefined);
  return { ...(namespaceId !== undefined && { namespaceId }), ...(isTold && { routingPolicy }), dnsRecords };
}

/** Some endpoints answer the defaults that were left out, some do not: neither is a change. */
function probeWords(before: unknown, actual: unknown): unknown {
  if (!isRecord(actual)) return actual;
  const given = isRecord(before) ? before : {};
  const { type, resourcePath, failureThreshold } = actual;
  const told = (value: unknown, otherwise: unknown, was: unknown) => {
    if (value === undefined || value === otherwise) return was === undefined ? undefined : otherwise;
    return value;
  };
  const path = type === "TCP" ? undefined : told(resourcePath, "/", given.resourcePath);
  return defined({ type, resourcePath: path, failureThreshold: told(failureThreshold, 1, given.failureThreshold) });
}
