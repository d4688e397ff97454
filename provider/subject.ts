// What a message calls a resource: its kind, and its name and id as far as they are known.
import type { Props } from "./casing.ts";
import type { Kind } from "./kind.ts";

/** "the service api (srv-…)" */
export function subjectOf(kind: Kind, props: Props, id: string | undefined): string {
  return `the ${kind.title} ${nameOf(props, id)}`;
}

function nameOf(props: Props, id: string | undefined): string {
  const name = props.name ?? props.instanceId;
  if (typeof name !== "string") return id ?? "(not named yet)";
  return id === undefined || id.endsWith(`/${name}`) ? name : `${name} (${id})`;
}
