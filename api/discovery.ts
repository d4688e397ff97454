/** Discovery: finding the healthy instances of a service by its name. */
import { Attributes, HealthStatus } from "./instance.ts";
import { NamespaceName, NamespaceNameHttp } from "./namespace.ts";
import { AWSAccountId, ResourceId } from "./operation.ts";
import type { Schema, Static } from "./schema.ts";
import { ServiceName } from "./service.ts";

export const HealthStatusFilter = {
  type: "string",
  enum: ["HEALTHY", "UNHEALTHY", "ALL", "HEALTHY_OR_ELSE_ALL"],
  description: "Which instances are answered; HEALTHY by default. Ignored for a service without a health check.",
} as const satisfies Schema;

export const HttpInstanceSummary = {
  type: "object",
  properties: {
    InstanceId: ResourceId,
    NamespaceName: NamespaceNameHttp,
    ServiceName,
    HealthStatus,
    Attributes,
  },
} as const satisfies Schema;
export type HttpInstanceSummary = Static<typeof HttpInstanceSummary>;

export const DiscoverInstances = {
  kind: "read",
  description: "Answers the instances of a service, in random order.",
  input: {
    type: "object",
    properties: {
      NamespaceName: { ...NamespaceName, description: "The HttpName of the namespace." },
      ServiceName,
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
      OwnerAccount: AWSAccountId,
    },
    required: ["NamespaceName", "ServiceName"],
  },
  output: {
    type: "object",
    properties: {
      Instances: { type: "array", items: HttpInstanceSummary },
      InstancesRevision: {
        type: "integer",
        description: "Grows with each registration and deregistration in the service, not with health.",
      },
    },
  },
  errors: ["InvalidInput", "NamespaceNotFound", "RequestLimitExceeded", "ServiceNotFound"],
} as const;
