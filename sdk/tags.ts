// The tags that a resource has in all: its own, and those of `cloudmap:defaultTags`.
import * as pulumi from "@pulumi/pulumi";
import { eitherOf } from "./known.ts";

type Tags = { readonly [key: string]: string };
type Tagged = pulumi.Resource & { readonly tagsAll: pulumi.Output<Tags> };

/** Where there are none the state says nothing of them, and what it does not say is unknown to Pulumi in a preview. */
export function allTags(
  resource: Tagged,
  own: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined,
): pulumi.Output<Tags> {
  const told = pulumi.output(resource.tagsAll).apply((tags): Tags => tags ?? {});
  const bare = pulumi
    .all([own, resource.urn])
    .apply(([tags]) => (Object.keys(tags ?? {}).length === 0 ? pulumi.output<Tags>({}) : told));
  return eitherOf(told, bare, (tags) => tags);
}
