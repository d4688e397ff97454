/** Services: their shapes, limits and operations. */
import {
  Arn,
  AWSAccountId,
  CreatorRequestId,
  listedBy,
  NextToken,
  OperationStarted,
  RecordTTL,
  ResourceCount,
  ResourceDescription,
  ResourceId,
  Timestamp,
} from "./operation.ts";
import { described, type Schema, type Static } from "./schema.ts";
import { TagList } from "./tags.ts";

export const ServiceName = {
  type: "string",
  pattern:
    "((?=^.{1,127}$)^([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])(\\.([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9]))*$)|(^\\.$)",
  description:
    "The name of the service: 1 to 127 characters, labels of letters, digits, - and _ joined by dots, each label at most 63 long and not beginning or ending with -.",
} as const satisfies Schema;

export const ServiceType = { type: "string", enum: ["HTTP", "DNS_HTTP", "DNS"] } as const satisfies Schema;

export const HealthCheckCustomConfig = {
  type: "object",
  properties: {
    FailureThreshold: {
      type: "integer",
      minimum: 1,
      maximum: 10,
      description: "Deprecated: always 1, whatever is sent.",
    },
  },
  description: "A health check whose status you report yourself, with UpdateInstanceCustomHealthStatus.",
} as const satisfies Schema;

export const HealthCheckConfig = {
  type: "object",
  properties: {
    Type: { type: "string", enum: ["HTTP", "HTTPS", "TCP"], description: "How an instance is probed." },
    ResourcePath: {
      type: "string",
      maxLength: 255,
      description: "The path that HTTP and HTTPS probes ask for, at most 255 characters; / by default; not for TCP.",
    },
    FailureThreshold: {
      type: "integer",
      minimum: 1,
      maximum: 10,
      description: "How many probes in a row change the status, 1 to 10; 1 by default.",
    },
  },
  required: ["Type"],
  description: "A health check that probes the instances.",
} as const satisfies Schema;

export const RecordType = { type: "string", enum: ["SRV", "A", "AAAA", "CNAME"] } as const satisfies Schema;
export type RecordType = Static<typeof RecordType>;

export const DnsRecords = {
  type: "array",
  items: {
    type: "object",
    properties: { Type: described(RecordType, "The type of the record."), TTL: RecordTTL },
    required: ["Type", "TTL"],
  },
  description: "The records of each instance: A, AAAA, A and AAAA, SRV, or CNAME.",
} as const satisfies Schema;

export const DnsConfig = {
  type: "object",
  properties: {
    NamespaceId: { ...ResourceId, description: "Deprecated: use the service's NamespaceId." },
    RoutingPolicy: {
      type: "string",
      enum: ["MULTIVALUE", "WEIGHTED"],
      description: "MULTIVALUE answers up to eight healthy instances, WEIGHTED one; MULTIVALUE by default.",
    },
    DnsRecords,
  },
  required: ["DnsRecords"],
  description: "The DNS records of the instances; only for services of DNS namespaces.",
} as const satisfies Schema;

export type DnsConfig = Static<typeof DnsConfig>;

const summary = {
  Id: ResourceId,
  Arn,
  ResourceOwner: AWSAccountId,
  Name: ServiceName,
  Type: ServiceType,
  Description: ResourceDescription,
  InstanceCount: described(ResourceCount, "How many instances the service has."),
  DnsConfig,
  HealthCheckConfig,
  HealthCheckCustomConfig,
  CreateDate: Timestamp,
  CreatedByAccount: AWSAccountId,
} as const satisfies Record<string, Schema>;

export const ServiceSummary = { type: "object", properties: summary } as const satisfies Schema;
export type ServiceSummary = Static<typeof ServiceSummary>;

interface Checks {
  readonly HealthCheckConfig?: unknown;
  readonly HealthCheckCustomConfig?: unknown;
}

/** Whether its instances have a health of their own: probed, or reported. */
export function isChecked({ HealthCheckConfig, HealthCheckCustomConfig }: Checks): boolean {
  return HealthCheckConfig !== undefined || HealthCheckCustomConfig !== undefined;
}
export const Service = {
  type: "object",
  properties: { ...summary, NamespaceId: ResourceId, CreatorRequestId },
} as const satisfies Schema;
export type Service = Static<typeof Service>;

