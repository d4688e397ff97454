// Tags: a map in a program, a list of keys and values on the wire; the default tags of the provider under each resource's own.
import type { Told } from "../api/extensions.ts";
import type { Tag } from "../api/tags.ts";
import { isRecord, type Props } from "./casing.ts";
import type { Client } from "./client.ts";
import { unknown } from "./unknown.ts";

export type TagMap = Readonly<Record<string, string>>;

/** The inputs with `tagsAll`: what the resource will have in all, known before anything is made. */
export function withAllTags(inputs: Props, defaults: TagMap): Props {
  const { tagsAll: _, ...rest } = inputs;
  const { tags } = rest;
  if (tags === unknown) return { ...rest, tagsAll: unknown };
  if (tags !== undefined && !isRecord(tags)) return rest; // refused by the check
  const all = { ...defaults, ...tags };
  return Object.keys(all).length === 0 ? rest : { ...rest, tagsAll: all };
}

/** What is on the wire for a map that the check has passed. */
export function toTagList(tags: unknown): readonly Tag[] {
  return isRecord(tags) ? Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value as string })) : [];
}

/** The resource's tags but for AWS's own, which nobody can set: asked for where they were not told with it. */
export async function readTags(client: Client, { Arn = "", Tags: told }: Told): Promise<TagMap> {
  const { Tags = [] } = told ? { Tags: told } : await client.call("ListTagsForResource", { ResourceARN: Arn });
  const own = Tags.filter(({ Key }) => !Key.toLowerCase().startsWith("aws:"));
  return Object.fromEntries(own.map(({ Key, Value }) => [Key, Value]));
}

/** The `tags` and `tagsAll` of what was read: what the defaults bring is not counted as the resource's own. */
export function tagProps(all: TagMap, olds: Props, defaults: TagMap): Props {
  const own = isRecord(olds.tags) ? olds.tags : {};
  const isOwn = ([key, value]: [string, string]) =>
    Object.hasOwn(own, key) || !Object.hasOwn(defaults, key) || defaults[key] !== value;
  const tags = Object.fromEntries(Object.entries(all).filter(isOwn));
  return {
    ...((Object.keys(tags).length > 0 || isRecord(olds.tags)) && { tags }),
    ...(Object.keys(all).length > 0 && { tagsAll: all }),
  };
}

/** Adds, changes and removes what differs; nothing where nothing does. */
export async function updateTags(
  client: Client,
  arn: string,
  olds: Props,
  news: Props,
  signal: AbortSignal,
): Promise<void> {
  const before = isRecord(olds.tagsAll) ? olds.tagsAll : {};
  const after = isRecord(news.tagsAll) ? news.tagsAll : {};
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  if (gone.length > 0) await client.call("UntagResource", { ResourceARN: arn, TagKeys: gone }, { signal });
  if (set.length > 0) {
    await client.call("TagResource", { ResourceARN: arn, Tags: toTagList(Object.fromEntries(set)) }, { signal });
  }
}
