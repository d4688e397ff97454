// A provider as the engine sees it: Pulumi's ResourceProvider calls on property maps.

import type { Properties } from "../value/value.ts";

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface PropertyDifference {
  readonly kind: DiffKind;
  readonly inputDiff: boolean;
}

export interface Diff {
  readonly changes: "none" | "some" | "unknown";
  readonly replaceKeys: readonly string[];
  readonly stableKeys: readonly string[];
  readonly changedKeys: readonly string[];
  readonly detailed: ReadonlyMap<string, PropertyDifference> | undefined;
  readonly deleteBeforeReplace: boolean;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckRequest {
  readonly urn: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly allowUnknowns: boolean;
}

export interface Checked {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface DiffRequest {
  readonly urn: string;
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly newInputs: Properties;
  readonly allowUnknowns: boolean;
  readonly ignoreChanges: readonly string[];
}

export interface CreateRequest {
  readonly urn: string;
  readonly inputs: Properties;
  readonly timeout: number;
  readonly preview: boolean;
}

export interface UpdateRequest {
  readonly urn: string;
  readonly id: string;
  readonly oldInputs: Properties;
  readonly oldOutputs: Properties;
  readonly newInputs: Properties;
  readonly timeout: number;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
}

export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: Properties | undefined;
  readonly state: Properties;
  readonly timeout: number;
}

export interface DeleteRequest {
  readonly urn: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  readonly timeout: number;
}

/** Where the resource exists but is not well, `failed` says why: it goes into the state with its reasons. */
export interface Made {
  readonly id: string;
  readonly outputs: Properties;
  readonly failed?: InitFailure | undefined;
}

export interface InitFailure {
  readonly reasons: readonly string[];
}

/** A blank id: there is no such resource. */
export interface ReadResult {
  readonly id: string;
  readonly outputs: Properties | undefined;
  readonly inputs: Properties | undefined;
  readonly failed?: InitFailure | undefined;
}

export interface Invoked {
  readonly outputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface Provider {
  check(request: CheckRequest): Promise<Checked>;
  diff(request: DiffRequest): Promise<Diff>;
  create(request: CreateRequest): Promise<Made>;
  read(request: ReadRequest): Promise<ReadResult>;
  update(request: UpdateRequest): Promise<Made>;
  delete(request: DeleteRequest): Promise<void>;
}

export const noDiff: Diff = {
  changes: "none",
  replaceKeys: [],
  stableKeys: [],
  changedKeys: [],
  detailed: undefined,
  deleteBeforeReplace: false,
};

export function replaces(diff: Diff): boolean {
  const details = [...(diff.detailed?.values() ?? [])];
  return diff.replaceKeys.length > 0 || details.some(({ kind }) => kind.endsWith("-replace"));
}

/** Thrown by a diff that cannot be made in a preview; the resource is taken to be updated. */
export class DiffUnavailable extends Error {}
