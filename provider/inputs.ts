// What the kinds' inputs have in common: the schema a program is checked by, names that are filled in, tags, switches.

import type { Told } from "../api/extensions.ts";
import { tagProblems, tooManyTags } from "../api/rules.ts";
import type { Schema, StructureSchema } from "../api/schema.ts";
import { maxTags, TagKey, TagList, TagValue } from "../api/tags.ts";
import { isRecord, type Props, toProgram } from "./casing.ts";
import { defined, type PropertyRules } from "./difference.ts";
import type { CheckFailure, Kind } from "./kind.ts";
import { toTagList } from "./tags.ts";
import { hasUnknown, unknown } from "./unknown.ts";

/** The input of a create as a program gives it: tags are a map, and request tokens are the provider's own business. */
export function programSchema(input: StructureSchema): StructureSchema {
  const { CreatorRequestId: _, ...members } = input.properties;
  const properties: Record<string, Schema> = { ...members };
  if (members.Tags !== undefined) {
    const { description } = TagList;
    properties.Tags = { type: "object", propertyNames: TagKey, additionalProperties: TagValue, description };
  }
  return { ...input, properties };
}

/** What was read, in a program's form; but for the tags, of which some are the defaults' (tags.ts). */
export function programProps(schema: StructureSchema, { Tags: _, ...found }: Told): Props {
  return toProgram(schema, found) as Props; // a structure's value makes a structure
}

/** The inputs with a name: the program's, else the one it has, else the one made for it. */
export function namedInputs(property: string, news: Props, olds: Props, autoName: string | undefined): Props {
  const name = news[property] ?? olds[property] ?? autoName;
  return defined({ ...news, [property]: name });
}

/** Of checked inputs those that are the kind's, without what the host adds. */
export function ownInputs(inputs: Props, rules: PropertyRules): Props {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => Object.hasOwn(rules, name)));
}

/** What was read, as a program gives it: what is computed where the program gives none is taken for computed. */
export function programInputs(props: Props, { properties }: Kind): Props {
  const isInput = ([name]: [string, unknown]) => {
    if (!Object.hasOwn(properties, name)) return false;
    const { computed, given } = properties[name] ?? {};
    return computed !== true || given?.(props) === true;
  };
  return Object.fromEntries(Object.entries(props).filter(isInput));
}

/** Rules for tags that no schema can say. */
export function tagFailures(tagsAll: unknown): CheckFailure[] {
  if (!isRecord(tagsAll)) return [];
  const list = toTagList(tagsAll);
  const failures = tagProblems(list).map(({ path, reason }) => {
    const key = list[Number(path[0])]?.Key ?? "";
    return { property: `tags[${JSON.stringify(key)}]`, reason: `tags: ${reason}. Choose another key.` };
  });
  if (hasUnknown(tagsAll) || !tooManyTags(list.length)) return failures;
  const reason = `tags must be at most ${maxTags} together with cloudmap:defaultTags, and are ${list.length}. Leave some out.`;
  return [...failures, { property: "tags", reason }];
}

/** Switches that the API does not know: they are true or false. */
export function stateOnlyFailures(switches: Props): CheckFailure[] {
  return Object.entries(switches)
    .filter(([, value]) => value !== undefined && value !== unknown && typeof value !== "boolean")
    .map(([name]) => ({ property: name, reason: `${name} must be true or false.` }));
}
