// Resources that a `--target` or `--exclude` leaves out.

import { Failure } from "../failure.ts";
import { dependenciesOf, type Resource } from "../state/resource.ts";
import { type Plan, Reported } from "./plan.ts";
import type { Registration } from "./registration.ts";
import type { Step } from "./step.ts";

/** What exists stays as it is, what does not is not created. */
export function planUntargeted(plan: Plan, { urn, old, next, answer }: Registration): Step[] {
  if (old === undefined) {
    plan.sames.add(urn);
    plan.skippedCreates.add(urn);
    return [{ op: "same", urn, new: next, answer, skippedCreate: true, untargeted: true }];
  }
  plan.sames.add(urn);
  plan.sames.add(old.urn);
  plan.urns.add(old.urn);
  const needed = unregistered(plan, old, new Set([old.urn])).map((resource) => keep(plan, resource));
  return [...needed, { op: "same", urn, old, new: { ...old }, answer, untargeted: true }];
}

/** What the program no longer has, but a resource that stays still needs, must stay before it in the state. */
function unregistered(plan: Plan, resource: Resource, seen: Set<string>): Resource[] {
  return dependenciesOf(resource).flatMap(({ urn, kind }) => {
    if (seen.has(urn) || plan.hasStep(urn) || plan.isOperatedOn(urn)) return [];
    seen.add(urn);
    const needed = plan.base.live.get(urn);
    if (needed !== undefined) return [...unregistered(plan, needed, seen), needed];
    if (kind === "provider") return [];
    throw new Failure(`${kind} ${urn} of untargeted resource ${resource.urn} has no old state`);
  });
}

function keep(plan: Plan, resource: Resource): Step {
  plan.urns.add(resource.urn);
  plan.sames.add(resource.urn);
  return { op: "same", urn: resource.urn, old: resource, new: { ...resource }, untargeted: true };
}

/** A step must not depend on a resource that was not created because it is not a target. */
export function refuseSkipped(plan: Plan, steps: readonly Step[]): void {
  if (!plan.options.targets.constrained && !plan.options.replaceTargets.constrained) return;
  for (const step of steps) {
    if (step.new === undefined || step.skippedCreate) continue;
    for (const { urn } of dependenciesOf(step.new)) {
      if (!plan.skippedCreates.delete(urn)) continue;
      const message =
        `Resource '${step.urn}' depends on '${urn}' which was not specified in --target list. ` +
        "Either include resource in --target list or pass --target-dependents to proceed.";
      plan.error(step.urn, message);
      if (!plan.options.preview) throw new Reported(message);
      plan.skippedCreates.add(urn);
    }
  }
}
