// A registration on its way to its steps.

import type { CheckFailure, Provider } from "../provider/provider.ts";
import type { Resource, Timeouts } from "../state/resource.ts";
import { isProviderType, nameOf, typeOf } from "../state/urn.ts";
import type { Properties } from "../value/value.ts";
import type { Answer, Goal } from "./goal.ts";
import { type Plan, Reported } from "./plan.ts";

export interface Registration {
  readonly goal: Goal;
  readonly urn: string;
  readonly answer: Answer;
  readonly old: Resource | undefined;
  readonly next: Resource;
  readonly provider: Provider | undefined;
}

export function resourceOf(goal: Goal, urn: string, alias: string | undefined): Resource {
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.properties,
    parent: goal.parent,
    protect: goal.protect,
    dependencies: goal.dependencies,
    provider: goal.provider,
    propertyDependencies: goal.propertyDependencies,
    additionalSecretOutputs: goal.additionalSecretOutputs,
    aliases: alias === undefined ? [] : [alias],
    customTimeouts: withoutZeros(goal.timeouts),
    importID: goal.importId,
    retainOnDelete: goal.retainOnDelete,
    deletedWith: goal.deletedWith,
    replaceWith: goal.replaceWith,
    ignoreChanges: goal.ignoreChanges,
    replaceOnChanges: goal.replaceOnChanges,
    replacementTrigger: goal.replacementTrigger,
  };
}

function withoutZeros(timeouts: Timeouts): Timeouts | undefined {
  const entries = Object.entries(timeouts).filter(([, seconds]) => seconds > 0);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export async function check(
  plan: Plan,
  provider: Provider,
  next: Resource,
  olds: Properties,
  news: Properties,
): Promise<void> {
  const { urn } = next;
  const checked = await provider.check({
    urn,
    olds,
    news,
    allowUnknowns: plan.options.preview || isProviderType(next.type),
  });
  if (checked.failures.length > 0) {
    for (const failure of checked.failures) plan.error(urn, failureText(urn, failure));
    throw new Reported(`resource ${urn} is invalid`);
  }
  next.inputs = checked.inputs;
}

export function failureText(urn: string, { property, reason }: CheckFailure): string {
  const what = `${typeOf(urn)} resource '${nameOf(urn)}'`;
  return property === "" ? `${what} has a problem: ${reason}` : `${what}: property ${property}: ${reason}`;
}
