/** Tags: what their operations do; namespaces and services carry them. */
import { CloudMapError } from "../api/errors.ts";
import type { Told } from "../api/extensions.ts";
import type { Input, OperationName, Output } from "../api/operations.ts";
import { tagProblems, tooManyTags } from "../api/rules.ts";
import { maxTags, type Tag } from "../api/tags.ts";
import { ownerOf, referenceOf } from "./account.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import { invalidInput } from "./invalid.ts";
import { type Key, namespaceKey, type Owned, serviceKey } from "./records.ts";
import type { Registry } from "./registry.ts";

interface Tagged extends Owned {
  readonly Tags: readonly Tag[];
}

/** Refuses tags that a resource cannot have. */
export function checkTags(tags: readonly Tag[], resource: string): void {
  const problems = tagProblems(tags);
  if (problems.length > 0)
    throw invalidInput(problems.map((problem) => ({ ...problem, path: ["Tags", ...problem.path] })));
  if (tooManyTags(tags.length)) {
    throw new CloudMapError(
      "TooManyTagsException",
      `${resource} would have ${tags.length} tags; at most ${maxTags} are allowed.`,
      {
        ResourceName: resource,
      },
    );
  }
}

export function tagResource(
  draft: Draft,
  { ResourceARN, Tags }: Input<"TagResource">,
  context: Context,
): Output<"TagResource"> {
  const key = keyOf(ResourceARN, context);
  const record = guardTagged(draft, key, ResourceARN, context);
  const given = new Set(Tags.map(({ Key }) => Key));
  const merged = [...record.Tags.filter(({ Key }) => !given.has(Key)), ...Tags];
  checkTags(Tags, ResourceARN);
  checkTags(merged, ResourceARN);
  draft.put(key, { ...record, Tags: merged });
  return {};
}

export function untagResource(
  draft: Draft,
  { ResourceARN, TagKeys }: Input<"UntagResource">,
  context: Context,
): Output<"UntagResource"> {
  const key = keyOf(ResourceARN, context);
  const record = guardTagged(draft, key, ResourceARN, context);
  draft.put(key, { ...record, Tags: record.Tags.filter(({ Key }) => !TagKeys.includes(Key)) });
  return {};
}

export function listTagsForResource(
  registry: Registry,
  { ResourceARN }: Input<"ListTagsForResource">,
  context: Context,
): Output<"ListTagsForResource"> {
  const record = registry.get(keyOf(ResourceARN, context));
  if (record === undefined || ownerOf(record, context) !== context.account) throw notFound(ResourceARN);
  return { Tags: record.Tags };
}

/** Reads that tell namespaces or services. */
export const telling: ReadonlySet<OperationName> = new Set<OperationName>([
  "GetNamespace",
  "GetService",
  "ListNamespaces",
  "ListServices",
]);

/** An answer in which each namespace or service comes with its tags, as far as `tagsOf` tells them. */
export function withTags<T>(output: T, tagsOf: (arn: string) => readonly Tag[] | undefined): T {
  const tell = (one: Told): Told => {
    const Tags = one.Arn === undefined ? undefined : tagsOf(one.Arn);
    return Tags === undefined ? one : { ...one, Tags };
  };
  const members = Object.entries(output ?? {}).map(([name, value]) => [name, tellIn(value, tell)]);
  return Object.fromEntries(members) as T; // with nothing but tags more
}

function tellIn(value: unknown, tell: (one: Told) => Told): unknown {
  if (Array.isArray(value)) return value.map(tell);
  return typeof value === "object" && value !== null ? tell(value) : value;
}

/** Tags are their owner's: those with whom a namespace is shared neither see nor change them. */
function guardTagged(draft: Draft, key: Key<Tagged>, arn: string, context: Context): Tagged {
  const record = draft.guard(key);
  if (record === undefined || ownerOf(record, context) !== context.account) throw notFound(arn);
  return record;
}

function keyOf(arn: string, context: Context): Key<Tagged> {
  const [namespace, service] = [referenceOf(context, "namespace", arn), referenceOf(context, "service", arn)];
  if (namespace.id !== arn && namespace.account === context.account) return namespaceKey(namespace.id);
  if (service.id !== arn && service.account === context.account) return serviceKey(service.id);
  if (arn.startsWith("arn:")) throw notFound(arn);
  throw new CloudMapError("InvalidInput", `ResourceARN must be the ARN of a namespace or a service, and is ${arn}.`);
}

function notFound(arn: string): CloudMapError {
  return new CloudMapError("ResourceNotFoundException", `No resource ${arn} exists.`);
}
