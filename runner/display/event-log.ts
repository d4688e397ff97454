// The engine events of an operation, one JSON object a line, as the Automation API reads them (`--event-log`).

import { appendFileSync } from "node:fs";
import type { OperationEvent } from "../deploy/event.ts";
import { isLogical, type Step } from "../deploy/step.ts";
import { notSupported } from "../failure.ts";
import type { Resource } from "../state/resource.ts";
import { plainOutputs } from "./outputs.ts";

export class EventLog {
  readonly #file: string;
  #sequence = 0;

  constructor(file: string) {
    if (/^\w+:\/\//.test(file)) throw notSupported(`the event log ${file}`, "it writes event logs to files");
    this.#file = file;
  }

  readonly write = (event: OperationEvent, preview: boolean): void => {
    const payload = payloadOf(event, preview);
    if (payload !== undefined) this.#append(payload);
  };

  /** The last event of every operation, well or not: readers stop there. */
  close(): void {
    this.#append({ cancelEvent: {} });
  }

  #append(payload: object): void {
    const head = { sequence: this.#sequence++, timestamp: Math.floor(Date.now() / 1000) };
    appendFileSync(this.#file, `${JSON.stringify({ ...head, ...payload })}\n`);
  }
}

function payloadOf(event: OperationEvent, planning: boolean): object | undefined {
  switch (event.kind) {
    case "prelude":
      return { preludeEvent: { config: event.config } };
    case "started":
      return { resourcePreEvent: { metadata: metadataOf(event.step), planning } };
    case "ended":
      if (event.step.new?.custom === false && event.byOutputs !== true) return undefined; // its outputs are yet to come
      return { resOutputsEvent: { metadata: metadataOf(event.step), planning } };
    case "failed":
      return { resOpFailedEvent: { metadata: metadataOf(event.step), status: 0, steps: 0 } };
    case "summary":
      return {
        summaryEvent: {
          maybeCorrupt: false,
          durationSeconds: Math.round(event.summary.seconds),
          resourceChanges: event.summary.changes,
          PolicyPacks: {},
          isPreview: event.summary.preview,
          result: event.summary.result,
        },
      };
    default: {
      const { severity, urn, message } = event.diagnostic;
      const text = { prefix: `${severity}: `, message: `${message}\n`, color: "raw", severity };
      return { diagnosticEvent: { ...(urn === "" ? {} : { urn }), ...text, ephemeral: event.stream === "status" } };
    }
  }
}

function metadataOf(step: Step): object {
  const { op, urn, old, new: next, diff, keys, found } = step;
  const subject = next ?? old;
  return {
    op: op === "refresh" ? (found ?? op) : op,
    urn,
    type: subject?.type ?? "",
    ...(old === undefined ? {} : { old: stateOf(old) }),
    ...(next === undefined ? {} : { new: stateOf(next) }),
    ...(keys === undefined ? {} : { keys }),
    ...(diff === undefined ? {} : { diffs: diff.changedKeys, detailedDiff: detailedOf(step) }),
    logical: isLogical(step),
    provider: subject?.provider ?? "",
  };
}

function detailedOf({ diff }: Step): object | undefined {
  if (diff?.detailed === undefined) return undefined;
  return Object.fromEntries(
    [...diff.detailed].map(([path, { kind, inputDiff }]) => [path, { diffKind: kind, inputDiff }]),
  );
}

function stateOf(resource: Resource): object {
  const { type, urn, custom, id = "", parent = "", provider = "", initErrors, inputs = {}, outputs = {} } = resource;
  return {
    type,
    urn,
    custom,
    ...(resource.delete ? { delete: true } : {}),
    id,
    parent,
    ...(resource.protect ? { protect: true } : {}),
    ...(resource.retainOnDelete ? { retainOnDelete: true } : {}),
    inputs: plainOutputs(inputs, false),
    outputs: plainOutputs(outputs, false),
    provider,
    ...(initErrors === undefined || initErrors.length === 0 ? {} : { initErrors }),
  };
}