export const CreateService = {
  kind: "write",
  description: "Creates a service in a namespace.",
  input: {
    type: "object",
    properties: {
      Name: ServiceName,
      NamespaceId: { ...Arn, description: "The id or the ARN of the service's namespace." },
      CreatorRequestId,
      Description: ResourceDescription,
      DnsConfig,
      HealthCheckConfig,
      HealthCheckCustomConfig,
      Tags: TagList,
      Type: { type: "string", enum: ["HTTP"], description: "HTTP: discovered by API calls only." },
    },
    required: ["Name"],
  },
  output: { type: "object", properties: { Service } },
  errors: [
    "InvalidInput",
    "NamespaceNotFound",
    "ResourceLimitExceeded",
    "ServiceAlreadyExists",
    "TooManyTagsException",
  ],
} as const;

export const GetService = {
  kind: "read",
  description: "Answers what is known of a service.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: { type: "object", properties: { Service } },
  errors: ["InvalidInput", "ServiceNotFound"],
} as const;

export const ListServices = {
  kind: "read",
  description: "Lists services, a page at a time; filters apply to each page after it is taken.",
  input: listedBy(["NAMESPACE_ID", "RESOURCE_OWNER"]),
  output: { type: "object", properties: { Services: { type: "array", items: ServiceSummary }, NextToken } },
  errors: ["InvalidInput"],
} as const;

export const DeleteService = {
  kind: "write",
  description: "Deletes a service that has no instances.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: { type: "object", properties: {} },
  errors: ["InvalidInput", "ResourceInUse", "ServiceNotFound"],
} as const;

export const UpdateService = {
  kind: "operation",
  description:
    "Changes the description, the TTLs and the probes of a service of a DNS namespace; DNS records and probes that it leaves out are removed.",
  input: {
    type: "object",
    properties: {
      Id: Arn,
      Service: {
        type: "object",
        properties: {
          Description: ResourceDescription,
          DnsConfig: { type: "object", properties: { DnsRecords }, required: ["DnsRecords"] },
          HealthCheckConfig,
        },
      },
    },
    required: ["Id", "Service"],
  },
  output: OperationStarted,
  errors: ["DuplicateRequest", "InvalidInput", "ServiceNotFound"],
} as const;

/** "The maximum number of attributes is 30." */
export const maxServiceAttributes = 30;

export const ServiceAttributesMap = {
  type: "object",
  propertyNames: { type: "string", maxLength: 255 },
  additionalProperties: { type: "string", maxLength: 1024 },
  minProperties: 1,
  maxProperties: maxServiceAttributes,
  description: "What is known of the service as a whole: 1 to 30 attributes.",
} as const satisfies Schema;

export const ServiceAttributes = {
  type: "object",
  properties: { ServiceArn: Arn, ResourceOwner: AWSAccountId, Attributes: ServiceAttributesMap },
} as const satisfies Schema;

export const GetServiceAttributes = {
  kind: "read",
  description: "Answers the attributes of a service.",
  input: { type: "object", properties: { ServiceId: Arn }, required: ["ServiceId"] },
  output: { type: "object", properties: { ServiceAttributes } },
  errors: ["InvalidInput", "ServiceNotFound"],
} as const;

export const UpdateServiceAttributes = {
  kind: "write",
  description: "Sets attributes of a service; those that it does not name stay.",
  input: {
    type: "object",
    properties: { ServiceId: Arn, Attributes: ServiceAttributesMap },
    required: ["ServiceId", "Attributes"],
  },
  output: { type: "object", properties: {} },
  errors: ["InvalidInput", "ServiceAttributesLimitExceededException", "ServiceNotFound"],
} as const;

export const DeleteServiceAttributes = {
  kind: "write",
  description: "Removes attributes of a service; keys that it does not have are passed over.",
  input: {
    type: "object",
    properties: {
      ServiceId: Arn,
      Attributes: {
        type: "array",
        items: { type: "string", maxLength: 255 },
        minItems: 1,
        maxItems: maxServiceAttributes,
        description: "The keys of the attributes to remove.",
      },
    },
    required: ["ServiceId", "Attributes"],
  },
  output: { type: "object", properties: {} },
  errors: ["InvalidInput", "ServiceNotFound"],
} as const;
