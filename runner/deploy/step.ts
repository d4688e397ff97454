// One step of a deployment: what happens to one resource.

import type { Diff } from "../provider/provider.ts";
import type { Resource } from "../state/resource.ts";
import type { Answer } from "./goal.ts";

// The CLI's own names (pkg/display/step_op.go).
export type Op =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "discard"
  | "discard-replaced"
  | "refresh"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

export interface Step {
  readonly op: Op;
  readonly urn: string;
  readonly old?: Resource | undefined;
  /** What the resource becomes; what it is while it is deleted is `old`. */
  new?: Resource | undefined;
  readonly diff?: Diff | undefined;
  /** The properties that a replacement is due to. */
  readonly keys?: readonly string[] | undefined;
  readonly answer?: Answer | undefined;
  readonly ignoreChanges?: readonly string[];
  /** The old resource is marked for deletion at the end once the new one is there. */
  readonly pendingDelete?: boolean;
  /** A delete before its replacement: the resource stays in the state until that is made. */
  readonly pendingReplacement?: boolean;
  /** A create that a target run left out: the program is answered, nothing is written. */
  readonly skippedCreate?: boolean;
  readonly untargeted?: boolean;
  /** An import that no program asks for: the inputs to take, or none for all. */
  readonly planned?: readonly string[];
  /** What a refresh found to be different. */
  found?: Op;
}

/** Steps that a person thinks of as one change; the others are parts of a replacement. */
export function isLogical({ op, old }: Step): boolean {
  switch (op) {
    case "create-replacement":
    case "delete-replaced":
    case "discard-replaced":
    case "read-replacement":
    case "import-replacement":
    case "remove-pending-replace":
      return false;
    case "refresh":
      return false;
    case "discard":
      return old?.delete !== true;
    default:
      return true;
  }
}

export function subjectOf(step: Step): Resource {
  const subject = step.new ?? step.old;
  if (subject === undefined) throw new Error(`a step of ${step.urn} has neither an old nor a new state`);
  return subject;
}
