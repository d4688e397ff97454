/** Tags: key-value pairs on namespaces and services. */
import type { Schema, Static } from "./schema.ts";

/** "50 tags per resource": the most that one namespace or service can have. */
export const maxTags = 50;

export const TagKey = { type: "string", minLength: 1, maxLength: 128, description: "The key of a tag." } as const;
export const TagValue = {
  type: "string",
  minLength: 0,
  maxLength: 256,
  description: "The value of a tag; may be empty.",
} as const;

export const Tag = {
  type: "object",
  properties: { Key: TagKey, Value: TagValue },
  required: ["Key", "Value"],
} as const satisfies Schema;
export type Tag = Static<typeof Tag>;

export const TagList = {
  type: "array",
  items: Tag,
  minItems: 0,
  maxItems: 200,
  description: "The tags of the resource, at most 50.",
} as const satisfies Schema;

export const TagKeyList = {
  type: "array",
  items: TagKey,
  minItems: 0,
  maxItems: 200,
  description: "The keys of the tags to remove; keys that the resource does not have are passed over.",
} as const satisfies Schema;

export const AmazonResourceName = {
  type: "string",
  minLength: 1,
  maxLength: 1011,
  description: "The ARN of a namespace or a service.",
} as const satisfies Schema;

const errors = ["InvalidInput", "ResourceNotFoundException"] as const;

export const TagResource = {
  kind: "write",
  description: "Adds tags to a namespace or a service; a key that is there gets the new value.",
  input: {
    type: "object",
    properties: { ResourceARN: AmazonResourceName, Tags: TagList },
    required: ["ResourceARN", "Tags"],
  },
  output: { type: "object", properties: {} },
  errors: [...errors, "TooManyTagsException"],
} as const;

export const UntagResource = {
  kind: "write",
  description: "Removes tags from a namespace or a service.",
  input: {
    type: "object",
    properties: { ResourceARN: AmazonResourceName, TagKeys: TagKeyList },
    required: ["ResourceARN", "TagKeys"],
  },
  output: { type: "object", properties: {} },
  errors,
} as const;

export const ListTagsForResource = {
  kind: "read",
  description: "Lists the tags of a namespace or a service.",
  input: { type: "object", properties: { ResourceARN: AmazonResourceName }, required: ["ResourceARN"] },
  output: { type: "object", properties: { Tags: TagList } },
  errors,
} as const;
