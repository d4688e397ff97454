// Whether and how a resource differs from what the program asks for.

import { Failure } from "../failure.ts";
import {
  type Diff,
  DiffUnavailable,
  noDiff,
  type PropertyDifference,
  type Provider,
  replaces,
} from "../provider/provider.ts";
import { filtered } from "../provider/registry.ts";
import type { Resource } from "../state/resource.ts";
import { parseReference } from "../state/urn.ts";
import { changesBetween, equal, equalProperties } from "../value/difference.ts";
import { contains, formatPath, parsePath, reset } from "../value/path.ts";
import { containsUnknown, type Properties, type Value, withoutSecrets } from "../value/value.ts";
import type { Goal } from "./goal.ts";
import type { Plan } from "./plan.ts";

const initErrorKey = "#initerror";

function dueTo(key: string): Diff {
  return { ...noDiff, changes: "some", replaceKeys: [key] };
}

/** A replacement trigger that is not set, before or now, triggers nothing; an unknown one always does. */
function isTriggered(old: Value | undefined, next: Value | undefined): boolean {
  const [before, now] = [withoutSecrets(old ?? null), withoutSecrets(next ?? null)];
  if (containsUnknown(before) || containsUnknown(now)) return true;
  return before !== null && now !== null && !equal(before, now);
}

export interface Difference {
  readonly diff: Diff;
  readonly triggered: boolean;
}

/** The shortcuts stand in the CLI's order; only then is the provider asked. */
export async function differenceOf(
  plan: Plan,
  goal: Goal,
  old: Resource,
  next: Resource,
  provider: Provider | undefined,
): Promise<Difference> {
  if (isTriggered(old.replacementTrigger, next.replacementTrigger)) {
    if (!plan.options.preview && containsUnknown(next.replacementTrigger ?? null)) {
      throw new Failure(`the replacement trigger of ${next.urn} is not known`);
    }
    return { diff: { ...noDiff, changes: "some" }, triggered: true };
  }
  const diff = (await shortcut(plan, old, next)) ?? (await ask(plan, goal, old, next, provider));
  return {
    diff: withReplaceOnChanges(diff, goal.replaceOnChanges, (old.initErrors ?? []).length > 0),
    triggered: false,
  };
}

async function shortcut(plan: Plan, old: Resource, next: Resource): Promise<Diff | undefined> {
  if (plan.options.replaceTargets.has(next.urn)) return dueTo("id");
  if ((next.replaceWith ?? []).some((urn) => plan.replaces.has(urn))) return dueTo("replaceWith");
  if (next.deletedWith && plan.replaces.has(next.deletedWith)) return dueTo("deletedWith");
  return (await providerChanged(plan, old, next)) ? dueTo("provider") : undefined;
}

/** A resource moves to another provider in place, unless that provider says that it manages other things. */
async function providerChanged(plan: Plan, old: Resource, next: Resource): Promise<boolean> {
  if ((old.provider ?? "") === (next.provider ?? "")) return false;
  if (!old.provider || !next.provider) return true;
  const [before, now] = [parseReference(old.provider), parseReference(next.provider)];
  if (plan.aliased.get(before.urn) === now.urn) return false;
  const client = plan.providers.find(next.provider);
  const [oldResource, newResource] = [plan.base.live.get(before.urn), plan.providerResources.get(now.urn)];
  if (client === undefined || oldResource === undefined || newResource === undefined) return false;
  const news = filtered(newResource.inputs ?? {});
  const diff = await client.diffConfig(now.urn, filtered(oldResource.inputs ?? {}), oldResource.outputs ?? {}, news);
  return diff !== undefined && replaces(diff);
}

async function ask(
  plan: Plan,
  goal: Goal,
  old: Resource,
  next: Resource,
  provider: Provider | undefined,
): Promise<Diff> {
  const [oldInputs, newInputs] = [old.inputs ?? {}, next.inputs ?? {}];
  if (provider === undefined) return { ...noDiff, changes: equalProperties(oldInputs, newInputs) ? "none" : "some" };
  try {
    const named = { ...old, urn: next.urn }; // by its present name, also where an alias found it (step_generator.go, diff)
    return await askProvider(provider, named, newInputs, plan.options.preview, goal.ignoreChanges);
  } catch (error) {
    if (!(error instanceof DiffUnavailable)) throw error;
    plan.report({ severity: "warning", urn: next.urn, message: error.message });
    return { ...noDiff, changes: "some" };
  }
}

/** Where the provider does not know, the inputs decide. */
export async function askProvider(
  provider: Provider,
  old: Resource,
  newInputs: Properties,
  allowUnknowns: boolean,
  ignoreChanges: readonly string[],
): Promise<Diff> {
  const oldInputs = old.inputs ?? {};
  const { urn, id = "", outputs: oldOutputs = {} } = old;
  const diff = await provider.diff({ urn, id, oldInputs, oldOutputs, newInputs, allowUnknowns, ignoreChanges });
  if (diff.changes !== "unknown") return diff;
  const { inputs } = withIgnored(oldInputs, newInputs, ignoreChanges);
  const changes = changesBetween(open(oldInputs), open(inputs));
  if (changes.length === 0) return { ...diff, changes: "none" };
  const detailed = new Map<string, PropertyDifference>(
    changes.map(({ path, kind }) => [formatPath(path), { kind, inputDiff: true }]),
  );
  const changedKeys = [...new Set(changes.map(({ path }) => String(path[0])))];
  return { ...diff, changes: "some", changedKeys, detailed };
}

function open(properties: Properties): Properties {
  return withoutSecrets(properties) as Properties; // A map stays a map.
}

/** The inputs with ignored properties as they were, and the paths where that cannot be done. */
export function withIgnored(
  old: Properties,
  next: Properties,
  ignoreChanges: readonly string[],
): { readonly inputs: Properties; readonly impossible: string[] } {
  const impossible: string[] = [];
  let inputs = next;
  for (const text of ignoreChanges) {
    const path = parsePath(text);
    if (path === undefined) continue;
    const changed = reset(path, old, inputs);
    if (changed === undefined) impossible.push(text);
    else inputs = changed;
  }
  return { inputs, impossible };
}

/** Turns changes at the given paths into replacements; init errors count as a change of their own. */
export function withReplaceOnChanges(diff: Diff, replaceOnChanges: readonly string[], hasInitErrors: boolean): Diff {
  if (replaceOnChanges.length === 0 || (diff.changes !== "some" && !hasInitErrors)) return diff;
  const outer = replaceOnChanges.map(parsePath).filter((path) => path !== undefined);
  const covered = (text: string): boolean => {
    const path = parsePath(text);
    return path !== undefined && outer.some((prefix) => contains(prefix, path));
  };
  const due = hasInitErrors && covered(initErrorKey);
  const keys = new Set([...diff.replaceKeys, ...diff.changedKeys.filter(covered), ...(due ? [initErrorKey] : [])]);
  const detailed =
    diff.detailed && new Map([...diff.detailed].map(([path, item]) => [path, covered(path) ? toReplace(item) : item]));
  return { ...diff, replaceKeys: [...keys], detailed, changes: due ? "some" : diff.changes };
}

function toReplace(item: PropertyDifference): PropertyDifference {
  const kinds = { add: "add-replace", delete: "delete-replace", update: "update-replace" } as const;
  const { kind } = item;
  return kind === "add" || kind === "delete" || kind === "update" ? { ...item, kind: kinds[kind] } : item;
}
