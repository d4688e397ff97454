/** Namespaces: their shapes, limits and operations. */
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

export const NamespaceType = { type: "string", enum: ["DNS_PUBLIC", "DNS_PRIVATE", "HTTP"] } as const satisfies Schema;
export type NamespaceType = Static<typeof NamespaceType>;

export const NamespaceName = { type: "string", maxLength: 1024, pattern: "^[!-~]{1,1024}$" } as const satisfies Schema;

export const NamespaceNameHttp = {
  type: "string",
  maxLength: 1024,
  pattern: "^(?!arn:)[!-~]{1,1024}$",
  description:
    "The name of the namespace: 1 to 1,024 printable ASCII characters without blanks, not beginning with arn:.",
} as const satisfies Schema;

export const NamespaceNamePrivate = {
  type: "string",
  maxLength: 253,
  pattern: "^(?!arn:)[!-~]{1,253}$",
  description: "The DNS name of the namespace in its VPC: at most 253 printable ASCII characters without blanks.",
} as const satisfies Schema;

export const NamespaceNamePublic = {
  type: "string",
  maxLength: 253,
  pattern: "^([a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?$",
  description: "The DNS name of the namespace: two labels or more, of letters, digits and -, at most 253 characters.",
} as const satisfies Schema;

/** The TTL of the SOA record where none is given, in seconds. */
export const defaultSoaTtl = { DNS_PUBLIC: 60, DNS_PRIVATE: 15 } as const;

export const SOA = {
  type: "object",
  properties: {
    TTL: { ...RecordTTL, description: "Seconds that resolvers remember that a name does not exist." },
  },
  required: ["TTL"],
  description: "The Start of Authority record of the namespace's hosted zone.",
} as const satisfies Schema;

export const DnsProperties = {
  type: "object",
  properties: {
    HostedZoneId: { ...ResourceId, description: "The id of the hosted zone that was made for the namespace." },
    SOA,
  },
} as const satisfies Schema;

/** What can be said, and changed, of a DNS namespace's zone. */
const PropertiesMutable = {
  type: "object",
  properties: {
    DnsProperties: {
      type: "object",
      properties: { SOA },
      required: ["SOA"],
      description: "What DNS says of the zone.",
    },
  },
  required: ["DnsProperties"],
  description: "Properties of the namespace's hosted zone.",
} as const satisfies Schema;

export const HttpProperties = {
  type: "object",
  properties: {
    HttpName: {
      ...NamespaceName,
      description: "The name by which DiscoverInstances finds the namespace.",
    },
  },
} as const satisfies Schema;

const summary = {
  Id: ResourceId,
  Arn,
  ResourceOwner: AWSAccountId,
  Name: NamespaceName,
  Type: NamespaceType,
  Description: ResourceDescription,
  ServiceCount: described(ResourceCount, "How many services the namespace has."),
  Properties: { type: "object", properties: { DnsProperties, HttpProperties } },
  CreateDate: Timestamp,
} as const satisfies Record<string, Schema>;

export const NamespaceSummary = { type: "object", properties: summary } as const satisfies Schema;
export type NamespaceSummary = Static<typeof NamespaceSummary>;
export const Namespace = { type: "object", properties: { ...summary, CreatorRequestId } } as const satisfies Schema;
export type Namespace = Static<typeof Namespace>;

const creationErrors = [
  "DuplicateRequest",
  "InvalidInput",
  "NamespaceAlreadyExists",
  "ResourceLimitExceeded",
  "TooManyTagsException",
] as const;

export const CreateHttpNamespace = {
  kind: "operation",
  description: "Creates a namespace whose services are discovered by API calls, not by DNS.",
  input: {
    type: "object",
    properties: { Name: NamespaceNameHttp, CreatorRequestId, Description: ResourceDescription, Tags: TagList },
    required: ["Name"],
  },
  output: OperationStarted,
  errors: creationErrors,
} as const;

export const CreatePrivateDnsNamespace = {
  kind: "operation",
  description: "Creates a namespace whose services are discovered by API calls, and by DNS within one VPC.",
  input: {
    type: "object",
    properties: {
      Name: NamespaceNamePrivate,
      CreatorRequestId,
      Description: ResourceDescription,
      Vpc: { ...ResourceId, description: "The id of the VPC in which the namespace's names resolve." },
      Tags: TagList,
      Properties: PropertiesMutable,
    },
    required: ["Name", "Vpc"],
  },
  output: OperationStarted,
  errors: creationErrors,
} as const;

export const CreatePublicDnsNamespace = {
  kind: "operation",
  description: "Creates a namespace whose services are discovered by API calls, and by DNS everywhere.",
  input: {
    type: "object",
    properties: {
      Name: NamespaceNamePublic,
      CreatorRequestId,
      Description: ResourceDescription,
      Tags: TagList,
      Properties: PropertiesMutable,
    },
    required: ["Name"],
  },
  output: OperationStarted,
  errors: creationErrors,
} as const;

export const GetNamespace = {
  kind: "read",
  description: "Answers what is known of a namespace.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: { type: "object", properties: { Namespace } },
  errors: ["InvalidInput", "NamespaceNotFound"],
} as const;

export const ListNamespaces = {
  kind: "read",
  description: "Lists namespaces, a page at a time; filters apply to each page after it is taken.",
  input: listedBy(["TYPE", "NAME", "HTTP_NAME", "RESOURCE_OWNER"]),
  output: { type: "object", properties: { Namespaces: { type: "array", items: NamespaceSummary }, NextToken } },
  errors: ["InvalidInput"],
} as const;

const updateErrors = ["DuplicateRequest", "InvalidInput", "NamespaceNotFound", "ResourceInUse"] as const;

export const UpdateHttpNamespace = {
  kind: "operation",
  description: "Changes the description of an HTTP namespace.",
  input: {
    type: "object",
    properties: {
      Id: Arn,
      UpdaterRequestId: CreatorRequestId,
      Namespace: {
        type: "object",
        properties: { Description: ResourceDescription },
        required: ["Description"],
      },
    },
    required: ["Id", "Namespace"],
  },
  output: OperationStarted,
  errors: updateErrors,
} as const;

/** What an update of a DNS namespace may change; what it leaves out stays as it is. */
const dnsUpdate = {
  type: "object",
  properties: {
    Id: Arn,
    UpdaterRequestId: CreatorRequestId,
    Namespace: {
      type: "object",
      properties: { Description: ResourceDescription, Properties: PropertiesMutable },
    },
  },
  required: ["Id", "Namespace"],
} as const satisfies Schema;

export const UpdatePrivateDnsNamespace = {
  kind: "operation",
  description: "Changes the description or the SOA's TTL of a private DNS namespace.",
  input: dnsUpdate,
  output: OperationStarted,
  errors: updateErrors,
} as const;

export const UpdatePublicDnsNamespace = {
  kind: "operation",
  description: "Changes the description or the SOA's TTL of a public DNS namespace.",
  input: dnsUpdate,
  output: OperationStarted,
  errors: updateErrors,
} as const;

export const DeleteNamespace = {
  kind: "operation",
  description: "Deletes a namespace that has no services.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: OperationStarted,
  errors: updateErrors,
} as const;
