/** Discovery: finding the healthy instances of a service by its name. */
import { Attributes, HealthStatus } from "./instance.ts";
import { NamespaceName, NamespaceNameHttp } from "./namespace.ts";
import { AWSAccountId, ResourceId } from "./operation.ts";
import { described, type Schema, type Static } from "./schema.ts";
import { ServiceName } from "./service.ts";

export const HealthStatusFilter = {
  type: "string",
  enum: ["HEALTHY", "UNHEALTHY", "ALL", "HEALTHY_OR_ELSE_ALL"],
  description: "Which instances are answered; HEALTHY by default. Ignored for a service without a health check.",
} as const satisfies Schema;

export const HttpInstanceSummary = {
  type: "object",
  properties: {
    InstanceId: described(ResourceId, "The id of the instance in its service."),
    NamespaceName: NamespaceNameHttp,
    ServiceName,
    HealthStatus: described(HealthStatus, "Whether the instance is healthy; UNKNOWN without a health check."),
    Attributes,
  },
} as const satisfies Schema;
export type HttpInstanceSummary = Static<typeof HttpInstanceSummary>;

const InstancesRevision = {
  type: "integer",
  description: "Grows with each registration and deregistration in the service, not with health.",
} as const satisfies Schema;

const names = {
  NamespaceName: { ...NamespaceName, description: "The HttpName of the namespace." },
  ServiceName,
  OwnerAccount: AWSAccountId,
} as const satisfies Record<string, Schema>;

const errors = ["InvalidInput", "NamespaceNotFound", "RequestLimitExceeded", "ServiceNotFound"] as const;

export const DiscoverInstances = {
  kind: "read",
  description: "Answers the instances of a service, in random order.",
  input: {
    type: "object",
    properties: {
      ...names,
      MaxResults: {
        type: "integer",
        minimum: 1,
        maximum: 1000,
        description: "The most instances to answer, 1 to 1,000; 100 by default. There is no next page.",
      },
      QueryParameters: { ...Attributes, description: "Attributes that an instance must have." },
      OptionalParameters: {
        ...Attributes,
        description: "Attributes that an instance should have: ignored when no instance has them all.",
      },
      HealthStatus: HealthStatusFilter,
    },
    required: ["NamespaceName", "ServiceName"],
  },
  output: {
    type: "object",
    properties: {
      Instances: { type: "array", items: HttpInstanceSummary, description: "The instances, in random order." },
      InstancesRevision,
    },
  },
  errors,
} as const;

export const DiscoverInstancesRevision = {
  kind: "read",
  description: "Answers the revision of a service's instances, to tell whether anything came or went.",
  input: { type: "object", properties: names, required: ["NamespaceName", "ServiceName"] },
  output: { type: "object", properties: { InstancesRevision } },
  errors,
} as const;
