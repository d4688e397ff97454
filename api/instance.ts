/** Instances: their shapes, limits and operations. */

import type { NamespaceType } from "./namespace.ts";
import {
  Arn,
  AWSAccountId,
  CreatorRequestId,
  MaxResults,
  NextToken,
  OperationStarted,
  ResourceId,
} from "./operation.ts";
import type { Schema, Static } from "./schema.ts";
import type { RecordType } from "./service.ts";

/** "You can add up to 30 custom attributes": those that do not begin with AWS_. */
export const maxCustomAttributes = 30;
/** "The total size of all provided attributes (sum of all keys and values) must not exceed 5,000 characters." */
export const maxAttributesSize = 5000;

export const InstanceId = {
  type: "string",
  maxLength: 64,
  pattern: "^[0-9a-zA-Z_/:.@-]+$",
  description: "The id of the instance, unique in its service: 1 to 64 letters, digits and _ / : . @ -.",
} as const satisfies Schema;

export const AttrKey = {
  type: "string",
  maxLength: 255,
  pattern: "^[a-zA-Z0-9!-~]+$",
  description: "The key of an attribute: 1 to 255 printable ASCII characters without blanks.",
} as const satisfies Schema;
export const AttrValue = {
  type: "string",
  maxLength: 1024,
  pattern: "^([a-zA-Z0-9!-~][ \\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$",
  description: "The value of an attribute: at most 1,024 printable ASCII characters, not beginning with a blank.",
} as const satisfies Schema;
export const Attributes = {
  type: "object",
  propertyNames: AttrKey,
  additionalProperties: AttrValue,
  description: "What is known of the instance: AWS_INSTANCE_IPV4, AWS_INSTANCE_PORT … and up to 30 of your own.",
} as const satisfies Schema;
export type Attributes = Static<typeof Attributes>;

/** What a service asks of its instances, and where a namespace is: what the rules for attributes depend on. */
export interface ServiceShape {
  readonly namespaceType: NamespaceType;
  readonly records: readonly RecordType[];
  readonly routingPolicy?: "MULTIVALUE" | "WEIGHTED";
  /** Whether it has a HealthCheckConfig: its instances are probed. */
  readonly probed: boolean;
}

/**
 * When an instance must have an attribute, one row a rule: any one of `attributes` is enough.
 * Registrations by AWS_ALIAS_DNS_NAME or AWS_EC2_INSTANCE_ID are exempt: they bring no address of their own.
 */
export const requiredAttributes = [
  { when: "has A records", if: (s: ServiceShape) => s.records.includes("A"), attributes: ["AWS_INSTANCE_IPV4"] },
  { when: "has AAAA records", if: (s: ServiceShape) => s.records.includes("AAAA"), attributes: ["AWS_INSTANCE_IPV6"] },
  {
    when: "has CNAME records",
    if: (s: ServiceShape) => s.records.includes("CNAME"),
    attributes: ["AWS_INSTANCE_CNAME"],
  },
  { when: "has SRV records", if: (s: ServiceShape) => s.records.includes("SRV"), attributes: ["AWS_INSTANCE_PORT"] },
  {
    when: "has SRV records",
    if: (s: ServiceShape) => s.records.includes("SRV"),
    attributes: ["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6"],
  },
  { when: "probes its instances", if: (s: ServiceShape) => s.probed, attributes: ["AWS_INSTANCE_PORT"] },
  {
    when: "probes its instances",
    if: (s: ServiceShape) => s.probed,
    attributes: ["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6"],
  },
] as const;

/** The attribute keys that Cloud Map gives a meaning to. */
export const knownAttributes = {
  AWS_INSTANCE_IPV4: "The IPv4 address of the instance.",
  AWS_INSTANCE_IPV6: "The IPv6 address of the instance.",
  AWS_INSTANCE_PORT: "The port of the instance, 0 to 65535.",
  AWS_INSTANCE_CNAME: "The domain name that CNAME records of the service answer.",
  AWS_ALIAS_DNS_NAME: "The DNS name of the load balancer that traffic is routed to.",
  AWS_EC2_INSTANCE_ID: "The id of an EC2 instance; its primary private IPv4 address is filled in.",
  AWS_INIT_HEALTH_STATUS: "The first status of a custom health check: HEALTHY (default) or UNHEALTHY.",
} as const;

