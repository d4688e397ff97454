// The JSON that `--json` prints of a preview or an update.

import type { OperationEvent } from "../deploy/event.ts";
import type { Step } from "../deploy/step.ts";
import { plainOutputs } from "../display/outputs.ts";
import type { Resource } from "../state/resource.ts";

export interface Digest {
  readonly steps: readonly object[];
  readonly diagnostics: readonly object[];
  readonly duration: number;
  readonly changeSummary: Readonly<Record<string, number>>;
}

export function digestOf(events: readonly OperationEvent[]): Digest {
  const ended = new Set(events.flatMap((event) => (event.kind === "ended" ? [event.step] : [])));
  const summary = events.flatMap((event) => (event.kind === "summary" ? [event.summary] : [])).at(-1);
  return {
    steps: [...ended].map(stepOf),
    diagnostics: events.flatMap(diagnosticsOf),
    duration: Math.round((summary?.seconds ?? 0) * 1e9),
    changeSummary: { ...summary?.changes },
  };
}

function stepOf({ op, found, urn, old, new: next, diff }: Step): object {
  return {
    op: op === "refresh" ? (found ?? op) : op,
    urn,
    ...(old === undefined ? {} : { oldState: stateOf(old) }),
    ...(next === undefined ? {} : { newState: stateOf(next) }),
    ...(diff === undefined ? {} : { diffReasons: diff.changedKeys, replaceReasons: diff.replaceKeys }),
  };
}

function stateOf({ inputs = {}, outputs = {}, ...rest }: Resource): object {
  return { ...rest, inputs: plainOutputs(inputs, false), outputs: plainOutputs(outputs, false) };
}

function diagnosticsOf(event: OperationEvent): object[] {
  if (event.kind === "failed") return [{ urn: event.step.urn, message: event.message, severity: "error" }];
  return event.kind === "diagnostic" && event.diagnostic.severity !== "debug" ? [event.diagnostic] : [];
}
