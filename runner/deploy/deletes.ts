// What a deployment deletes after the program has ended, and in which order.

import { dependenciesOf, type Resource } from "../state/resource.ts";
import { type Plan, Reported } from "./plan.ts";
import { cascades, dependentReplacements } from "./replacement.ts";
import type { Step } from "./step.ts";

export interface Deletes {
  /** Resources that stay only because they are not targets. */
  readonly sames: readonly Step[];
  /** The steps of one group run at once, the groups one after the other. */
  readonly groups: readonly (readonly Step[])[];
}

export async function planDeletes(plan: Plan): Promise<Deletes> {
  const included = await includedInDeletes(plan);
  const sames: Step[] = [];
  const steps = new Map<Resource, Step>();
  for (const resource of plan.base.resources) {
    const step = included(resource) ? deleteOf(plan, resource) : undefined;
    if (step !== undefined) {
      await plan.providers.ensure(resource.provider, plan.base.live);
      steps.set(resource, step);
    } else if (!included(resource) && !plan.isOperatedOn(resource.urn)) {
      sames.push({ op: "same", urn: resource.urn, old: resource, new: { ...resource }, untargeted: true });
    }
  }
  refuseUntargeted(plan, [...steps.values()]);
  const order = plan.base.graph.deletionOrder([...steps.keys()]);
  return { sames, groups: order.map((group) => group.flatMap((resource) => steps.get(resource) ?? [])) };
}

function deleteOf(plan: Plan, resource: Resource): Step | undefined {
  const { urn } = resource;
  if (resource.delete) {
    if (plan.deletedEarly.has(resource)) return undefined;
    plan.deletes.add(urn);
    return { op: resource.external ? "discard-replaced" : "delete-replaced", urn, old: resource };
  }
  if (plan.isOperatedOn(urn) || plan.creates.has(urn)) return undefined;
  plan.deletes.add(urn);
  if (resource.pendingReplacement) return { op: "remove-pending-replace", urn, old: resource };
  return { op: resource.external ? "discard" : "delete", urn, old: resource };
}

type Included = (resource: Resource) => boolean;

async function includedInDeletes(plan: Plan): Promise<Included> {
  const { targets, excludes } = plan.options;
  if (targets.constrained) {
    const allowed = await targetedDeletes(plan);
    return ({ urn }) => allowed.has(urn);
  }
  if (!excludes.constrained) return () => true;
  const kept = excludedDeletes(plan);
  return ({ urn }) => !kept.has(urn);
}

/** The targets, what depends on them, and what would be replaced by their going. */
async function targetedDeletes(plan: Plan): Promise<Set<string>> {
  const { graph, resources } = plan.base;
  const allowed = new Set<string>();
  const targeted = resources.filter(({ urn }) => plan.options.targets.has(urn));
  for (const resource of targeted) {
    allowed.add(resource.urn);
    for (const dependent of graph.dependentsOf(resource, new Set(), true)) allowed.add(dependent.urn);
    for (const { resource: dependent } of await dependentReplacements(plan, resource)) allowed.add(dependent.urn);
    for (const { resource: dependent } of cascades(plan, resource.urn)) allowed.add(dependent.urn);
  }
  return allowed;
}

/** The excluded resources and all that they need; with their dependents if so asked. */
function excludedDeletes(plan: Plan): Set<string> {
  const { graph, resources } = plan.base;
  const kept = new Set<string>();
  for (const resource of resources.filter(({ urn }) => plan.options.excludes.has(urn))) {
    kept.add(resource.urn);
    for (const needed of graph.allDependenciesOf(resource)) kept.add(needed.urn);
    if (!plan.options.excludeDependents) continue;
    for (const dependent of graph.dependentsOf(resource, new Set(), true)) {
      kept.add(dependent.urn);
      for (const { urn } of dependenciesOf(dependent)) kept.add(urn);
    }
  }
  return kept;
}

function refuseUntargeted(plan: Plan, steps: readonly Step[]): void {
  const { targets, targetDependents, preview } = plan.options;
  if (!targets.constrained || targetDependents) return;
  const foreign = steps.filter(({ urn }) => !targets.has(urn));
  for (const { urn } of foreign) {
    plan.error(
      urn,
      `Resource '${urn}' will be destroyed but was not specified in --target list. ` +
        "Either include resource in --target list or pass --target-dependents to proceed.",
    );
  }
  if (foreign.length > 0 && !preview) throw new Reported("delete untargeted resource");
}
