// What others can do to the tags of any kind that has them, and the switch that no registry knows.
import type { Drifts, Never, Target } from "./table.ts";

const declares = { tags: { team: "web", stage: "prod" } };

const tag =
  (Key: string, Value: string) =>
  ({ arn, call }: Target) =>
    call("TagResource", { ResourceARN: arn, Tags: [{ Key, Value }] });

export const tags: Drifts = [
  { others: "change one", declares, meddle: tag("team", "them"), refresh: "update tags.team tagsAll.team" },
  {
    others: "remove one",
    declares,
    meddle: ({ arn, call }) => call("UntagResource", { ResourceARN: arn, TagKeys: ["team"] }),
    refresh: "update tags.team tagsAll.team",
  },
  {
    others: "remove all",
    declares,
    meddle: ({ arn, call }) => call("UntagResource", { ResourceARN: arn, TagKeys: ["team", "stage"] }),
    refresh: "update tags.stage tags.team tagsAll",
  },
  { others: "add one", declares, meddle: tag("new", "theirs"), refresh: "update tags.new tagsAll.new" },
  { others: "add one where the program has none", meddle: tag("new", "theirs"), refresh: "update tags tagsAll" },
];

export const forceDestroy: Never = { never: "only the state knows it" };
export const adopt: Never = { never: "it matters only when the resource is made" };
