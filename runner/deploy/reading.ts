// Refreshing one resource: reading what is there, and comparing it with what was wanted.

import { Failure } from "../failure.ts";
import type { Diff, DiffKind, InitFailure, PropertyDifference, Provider } from "../provider/provider.ts";
import type { Resource } from "../state/resource.ts";
import { isProviderType } from "../state/urn.ts";
import { equalProperties } from "../value/difference.ts";
import { askProvider } from "./difference.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

/** A resource that exists but did not become what it should: it is kept, and the step has failed. */
export interface Applied {
  readonly failed?: InitFailure | undefined;
}

export function providerFor(plan: Plan, resource: Resource): Provider {
  if (isProviderType(resource.type)) return plan.providers;
  const provider = plan.providers.find(resource.provider ?? "");
  if (provider === undefined) throw new Failure(`the provider '${resource.provider}' of ${resource.urn} is not loaded`);
  return provider;
}

export function isRefreshable(resource: Resource): boolean {
  return resource.custom && !isProviderType(resource.type) && !resource.pendingReplacement;
}

/** Leaves in the step what the resource is now, and nothing where it is gone. */
export async function refreshResource(plan: Plan, step: Step): Promise<Applied> {
  const { old } = step;
  if (old === undefined) throw new Error(`a refresh of ${step.urn} lacks its old state`);
  step.new = old;
  step.found = "same";
  if (!isRefreshable(old)) return {};
  const { urn, id = "", inputs: oldInputs = {}, outputs: oldOutputs = {} } = old;
  const timeout = old.customTimeouts?.read ?? 0;
  const read = await providerFor(plan, old).read({ urn, id, inputs: oldInputs, state: oldOutputs, timeout });
  if (read.failed !== undefined) {
    const message = `Refreshed resource is in an unhealthy state:\n* ${read.failed.reasons.join("\n* ")}`;
    plan.report({ severity: "warning", urn, message });
  }
  if (read.id === "" || read.outputs === undefined) {
    step.new = undefined;
    step.found = "delete";
    return {};
  }
  const inputs = read.inputs ?? oldInputs;
  const next = { ...old, id: read.id, initErrors: read.failed?.reasons, inputs, outputs: read.outputs };
  const differs = !equalProperties(inputs, oldInputs) || !equalProperties(read.outputs, oldOutputs);
  if (differs) next.modified = new Date().toISOString();
  step.new = next;
  await compare(plan, step, old, next);
  return {};
}

// What the next `up` of an unchanged program would do, seen from the other side (step.go, RefreshStep.Apply).
async function compare(plan: Plan, step: Step, old: Resource, next: Resource): Promise<void> {
  if (old.external) {
    step.found = equalProperties(old.outputs ?? {}, next.outputs ?? {}) ? "same" : "update";
    return;
  }
  const diff = await askProvider(
    providerFor(plan, old),
    next,
    old.inputs ?? {},
    plan.options.preview,
    old.ignoreChanges ?? [],
  );
  Object.assign(step, { diff: inverted(diff) });
  step.found = diff.changes === "none" ? "same" : "update";
}

const opposite: Readonly<Record<DiffKind, DiffKind>> = {
  add: "delete",
  "add-replace": "delete-replace",
  delete: "add",
  "delete-replace": "add-replace",
  update: "update",
  "update-replace": "update-replace",
};

function inverted(diff: Diff): Diff {
  const invert = (item: PropertyDifference): PropertyDifference => ({ ...item, kind: opposite[item.kind] });
  return {
    ...diff,
    detailed: diff.detailed && new Map([...diff.detailed].map(([path, item]) => [path, invert(item)])),
  };
}
