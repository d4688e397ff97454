// Turns what a program asks for into steps, one registration at a time (pkg/resource/deploy/step_generator.go).

import { Failure } from "../failure.ts";
import type { Provider } from "../provider/provider.ts";
import type { Resource } from "../state/resource.ts";
import { isProviderType, isStackUrn, makeUrn, qualifiedType } from "../state/urn.ts";
import { findOld } from "./alias.ts";
import { differenceOf, withIgnored } from "./difference.ts";
import type { Answer, Goal, ReadGoal } from "./goal.ts";
import { type Plan, Reported } from "./plan.ts";
import { check, type Registration, resourceOf } from "./registration.ts";
import { planReplacement } from "./replacement.ts";
import type { Step } from "./step.ts";
import { planUntargeted, refuseSkipped } from "./untargeted.ts";

function claimUrn(plan: Plan, parent: string, type: string, name: string): string {
  if (parent !== "" && !plan.urns.has(parent)) throw new Failure(`could not find parent resource ${parent}`);
  const urn = makeUrn(plan.stack, plan.project, parent === "" ? "" : qualifiedType(parent), type, name);
  if (plan.urns.has(urn)) {
    plan.error(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    throw new Reported(urn);
  }
  plan.urns.add(urn);
  return urn;
}

/** Finds the old resource and the provider of a registration. An import is still to be made. */
export function beginRegistration(plan: Plan, goal: Goal, answer: Answer): Registration {
  const urn = claimUrn(plan, goal.parent, goal.type, goal.name);
  const { old, alias } = findOld(plan, urn, goal);
  plan.goals.set(urn, goal);
  const next = resourceOf(goal, urn, alias);
  next.created = old?.created;
  next.modified = old?.modified;
  if (isProviderType(goal.type)) {
    plan.providerResources.set(urn, next);
    if (alias !== undefined) plan.providerResources.set(alias, next);
  }
  return { goal, urn, answer, old, next, provider: providerOf(plan, goal, urn) };
}

function providerOf(plan: Plan, goal: Goal, urn: string): Provider | undefined {
  if (!goal.custom) return undefined;
  if (isProviderType(goal.type)) return plan.providers;
  const provider = plan.providers.find(goal.provider);
  if (provider !== undefined) return provider;
  throw new Failure(`unknown provider '${goal.provider}' for resource '${urn}'`);
}

/** An import is due unless the resource was imported under this id before. */
export function needsImport({ goal, old }: Registration): boolean {
  if (!goal.custom || goal.importId === "") return false;
  return old === undefined || old.external === true || (old.importID || old.id) !== goal.importId;
}

export async function planRegistration(plan: Plan, registration: Registration): Promise<Step[]> {
  const steps = await planSteps(plan, registration);
  refuseSkipped(plan, steps);
  return steps;
}

async function planSteps(plan: Plan, registration: Registration): Promise<Step[]> {
  const { goal, urn, answer, old, next } = registration;
  const isImplied = isProviderType(goal.type) || isStackUrn(urn);
  const isTargeted = isImplied || plan.isTargeted(next);
  const recreating = plan.deletes.has(urn);
  await checkInputs(plan, registration, isTargeted, recreating);
  if (recreating) return recreate(plan, registration);
  if (old?.external) {
    plan.creates.add(urn);
    return [
      { op: "create-replacement", urn, old, new: next, answer, pendingDelete: true },
      { op: "replace", urn, old, new: next },
    ];
  }
  const { targets, excludes } = plan.options;
  if (targets.constrained && isTargeted && plan.isTargeted(next)) targets.add(urn);
  if (excludes.constrained && !isTargeted) excludes.add(urn);
  if (!isTargeted) return planUntargeted(plan, registration);
  if (old !== undefined) return planChange(plan, registration, old);
  plan.creates.add(urn);
  return [{ op: "create", urn, new: next, answer }];
}

/** Deleted early, because something that it depends on was: what is created now is its replacement. */
function recreate(plan: Plan, { urn, old, next, answer }: Registration): Step[] {
  plan.deletes.delete(urn);
  plan.replaces.add(urn);
  return [
    { op: "replace", urn, old, new: next },
    { op: "create-replacement", urn, old, new: next, answer, keys: plan.dependentKeys.get(urn) },
  ];
}

async function checkInputs(
  plan: Plan,
  { goal, urn, old, next, provider }: Registration,
  isTargeted: boolean,
  recreating: boolean,
): Promise<void> {
  if (!isTargeted) {
    next.inputs = old?.inputs ?? goal.properties;
    return;
  }
  const fresh = recreating || old === undefined || old.external === true || plan.options.replaceTargets.has(urn);
  const { inputs, impossible } = withIgnored(
    old?.inputs ?? {},
    goal.properties,
    old === undefined ? [] : goal.ignoreChanges,
  );
  if (impossible.length > 0) {
    const message = `cannot ignore changes in added or removed elements of the path: "${impossible.join(", ")}"`;
    plan.report({ severity: "info", urn, message });
  }
  next.inputs = inputs;
  if (provider === undefined) return;
  await check(plan, provider, next, fresh ? {} : (old?.inputs ?? {}), fresh ? goal.properties : inputs);
}

async function planChange(plan: Plan, registration: Registration, old: Resource): Promise<Step[]> {
  const { goal, urn, next, provider, answer } = registration;
  const { diff, triggered } = await differenceOf(plan, goal, old, next, provider);
  const hasInitErrors = (old.initErrors ?? []).length > 0;
  if (diff.changes === "some" || old.pendingReplacement) {
    const replacement = await planReplacement(plan, registration, old, diff, triggered);
    if (replacement !== undefined) return replacement;
  }
  if (diff.changes === "some" || hasInitErrors) {
    plan.updates.add(urn);
    return [{ op: "update", urn, old, new: next, answer, diff, ignoreChanges: goal.ignoreChanges }];
  }
  if (plan.imports.has(urn)) {
    answer({ resource: old, result: "success" });
    return [];
  }
  plan.sames.add(urn);
  return [{ op: "same", urn, old, new: next, answer }];
}

export function planRead(plan: Plan, goal: ReadGoal, answer: Answer): Step[] {
  const urn = claimUrn(plan, goal.parent, goal.type, goal.name);
  if (goal.id === "") throw new Failure(`reading ${urn}: an id is needed`);
  const old = plan.base.live.get(urn);
  const next: Resource = {
    urn,
    custom: true,
    type: goal.type,
    id: goal.id,
    inputs: goal.properties,
    outputs: {},
    parent: goal.parent,
    external: true,
    dependencies: goal.dependencies,
    provider: goal.provider,
    additionalSecretOutputs: goal.additionalSecretOutputs,
  };
  if (old !== undefined && !old.external && old.id !== goal.id) {
    plan.replaces.add(urn);
    return [
      { op: "read-replacement", urn, old, new: next, answer },
      { op: "replace", urn, old, new: next },
    ];
  }
  plan.reads.add(urn);
  return [{ op: "read", urn, old, new: next, answer }];
}
