// The rules that every state keeps, and the CLI checks (pkg/resource/stack/snapshot/integrity.go).

import { Failure } from "../failure.ts";
import { dependenciesOf, type Resource } from "./resource.ts";
import { formatReference, isProviderType } from "./urn.ts";

/** The first broken rule, if any: everything that a resource needs stands before it, and URNs are unique. */
export function findFault(resources: readonly Resource[]): string | undefined {
  const seen = new Set<string>();
  const providers = new Set<string>();
  const alive = new Set<string>();
  for (const resource of resources) {
    const { urn } = resource;
    if (!resource.custom && resource.id) return `resource ${urn} is no custom resource but has an id`;
    if (isProviderType(resource.type)) providers.add(formatReference({ urn, id: resource.id ?? "" }));
    if (resource.provider && !providers.has(resource.provider) && !resource.pendingReplacement) {
      return `resource ${urn} refers to unknown provider ${resource.provider}`;
    }
    const missing = dependenciesOf(resource).find((needed) => needed.kind !== "provider" && !seen.has(needed.urn));
    if (missing !== undefined) return `resource ${urn} refers to missing ${missing.kind} ${missing.urn}`;
    if (!resource.delete && alive.has(urn)) return `duplicate resource ${urn} (not marked for deletion)`;
    if (!resource.delete) alive.add(urn);
    seen.add(urn);
  }
  return undefined;
}

export function refuseFaults(resources: readonly Resource[], where: string): void {
  const fault = findFault(resources);
  if (fault !== undefined) throw new Failure(`snapshot integrity failure in ${where}; refusing to use it: ${fault}`);
}
