// How what an operation did and what was there before become one list of resources.

import { dependenciesOf, type Resource } from "./resource.ts";
import { formatReference, parseReference } from "./urn.ts";

/** What the operation wrote comes first, in the order of completion; then what it did not touch, as it was. */
export function merge<T extends Resource>(base: readonly T[], added: readonly T[], gone: ReadonlySet<T>): T[] {
  return [...added, ...base].filter((resource) => !gone.has(resource));
}

/** Points references to a resource's former URNs at its present one, in copies; then the former ones are forgotten. */
export function renameReferences<T extends Resource>(resources: readonly T[]): T[] {
  const names = new Map<string, string>();
  for (const { urn, aliases = [] } of resources) for (const alias of aliases) names.set(alias, urn);
  if (names.size === 0) return [...resources];
  const rename = (urn: string): string => names.get(urn) ?? urn;
  return resources.map((resource) => ({ ...renamed(resource, rename), aliases: undefined }));
}

function renamed<T extends Resource>(resource: T, rename: (urn: string) => string): T {
  const copy = { ...resource };
  if (copy.parent) copy.parent = rename(copy.parent);
  if (copy.dependencies) copy.dependencies = copy.dependencies.map(rename);
  if (copy.deletedWith) copy.deletedWith = rename(copy.deletedWith);
  if (copy.replaceWith) copy.replaceWith = copy.replaceWith.map(rename);
  if (copy.propertyDependencies) {
    const entries = Object.entries(copy.propertyDependencies).map(([key, urns]) => [key, urns.map(rename)] as const);
    copy.propertyDependencies = Object.fromEntries(entries);
  }
  if (copy.provider) {
    const { urn, id } = parseReference(copy.provider);
    copy.provider = formatReference({ urn: rename(urn), id });
  }
  return copy;
}

/**
 * Puts what is needed before what needs it, and otherwise keeps the order. A resource that a target run left as it
 * was may have been written before one that it depends on, which was updated meanwhile; the CLI repairs that too.
 */
export function sortByNeed<T extends Resource>(resources: readonly T[]): T[] {
  const byUrn = new Map<string, T>();
  for (const resource of resources) if (!resource.delete || !byUrn.has(resource.urn)) byUrn.set(resource.urn, resource);
  const placed = new Set<T>();
  const stack: { readonly resource: T; opened: boolean }[] = resources
    .toReversed()
    .map((resource) => ({ resource, opened: false }));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { resource, opened } = top;
    if (placed.has(resource) || opened) {
      stack.pop();
      placed.add(resource);
      continue;
    }
    top.opened = true;
    for (const { urn } of dependenciesOf(resource)) {
      const needed = byUrn.get(urn);
      if (needed !== undefined && !placed.has(needed)) stack.push({ resource: needed, opened: false });
    }
  }
  return [...placed];
}
