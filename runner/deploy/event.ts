// What happens in an operation, for those who show or record it.

import { isProviderType, nameOf, typeOf } from "../state/urn.ts";
import type { Diagnostic, Severity } from "./plan.ts";
import type { Op, Step } from "./step.ts";
import { isLogical } from "./step.ts";

export type Changes = Readonly<Partial<Record<Op, number>>>;

export type OperationEvent =
  | { readonly kind: "prelude"; readonly config: Readonly<Record<string, string>> }
  | { readonly kind: "started"; readonly step: Step }
  /** A component ends twice: when it is registered, and when its program has given its outputs. */
  | { readonly kind: "ended"; readonly step: Step; readonly byOutputs?: true }
  | { readonly kind: "failed"; readonly step: Step; readonly message: string }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic; readonly stream?: "program" | "status" | undefined }
  | { readonly kind: "summary"; readonly summary: Summary };

export interface Summary {
  readonly preview: boolean;
  readonly result: "succeeded" | "failed";
  readonly seconds: number;
  readonly changes: Changes;
}

export type Emit = (event: OperationEvent) => void;

export function diagnosticEvent(severity: Severity, urn: string, message: string): OperationEvent {
  return { kind: "diagnostic", diagnostic: { severity, urn, message } };
}

/** Default providers are the engine's own affair: they are neither shown nor counted. */
export function isHidden({ urn }: Pick<Step, "urn">): boolean {
  return isProviderType(typeOf(urn)) && /^default(_|$)/.test(nameOf(urn));
}

export class Counter {
  readonly #counts = new Map<Op, number>();

  count(step: Step): void {
    if (isHidden(step) || step.skippedCreate) return;
    const op = step.op === "refresh" ? step.found : isLogical(step) ? step.op : undefined;
    if (op !== undefined) this.#counts.set(op, (this.#counts.get(op) ?? 0) + 1);
  }

  get changes(): Changes {
    return Object.fromEntries(this.#counts);
  }
}

const unchanging: ReadonlySet<string> = new Set<Op>(["same", "read", "discard", "read-replacement"]);

export function hasChanges(changes: Changes): boolean {
  return Object.entries(changes).some(([op, count]) => count > 0 && !unchanging.has(op));
}
