// A stack under another name: its URNs say the stack's name, and so does the name of its root resource.

import type { RawResource } from "./deployment.ts";
import { formatReference, isStackUrn, makeUrn, parseReference, parseUrn, stackType } from "./urn.ts";

export function renameStack(resources: readonly RawResource[], project: string, stack: string): RawResource[] {
  const rename = (urn: string): string => {
    if (isStackUrn(urn)) return makeUrn(stack, project, "", stackType, `${project}-${stack}`);
    const { parentType, type, name } = parseUrn(urn);
    return makeUrn(stack, project, parentType, type, name);
  };
  return resources.map((resource) => renamed(resource, rename));
}

function renamed(resource: RawResource, rename: (urn: string) => string): RawResource {
  const { parent, provider, deletedWith, dependencies, replaceWith, propertyDependencies } = resource;
  const reference = provider && parseReference(provider);
  return {
    ...resource,
    urn: rename(resource.urn),
    ...(parent ? { parent: rename(parent) } : {}),
    ...(deletedWith ? { deletedWith: rename(deletedWith) } : {}),
    ...(reference ? { provider: formatReference({ urn: rename(reference.urn), id: reference.id }) } : {}),
    ...(dependencies ? { dependencies: dependencies.map(rename) } : {}),
    ...(replaceWith ? { replaceWith: replaceWith.map(rename) } : {}),
    ...(propertyDependencies
      ? {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([key, urns]) => [key, urns.map(rename)]),
          ),
        }
      : {}),
  };
}
