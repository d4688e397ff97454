// Shows an operation to people, line by line, as it goes.

import type { Changes, OperationEvent, Summary } from "../deploy/event.ts";
import type { Diagnostic } from "../deploy/plan.ts";
import type { Op, Step } from "../deploy/step.ts";
import { nameOf, typeOf } from "../state/urn.ts";
import { changesOf, fullLines, inline, inputLines } from "./change.ts";
import { type Colour, duration, indent, type Paint, printable } from "./text.ts";

interface Wording {
  readonly sign: string;
  readonly colour: Colour | undefined;
  readonly doing: string;
  readonly done: string;
  readonly toDo: string;
}

const wordings: Readonly<Record<Op, Wording>> = {
  same: { sign: "  ", colour: undefined, doing: "keeping", done: "unchanged", toDo: "unchanged" },
  create: { sign: "+ ", colour: "green", doing: "creating", done: "created", toDo: "to create" },
  update: { sign: "~ ", colour: "yellow", doing: "updating", done: "updated", toDo: "to update" },
  delete: { sign: "- ", colour: "red", doing: "deleting", done: "deleted", toDo: "to delete" },
  replace: { sign: "+-", colour: "magenta", doing: "replacing", done: "replaced", toDo: "to replace" },
  "create-replacement": {
    sign: "++",
    colour: "green",
    doing: "creating replacement",
    done: "created replacement",
    toDo: "to create as replacement",
  },
  "delete-replaced": {
    sign: "--",
    colour: "red",
    doing: "deleting original",
    done: "deleted original",
    toDo: "original to delete",
  },
  read: { sign: "> ", colour: "cyan", doing: "reading", done: "read", toDo: "to read" },
  "read-replacement": {
    sign: ">>",
    colour: "cyan",
    doing: "reading for replacement",
    done: "read for replacement",
    toDo: "to read for replacement",
  },
  discard: { sign: "< ", colour: "cyan", doing: "discarding", done: "discarded", toDo: "to discard" },
  "discard-replaced": {
    sign: "<<",
    colour: "cyan",
    doing: "discarding original",
    done: "discarded original",
    toDo: "original to discard",
  },
  refresh: { sign: "~ ", colour: "yellow", doing: "refreshing", done: "refreshed", toDo: "to refresh" },
  "remove-pending-replace": { sign: "--", colour: "red", doing: "forgetting", done: "forgotten", toDo: "to forget" },
  import: { sign: "= ", colour: "green", doing: "importing", done: "imported", toDo: "to import" },
  "import-replacement": {
    sign: "=>",
    colour: "green",
    doing: "importing replacement",
    done: "imported replacement",
    toDo: "to import as replacement",
  },
};

export interface DisplayOptions {
  readonly write: (line: string) => void;
  readonly paint: Paint;
  readonly preview: boolean;
  readonly diff: boolean;
  readonly debug: boolean;
  readonly suppressProgress: boolean;
  readonly now: () => number;
}

// After this, what runs long is mentioned, and then as often again.
const patienceMs = 5000;

