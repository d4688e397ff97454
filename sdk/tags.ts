// The tags that a resource has in all: its own, and those of `cloudmap:defaultTags`.
import * as pulumi from "@pulumi/pulumi";
import { eitherOf } from "./known.ts";

type Tags = { readonly [key: string]: string };
type Own = pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
type Tagged = pulumi.Resource & { readonly tagsAll: pulumi.Output<Tags> };

const defaults = "cloudmap:defaultTags";

/**
 * All tags as an input, which the dynamic host makes anew: Pulumi keeps secret what it gives under the name of a secret
 * input. They are secret where the tags are, or the default tags in the stack's configuration.
 */
export function tagsAllOf(own: Own): Own {
  return isSecret(defaults) ? pulumi.secret(own ?? {}) : own;
}

/** It is in the SDK for its own use, and not in its types. */
function isSecret(key: string): boolean {
  const runtime: typeof pulumi.runtime & { isConfigSecret?: (key: string) => boolean } = pulumi.runtime;
  return runtime.isConfigSecret?.(key) === true;
}

/**
 * Where there are none the state says nothing of them, and what it does not say is unknown to Pulumi in a preview: it is
 * known all the same that there are none, unless the stack's configuration has some for all.
 */
export function allTags(resource: Tagged, own: Own): pulumi.Output<Tags> {
  const told = pulumi.output(resource.tagsAll).apply((tags): Tags => tags ?? {});
  if (pulumi.runtime.getConfig(defaults) !== undefined) return told;
  const bare = pulumi
    .all([own, resource.urn])
    .apply(([tags]) => (Object.keys(tags ?? {}).length === 0 ? pulumi.output<Tags>({}) : told));
  return eitherOf(told, bare, (tags) => tags);
}
