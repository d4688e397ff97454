/** Namespaces: their shapes, limits and operations. */
import {
  Arn,
  AWSAccountId,
  CreatorRequestId,
  FilterCondition,
  FilterValues,
  MaxResults,
  NextToken,
  OperationStarted,
  ResourceCount,
  ResourceDescription,
  ResourceId,
  Timestamp,
} from "./operation.ts";
import type { Schema, Static } from "./schema.ts";
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
  ServiceCount: ResourceCount,
  Properties: { type: "object", properties: { HttpProperties } },
  CreateDate: Timestamp,
} as const satisfies Record<string, Schema>;

export const NamespaceSummary = { type: "object", properties: summary } as const satisfies Schema;
export type NamespaceSummary = Static<typeof NamespaceSummary>;
export const Namespace = { type: "object", properties: { ...summary, CreatorRequestId } } as const satisfies Schema;
export type Namespace = Static<typeof Namespace>;

export const CreateHttpNamespace = {
  kind: "operation",
  description: "Creates a namespace whose services are discovered by API calls, not by DNS.",
  input: {
    type: "object",
    properties: { Name: NamespaceNameHttp, CreatorRequestId, Description: ResourceDescription, Tags: TagList },
    required: ["Name"],
  },
  output: OperationStarted,
  errors: [
    "DuplicateRequest",
    "InvalidInput",
    "NamespaceAlreadyExists",
    "ResourceLimitExceeded",
    "TooManyTagsException",
  ],
} as const;

export const GetNamespace = {
  kind: "read",
  description: "Answers what is known of a namespace.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: { type: "object", properties: { Namespace } },
  errors: ["InvalidInput", "NamespaceNotFound"],
} as const;

export const NamespaceFilter = {
  type: "object",
  properties: {
    Name: { type: "string", enum: ["TYPE", "NAME", "HTTP_NAME", "RESOURCE_OWNER"] },
    Values: FilterValues,
    Condition: FilterCondition,
  },
  required: ["Name", "Values"],
} as const satisfies Schema;

export const ListNamespaces = {
  kind: "read",
  description: "Lists namespaces, a page at a time; filters apply to each page after it is taken.",
  input: {
    type: "object",
    properties: { NextToken, MaxResults, Filters: { type: "array", items: NamespaceFilter } },
  },
  output: { type: "object", properties: { Namespaces: { type: "array", items: NamespaceSummary }, NextToken } },
  errors: ["InvalidInput"],
} as const;

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
  errors: ["DuplicateRequest", "InvalidInput", "NamespaceNotFound", "ResourceInUse"],
} as const;

export const DeleteNamespace = {
  kind: "operation",
  description: "Deletes a namespace that has no services.",
  input: { type: "object", properties: { Id: Arn }, required: ["Id"] },
  output: OperationStarted,
  errors: ["DuplicateRequest", "InvalidInput", "NamespaceNotFound", "ResourceInUse"],
} as const;
