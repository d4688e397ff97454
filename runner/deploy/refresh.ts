// Brings the state up to date with what providers find, before or instead of a deployment.

import { Failure, messageOf } from "../failure.ts";
import { dependenciesOf, type Resource } from "../state/resource.ts";
import { applyStep, markSecrets } from "./apply.ts";
import { type Counter, type Emit, isHidden } from "./event.ts";
import { Executor } from "./executor.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

export interface RefreshContext {
  readonly plan: Plan;
  readonly parallel: number;
  readonly emit: Emit;
  /** Given where the refresh is the operation itself. */
  readonly counter: Counter | undefined;
  readonly onExecutor: (executor: Executor) => void;
}

export interface Refreshed {
  readonly resources: Resource[];
  readonly failed: boolean;
}

/** Reads everything that is included, in parallel; one that cannot be read stays as it was. */
export async function refresh(context: RefreshContext): Promise<Refreshed> {
  const { plan } = context;
  refuseUnknownTargets(plan);
  const steps: Step[] = [];
  for (const resource of plan.base.resources) {
    if (!isIncluded(plan, resource)) continue;
    await plan.providers.ensure(resource.provider, plan.base.live);
    steps.push({ op: "refresh", urn: resource.urn, old: resource, new: resource });
  }
  let failed = false;
  const executor = new Executor(context.parallel, async (step) => {
    failed = !(await runStep(context, step)) || failed;
    return true;
  });
  context.onExecutor(executor);
  await executor.executeAll(steps);
  await executor.idle();
  return { resources: rebuild(plan.base.resources, steps), failed };
}

function isIncluded(plan: Plan, resource: Resource): boolean {
  const { targets, excludes } = plan.options;
  const included = plan.isTargeted(resource);
  // Dependents of dependents are found as the list goes on.
  if (targets.constrained && included) targets.add(resource.urn);
  if (excludes.constrained && !included) excludes.add(resource.urn);
  return included;
}

export function refuseUnknownTargets(plan: Plan, known: ReadonlySet<string> = new Set()): void {
  const present = new Set(plan.base.resources.map(({ urn }) => urn));
  for (const urns of [plan.options.targets, plan.options.excludes, plan.options.replaceTargets]) {
    const unknown = urns.urns.find((urn) => !present.has(urn) && !known.has(urn));
    if (unknown !== undefined) throw new Failure(`Target '${unknown}' could not be found in the stack.`);
  }
}

async function runStep({ plan, emit, counter }: RefreshContext, step: Step): Promise<boolean> {
  const isShown = !isHidden(step) && counter !== undefined;
  if (isShown) emit({ kind: "started", step });
  try {
    await applyStep(plan, step);
  } catch (error) {
    emit({ kind: "failed", step, message: messageOf(error) });
    step.new = step.old;
    return false;
  }
  if (step.new !== undefined && step.new !== step.old) markSecrets(step.new);
  counter?.count(step);
  if (isShown) emit({ kind: "ended", step });
  return true;
}

/** What is gone leaves the list and the dependencies of others; its children go to its parent. */
function rebuild(before: readonly Resource[], steps: readonly Step[]): Resource[] {
  const stepOf = new Map(steps.map((step) => [step.old, step]));
  const present = new Set<string>();
  const parents = new Map<string, string | undefined>();
  const resources: Resource[] = [];
  for (const old of before) {
    const step = stepOf.get(old);
    const next = step === undefined ? old : step.new;
    if (next === undefined) {
      parents.set(old.urn, old.parent && (present.has(old.parent) ? old.parent : parents.get(old.parent)));
      continue;
    }
    resources.push(withPresent(next, present, parents));
    present.add(next.urn);
  }
  return resources;
}

function withPresent(
  resource: Resource,
  present: ReadonlySet<string>,
  parents: ReadonlyMap<string, string | undefined>,
): Resource {
  const isMissing = (urn: string): boolean => !present.has(urn);
  const here = (urns: readonly string[] = []): string[] => urns.filter((urn) => !isMissing(urn));
  const properties = Object.entries(resource.propertyDependencies ?? {}).map(
    ([key, urns]) => [key, here(urns)] as const,
  );
  // The CLI leaves out properties without dependencies here (deployment_executor.go, rebuildBaseState).
  const propertyDependencies = Object.fromEntries(properties.filter(([, urns]) => urns.length > 0));
  if (!dependenciesOf(resource).some(({ urn }) => isMissing(urn))) return { ...resource, propertyDependencies };
  return {
    ...resource,
    parent: resource.parent && isMissing(resource.parent) ? parents.get(resource.parent) : resource.parent,
    dependencies: here(resource.dependencies),
    propertyDependencies,
    replaceWith: here(resource.replaceWith),
    deletedWith: resource.deletedWith && isMissing(resource.deletedWith) ? undefined : resource.deletedWith,
  };
}
