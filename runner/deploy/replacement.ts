// Replacements: the new one first, or the old one deleted first together with what cannot be without it.

import { Failure } from "../failure.ts";
import { type Diff, replaces } from "../provider/provider.ts";
import { dependenciesOf, type Resource } from "../state/resource.ts";
import { isProviderType, parseReference } from "../state/urn.ts";
import { type Properties, unknownString } from "../value/value.ts";
import { askProvider, withReplaceOnChanges } from "./difference.ts";
import { type Plan, Reported } from "./plan.ts";
import { check, type Registration } from "./registration.ts";
import type { Step } from "./step.ts";

/** Undefined where the change is no replacement. */
export async function planReplacement(
  plan: Plan,
  registration: Registration,
  old: Resource,
  diff: Diff,
  triggered: boolean,
): Promise<Step[] | undefined> {
  if (!replaces(diff) && !triggered && !old.pendingReplacement) return undefined;
  const { goal, urn, next, provider, answer } = registration;
  refuseProtected(plan, old, next);
  refuseImported(plan, registration);
  plan.replaces.add(urn);
  // The defaults of the old resource are not those of a new one.
  if (provider !== undefined && !plan.options.replaceTargets.has(urn))
    await check(plan, provider, next, {}, goal.properties);
  const keys = diff.replaceKeys;
  const replace: Step = { op: "replace", urn, old, new: next, keys, diff };
  const create: Step = { op: "create-replacement", urn, old, new: next, answer, keys, diff };
  if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) return [{ ...create, pendingDelete: true }, replace];
  return [...(await planEarlyDeletes(plan, old, urn)), replace, create];
}

function refuseProtected(plan: Plan, old: Resource, next: Resource): void {
  if (!next.protect || !old.protect) return;
  const message =
    `unable to replace resource "${next.urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
    "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
  plan.error(next.urn, message);
  // A preview goes on, so that the difference that causes this is seen.
  if (!plan.options.preview) throw new Reported(message);
}

function refuseImported(plan: Plan, { goal, urn }: Registration): void {
  if (goal.importId === "") return;
  const message =
    "previously-imported resources that still specify an ID may not be replaced; please remove the `import` declaration from your program";
  if (!plan.options.preview) throw new Failure(message);
  plan.report({ severity: "warning", urn, message });
}

async function planEarlyDeletes(plan: Plan, old: Resource, urn: string): Promise<Step[]> {
  const known = plan.base.graph.has(old);
  const dependents = known ? await dependentReplacements(plan, old) : [];
  const condemned = [...dependents, ...cascades(plan, urn)];
  const steps: Step[] = [];
  for (const { resource, keys } of condemned.toReversed()) {
    if (plan.deletedEarly.has(resource)) continue;
    plan.dependentKeys.set(resource.urn, keys);
    if (resource.delete) steps.push({ op: "delete", urn: resource.urn, old: resource });
    else steps.push(earlyDelete(plan, resource, urn));
    plan.deletes.add(resource.urn);
    plan.deletedEarly.add(resource);
  }
  await plan.providers.ensure(old.provider, plan.base.live);
  if (!old.pendingReplacement) {
    // Those deleted with it must not be deleted on their own.
    plan.deletes.add(old.urn);
    steps.push({ op: "delete-replaced", urn: old.urn, old, pendingReplacement: true });
  }
  return steps;
}

function earlyDelete(plan: Plan, resource: Resource, root: string): Step {
  if (resource.protect) {
    const message =
      `unable to replace resource "${resource.urn}" as part of replacing "${root}" as it is currently marked for protection. ` +
      "To unprotect the resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`";
    plan.error(resource.urn, message);
    throw new Reported(message);
  }
  return { op: "delete-replaced", urn: resource.urn, old: resource, pendingReplacement: true };
}

interface Condemned {
  readonly resource: Resource;
  readonly keys: readonly string[];
}

/** Those that name this one in `deletedWith` or `replaceWith`. */
export function cascades(plan: Plan, urn: string): Condemned[] {
  const found = new Map<string, Condemned>();
  for (const resource of [...plan.news.values(), ...plan.base.live.values()]) {
    const follows = resource.deletedWith === urn || (resource.replaceWith ?? []).includes(urn);
    if (follows && !found.has(resource.urn)) found.set(resource.urn, { resource, keys: [] });
  }
  return [...found.values()];
}

/** The dependents that would be replaced too if what they take from this one changed, in dependency order. */
export async function dependentReplacements(plan: Plan, root: Resource): Promise<Condemned[]> {
  const affected = new Set([root.urn]);
  const found: Condemned[] = [];
  // What is registered already cannot depend on what is being registered now.
  const registered = new Set(
    [plan.reads, plan.creates, plan.sames, plan.updates, plan.deletes, plan.replaces].flatMap((urns) => [...urns]),
  );
  for (const dependent of plan.base.graph.dependentsOf(root, registered, false)) {
    const keys = await replacementKeys(plan, dependent, affected);
    if (keys === undefined) continue;
    found.push({ resource: dependent, keys });
    affected.add(dependent.urn);
  }
  return found;
}

async function replacementKeys(
  plan: Plan,
  resource: Resource,
  affected: ReadonlySet<string>,
): Promise<readonly string[] | undefined> {
  if (!resource.custom || resource.external) return undefined;
  const needed = dependenciesOf(resource).filter(({ urn }) => affected.has(urn));
  if (needed.some(({ kind }) => kind === "provider")) {
    await plan.providers.ensure(resource.provider, plan.base.live);
    return [];
  }
  if (needed.some(({ kind }) => kind === "deletedWith")) return [];
  const inputs = withUnknowns(resource, affected);
  if (inputs === undefined) return undefined;
  const diff = await diffWith(plan, resource, inputs);
  return replaces(diff) ? diff.replaceKeys : undefined;
}

/** The inputs with those unknown that come from an affected resource; undefined where none does. */
function withUnknowns(
  { inputs = {}, propertyDependencies = {} }: Resource,
  affected: ReadonlySet<string>,
): Properties | undefined {
  const keys = Object.keys(inputs).filter((key) => (propertyDependencies[key] ?? []).some((urn) => affected.has(urn)));
  if (keys.length === 0) return undefined;
  return { ...inputs, ...Object.fromEntries(keys.map((key) => [key, unknownString])) };
}

async function diffWith(plan: Plan, resource: Resource, inputs: Properties): Promise<Diff> {
  const isProvider = isProviderType(resource.type);
  if (isProvider) await plan.providers.same(resource, false);
  else await plan.providers.ensure(resource.provider, plan.base.live);
  const provider = isProvider ? plan.providers : plan.providers.find(resource.provider ?? "");
  if (provider === undefined)
    throw new Failure(`unknown provider '${parseReference(resource.provider ?? "").urn}' of ${resource.urn}`);
  // Also in an update: the values are not known before the replacement is there.
  const diff = await askProvider(provider, resource, inputs, true, resource.ignoreChanges ?? []);
  return withReplaceOnChanges(diff, resource.replaceOnChanges ?? [], false);
}