export class Display {
  readonly #options: DisplayOptions;
  readonly #running = new Map<Step, number>();
  readonly #diagnostics = new Map<string, Diagnostic[]>();
  readonly #done = new Set<Step>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    if (!options.suppressProgress) this.#timer = setInterval(() => this.#mention(), patienceMs).unref();
  }

  readonly show = (event: OperationEvent): void => {
    switch (event.kind) {
      case "started":
        this.#running.set(event.step, this.#options.now());
        break;
      case "ended":
        this.#ended(event.step);
        break;
      case "failed":
        this.#failed(event.step, event.message);
        break;
      case "diagnostic":
        this.#diagnose(event.diagnostic, event.stream);
        break;
      case "summary":
        this.#summarize(event.summary);
        break;
      default:
    }
  };

  close(): void {
    clearInterval(this.#timer);
  }

  #write(colour: Colour | undefined, text: string): void {
    this.#options.write(this.#options.paint(colour, text));
  }

  #ended(step: Step): void {
    // Components and the stack end twice: when they are registered and when their outputs are.
    if (this.#done.has(step)) return;
    this.#done.add(step);
    const seconds = this.#elapsed(step);
    this.#running.delete(step);
    const op = step.op === "refresh" ? (step.found ?? "same") : step.op;
    if (op === "same" || step.op === "replace" || step.skippedCreate) return;
    const { sign, colour, done, toDo } = wordings[op];
    const word = this.#options.preview ? toDo : done;
    const changes = changesOf(step);
    const time = this.#options.preview || seconds < 0.05 ? "" : ` (${seconds.toFixed(1)}s)`;
    this.#write(colour, ` ${sign} ${named(step.urn)} ${word}${time}${this.#options.diff ? "" : inline(changes)}`);
    if (!this.#options.diff) return;
    const lines = op === "create" || op === "create-replacement" ? inputLines(step.new?.inputs) : [];
    for (const line of changes.length > 0 ? fullLines(changes) : lines) this.#write(undefined, `        ${line}`);
  }

  #failed(step: Step, message: string): void {
    const seconds = this.#elapsed(step);
    this.#running.delete(step);
    const { doing } = wordings[step.op];
    this.#write("red", ` !  ${named(step.urn)} ${doing} failed (${seconds.toFixed(1)}s)`);
    this.#write("red", indent(`error: ${printable(message)}`, "      "));
    this.#keep({ severity: "error", urn: step.urn, message });
  }

  #elapsed(step: Step): number {
    const now = this.#options.now();
    return (now - (this.#running.get(step) ?? now)) / 1000;
  }

  #mention(): void {
    for (const [step, started] of this.#running) {
      const ms = this.#options.now() - started;
      if (ms < patienceMs * 0.8 || step.op === "same") continue;
      this.#write("grey", `    ${named(step.urn)} still ${wordings[step.op].doing} … ${duration(ms / 1000)}`);
    }
  }

  #diagnose(diagnostic: Diagnostic, stream: "program" | "status" | undefined): void {
    const { severity, urn, message } = diagnostic;
    if (severity === "debug" && !this.#options.debug) return;
    const text = printable(message.trimEnd());
    if (stream === "status") this.#write("grey", indent(`${named(urn)}: ${text}`, "    "));
    if (stream === "program") this.#options.write(indent(text, "    "));
    if (stream !== undefined) return;
    const colour = severity === "error" ? "red" : severity === "warning" ? "yellow" : undefined;
    const where = urn === "" ? "" : `${named(urn)}: `;
    this.#write(colour, indent(`${where}${severity === "info" ? "" : `${severity}: `}${text}`, "    "));
    if (severity === "error" || severity === "warning") this.#keep(diagnostic);
  }

  #keep(diagnostic: Diagnostic): void {
    const list = this.#diagnostics.get(diagnostic.urn) ?? [];
    list.push(diagnostic);
    this.#diagnostics.set(diagnostic.urn, list);
  }

  #summarize({ changes, seconds, preview, result }: Summary): void {
    this.#recall(result);
    this.#options.write("");
    this.#options.write("Resources:");
    for (const line of countLines(changes, preview)) this.#options.write(`    ${line}`);
    this.#options.write("");
    this.#options.write(`Duration: ${duration(seconds)}`);
  }

  // What went wrong stands again at the end, where it is looked for after a long run.
  #recall(result: Summary["result"]): void {
    if (result === "succeeded" || this.#diagnostics.size === 0) return;
    this.#options.write("");
    this.#options.write("Diagnostics:");
    for (const [urn, list] of this.#diagnostics) {
      this.#write("bold", `  ${urn === "" ? "deployment" : named(urn)}:`);
      for (const { severity, message } of list) {
        this.#write(
          severity === "error" ? "red" : "yellow",
          indent(`${severity}: ${printable(message.trimEnd())}`, "    "),
        );
      }
    }
  }
}

function named(urn: string): string {
  return printable(`${typeOf(urn)} ${nameOf(urn)}`);
}

const shownCounts: readonly Op[] = ["create", "update", "delete", "replace", "import", "read", "discard"];

export function countLines(changes: Changes, preview: boolean): string[] {
  const lines = shownCounts.flatMap((op) => {
    const count = changes[op] ?? 0;
    const { sign, done, toDo } = wordings[op];
    return count === 0 ? [] : [`${sign.trim()} ${count} ${preview ? toDo : done}`];
  });
  const same = changes.same ?? 0;
  return same > 0 || lines.length === 0 ? [...lines, `${same} unchanged`] : lines;
}
