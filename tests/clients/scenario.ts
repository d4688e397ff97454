/** Reads the scenario, plays it through a client and judges what comes back. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Client, Outcome } from "./client.ts";

export interface Step {
  readonly do: string;
  readonly with: object;
  readonly keep?: Readonly<Record<string, string>>;
  readonly answer?: object;
  readonly error?: { readonly code: string; readonly [member: string]: unknown };
  readonly wait?: true;
  readonly pages?: number;
  readonly skip?: string;
}

export interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** What is known while the scenario goes on: by name, with its `$`. */
export type Kept = Map<string, unknown>;

export const scenario: readonly Stage[] = parse(readFileSync(new URL("scenario.yaml", import.meta.url), "utf8"));

/** What the scenario says by name before anything was kept. */
export function beginning(account: string): Kept {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `k-${index}`);
  return new Map<string, unknown>([
    ["$account", account],
    ["$51-tags", keys(51).map((Key) => ({ Key, Value: "v" }))],
    ["$30-attributes", Object.fromEntries(keys(30).map((key) => [key, "v"]))],
  ]);
}

/** Carries out the steps at once; answers how what came back differs from what must, a sentence each. */
export async function play(steps: readonly Step[], client: Client, kept: Kept): Promise<string[]> {
  const outcomes = await Promise.all(steps.map((step) => ask(step, client, kept)));
  return outcomes.flatMap((outcome, index) => {
    const step = steps[index] as Step; // there is an outcome for each step
    return judge(client.showsMembers ? step : withoutMembers(step), outcome, kept).map(
      (difference) => `${step.do}${difference}`,
    );
  });
}

function withoutMembers(step: Step): Step {
  if (step.error === undefined) return step;
  const { code, Message = "/./" } = step.error;
  return { ...step, error: { code, Message } };
}

async function ask(step: Step, client: Client, kept: Kept): Promise<Outcome> {
  const input = filled(step.with, kept) as object; // an object stays one
  if (step.pages !== undefined) return client.list(step.do, input, step.pages);
  for (let tries = 0; ; tries += 1) {
    const outcome = await client.call(step.do, input);
    if (!step.wait || !isUnderWay(outcome) || tries === 600) return outcome;
  }
}

function isUnderWay(outcome: Outcome): boolean {
  const status = "answer" in outcome && at(outcome.answer, "Operation.Status");
  return status === "SUBMITTED" || status === "PENDING";
}

/** Puts what was kept into the places that name it. */
function filled(value: unknown, kept: Kept): unknown {
  if (typeof value === "string") return kept.has(value) ? kept.get(value) : value;
  if (Array.isArray(value)) return value.map((each) => filled(each, kept));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, kept)]));
}

function judge(step: Step, outcome: Outcome, kept: Kept): string[] {
  if (step.error !== undefined) {
    if ("answer" in outcome) return [` is not refused: ${JSON.stringify(outcome.answer)}`];
    return differences(outcome.error, step.error, kept);
  }
  if ("error" in outcome) return [` is refused: ${JSON.stringify(outcome.error)}`];
  for (const [name, path] of Object.entries(step.keep ?? {})) kept.set(`$${name}`, at(outcome.answer, path));
  return step.answer === undefined ? [] : differences(outcome.answer, step.answer, kept);
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((found: unknown, member) => (isObject(found) ? found[member] : undefined), value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a value is not what is expected of it. */
export function differences(actual: unknown, expected: unknown, kept: Kept, path = ""): string[] {
  const wrong = (what: string) => [`${path}: ${JSON.stringify(actual)} is not ${what}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return wrong(`a list of ${expected.length}`);
    return unmatched(actual, expected, kept, path);
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return wrong("an object");
    return Object.entries(expected).flatMap(([key, member]) =>
      differences(actual[key], member, kept, `${path}.${key}`),
    );
  }
  return fits(actual, filled(expected, kept)) ? [] : wrong(String(filled(expected, kept)));
}

function fits(actual: unknown, expected: unknown): boolean {
  if (expected === "<now>") return typeof actual === "number" && Math.abs(actual - Date.now() / 1000) < 600;
  if (expected === "<absent>") return actual === undefined;
  const pattern = typeof expected === "string" ? /^\/(.*)\/$/.exec(expected)?.[1] : undefined;
  return pattern === undefined ? actual === expected : actual !== undefined && new RegExp(pattern).test(String(actual));
}

/** Each of the expected elements takes one of the actual ones that no other has taken. */
function unmatched(actual: readonly unknown[], expected: readonly unknown[], kept: Kept, path: string): string[] {
  const left = [...actual];
  return expected.flatMap((element) => {
    const found = left.findIndex((each) => differences(each, element, kept).length === 0);
    if (found >= 0) left.splice(found, 1);
    return found >= 0 ? [] : [`${path}: none of ${JSON.stringify(left)} is ${JSON.stringify(filled(element, kept))}`];
  });
}
