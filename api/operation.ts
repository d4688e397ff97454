/** Operations: the records that follow an asynchronous change to its end; and the paging that all lists share. */
import type { Schema, Static } from "./schema.ts";

export const OperationId = {
  type: "string",
  maxLength: 255,
  description: "The id of the operation, to ask GetOperation about.",
} as const satisfies Schema;

export const OperationType = {
  type: "string",
  enum: [
    "CREATE_NAMESPACE",
    "DELETE_NAMESPACE",
    "UPDATE_NAMESPACE",
    "UPDATE_SERVICE",
    "REGISTER_INSTANCE",
    "DEREGISTER_INSTANCE",
  ],
} as const satisfies Schema;
export type OperationType = Static<typeof OperationType>;

export const OperationStatus = { type: "string", enum: ["SUBMITTED", "PENDING", "SUCCESS", "FAIL"] } as const;
export type OperationStatus = Static<typeof OperationStatus>;

/** AccountId, ids, ARNs, time: shapes that every noun uses. */
export const AWSAccountId = {
  type: "string",
  minLength: 12,
  maxLength: 12,
  description: "An account number.",
} as const;
export const Arn = { type: "string", maxLength: 255, description: "The id or the ARN of the resource." } as const;
export const ResourceId = { type: "string", maxLength: 64 } as const;
export const RecordTTL = {
  type: "integer",
  minimum: 0,
  maximum: 2147483647,
  description: "Seconds that resolvers keep the record, 0 to 2147483647.",
} as const;
export const ResourceCount = { type: "integer" } as const;
export const Timestamp = {
  type: "number",
  description: "Seconds since 1970, with milliseconds as a fraction.",
} as const;
export const ResourceDescription = {
  type: "string",
  maxLength: 1024,
  description: "A description for people, at most 1,024 characters.",
} as const;
export const CreatorRequestId = {
  type: "string",
  maxLength: 64,
  description: "A token that makes the request safe to send again: the same token with the same input runs once.",
} as const;

export const NextToken = {
  type: "string",
  maxLength: 4096,
  description: "Where the next page begins: the NextToken of the page before.",
} as const satisfies Schema;
export const MaxResults = {
  type: "integer",
  minimum: 1,
  maximum: 100,
  description: "The most entries of one page, 1 to 100; 100 by default.",
} as const satisfies Schema;

/** The input of a list that takes filters of these names. */
export function listedBy<const Names extends readonly string[]>(names: Names) {
  const filter = {
    type: "object",
    properties: {
      Name: { type: "string", enum: names },
      Values: { type: "array", items: { type: "string", minLength: 1, maxLength: 255 } },
      Condition: { type: "string", enum: ["EQ", "IN", "BETWEEN", "BEGINS_WITH"] },
    },
    required: ["Name", "Values"],
  } as const satisfies Schema;
  return {
    type: "object",
    properties: { NextToken, MaxResults, Filters: { type: "array", items: filter } },
  } as const satisfies Schema;
}

export const Operation = {
  type: "object",
  properties: {
    Id: OperationId,
    OwnerAccount: AWSAccountId,
    Type: OperationType,
    Status: OperationStatus,
    ErrorMessage: { type: "string", description: "Why it failed, for people." },
    ErrorCode: { type: "string", description: "Why it failed: ACCESS_DENIED, INTERNAL_FAILURE …" },
    CreateDate: Timestamp,
    UpdateDate: Timestamp,
    Targets: {
      type: "object",
      propertyNames: { type: "string", enum: ["NAMESPACE", "SERVICE", "INSTANCE"] },
      additionalProperties: ResourceId,
      description: "What the operation changes.",
    },
  },
} as const satisfies Schema;
export type Operation = Static<typeof Operation>;

/** The output of every operation that goes on after its answer. */
export const OperationStarted = { type: "object", properties: { OperationId } } as const satisfies Schema;

export const GetOperation = {
  kind: "read",
  description: "Answers how far an operation is.",
  input: { type: "object", properties: { OperationId, OwnerAccount: AWSAccountId }, required: ["OperationId"] },
  output: { type: "object", properties: { Operation } },
  errors: ["InvalidInput", "OperationNotFound"],
} as const;

export const ListOperations = {
  kind: "read",
  description: "Lists operations, newest first, a page at a time; filters apply to each page after it is taken.",
  input: listedBy(["NAMESPACE_ID", "SERVICE_ID", "STATUS", "TYPE", "UPDATE_DATE"]),
  output: {
    type: "object",
    properties: {
      Operations: {
        type: "array",
        items: { type: "object", properties: { Id: OperationId, Status: OperationStatus } },
      },
      NextToken,
    },
  },
  errors: ["InvalidInput"],
} as const;