export const CustomHealthStatus = { type: "string", enum: ["HEALTHY", "UNHEALTHY"] } as const satisfies Schema;
export type CustomHealthStatus = Static<typeof CustomHealthStatus>;
export const HealthStatus = { type: "string", enum: ["HEALTHY", "UNHEALTHY", "UNKNOWN"] } as const satisfies Schema;
export type HealthStatus = Static<typeof HealthStatus>;

export const Instance = {
  type: "object",
  properties: { Id: ResourceId, CreatorRequestId, Attributes, CreatedByAccount: AWSAccountId },
  required: ["Id"],
} as const satisfies Schema;

export const InstanceSummary = {
  type: "object",
  properties: { Id: ResourceId, Attributes, CreatedByAccount: AWSAccountId },
} as const satisfies Schema;
export type InstanceSummary = Static<typeof InstanceSummary>;

const address = { ServiceId: Arn, InstanceId: ResourceId } as const;

export const RegisterInstance = {
  kind: "operation",
  description: "Registers an instance in a service, or replaces the attributes of one that is registered.",
  input: {
    type: "object",
    properties: { ServiceId: Arn, InstanceId, CreatorRequestId, Attributes },
    required: ["ServiceId", "InstanceId", "Attributes"],
  },
  output: OperationStarted,
  errors: ["DuplicateRequest", "InvalidInput", "ResourceInUse", "ResourceLimitExceeded", "ServiceNotFound"],
} as const;

export const DeregisterInstance = {
  kind: "operation",
  description: "Takes an instance out of its service.",
  input: { type: "object", properties: address, required: ["ServiceId", "InstanceId"] },
  output: OperationStarted,
  errors: ["DuplicateRequest", "InstanceNotFound", "InvalidInput", "ResourceInUse", "ServiceNotFound"],
} as const;

export const GetInstance = {
  kind: "read",
  description: "Answers what is known of an instance.",
  input: { type: "object", properties: address, required: ["ServiceId", "InstanceId"] },
  output: { type: "object", properties: { ResourceOwner: AWSAccountId, Instance } },
  errors: ["InstanceNotFound", "InvalidInput", "ServiceNotFound"],
} as const;

export const ListInstances = {
  kind: "read",
  description: "Lists the instances of a service, a page at a time.",
  input: { type: "object", properties: { ServiceId: Arn, NextToken, MaxResults }, required: ["ServiceId"] },
  output: {
    type: "object",
    properties: { ResourceOwner: AWSAccountId, Instances: { type: "array", items: InstanceSummary }, NextToken },
  },
  errors: ["InvalidInput", "ServiceNotFound"],
} as const;

export const UpdateInstanceCustomHealthStatus = {
  kind: "write",
  description: "Reports the health of an instance in a service with a custom health check.",
  input: {
    type: "object",
    properties: { ...address, Status: CustomHealthStatus },
    required: ["ServiceId", "InstanceId", "Status"],
  },
  output: undefined,
  errors: ["CustomHealthNotFound", "InstanceNotFound", "InvalidInput", "ServiceNotFound"],
} as const;

export const GetInstancesHealthStatus = {
  kind: "read",
  description: "Answers the health of the instances of a service, or of those that are named, a page at a time.",
  input: {
    type: "object",
    properties: {
      ServiceId: Arn,
      Instances: {
        type: "array",
        items: ResourceId,
        minItems: 1,
        description: "The ids of the instances; all of the service by default.",
      },
      MaxResults,
      NextToken,
    },
    required: ["ServiceId"],
  },
  output: {
    type: "object",
    properties: {
      Status: { type: "object", propertyNames: ResourceId, additionalProperties: HealthStatus },
      NextToken,
    },
  },
  errors: ["InstanceNotFound", "InvalidInput", "ServiceNotFound"],
} as const;
