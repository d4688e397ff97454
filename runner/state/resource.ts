// One resource of a stack's state: Pulumi's ResourceV3 with its secrets in the open.

import type { Properties, Value } from "../value/value.ts";
import { parseReference } from "./urn.ts";

export interface Timeouts {
  readonly create?: number;
  readonly update?: number;
  readonly delete?: number;
  readonly read?: number;
}

type Dependencies = readonly string[];

/** Mutable where a step records what it did to a resource that is known elsewhere already. */
export interface Resource {
  urn: string;
  custom: boolean;
  delete?: boolean | undefined;
  id?: string | undefined;
  type: string;
  inputs?: Properties | undefined;
  outputs?: Properties | undefined;
  parent?: string | undefined;
  protect?: boolean | undefined;
  external?: boolean | undefined;
  dependencies?: Dependencies | undefined;
  initErrors?: readonly string[] | undefined;
  provider?: string | undefined;
  propertyDependencies?: Readonly<Record<string, Dependencies>> | undefined;
  pendingReplacement?: boolean | undefined;
  additionalSecretOutputs?: readonly string[] | undefined;
  aliases?: readonly string[] | undefined;
  customTimeouts?: Timeouts | undefined;
  importID?: string | undefined;
  retainOnDelete?: boolean | undefined;
  deletedWith?: string | undefined;
  replaceWith?: Dependencies | undefined;
  created?: string | undefined;
  modified?: string | undefined;
  sourcePosition?: string | undefined;
  stackTrace?: readonly unknown[] | undefined;
  ignoreChanges?: readonly string[] | undefined;
  hideDiff?: readonly unknown[] | undefined;
  replaceOnChanges?: readonly string[] | undefined;
  replacementTrigger?: Value | undefined;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading" | "importing";

export interface PendingOperation {
  readonly resource: Resource;
  readonly type: OperationType;
}

export interface Dependency {
  readonly urn: string;
  readonly kind: "parent" | "dependency" | "property" | "deletedWith" | "replaceWith" | "provider";
}

/** Everything that a resource needs to stand before it in the state. */
export function dependenciesOf(resource: Resource): Dependency[] {
  const found: Dependency[] = [];
  if (resource.parent) found.push({ urn: resource.parent, kind: "parent" });
  for (const urn of resource.dependencies ?? []) found.push({ urn, kind: "dependency" });
  for (const urns of Object.values(resource.propertyDependencies ?? {})) {
    for (const urn of urns) found.push({ urn, kind: "property" });
  }
  if (resource.deletedWith) found.push({ urn: resource.deletedWith, kind: "deletedWith" });
  for (const urn of resource.replaceWith ?? []) found.push({ urn, kind: "replaceWith" });
  if (resource.provider) found.push({ urn: parseReference(resource.provider).urn, kind: "provider" });
  return found;
}
