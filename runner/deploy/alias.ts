// Finding the resource that a registration continues: by its URN, else by the names that it or its parent had.

import type { Resource } from "../state/resource.ts";
import { makeUrn, nameOf, qualifiedType, stackType, typeOf } from "../state/urn.ts";
import type { Alias, Goal } from "./goal.ts";
import { type Plan, Reported } from "./plan.ts";

function urnOfAlias(plan: Plan, goal: Goal, alias: Alias): string {
  if ("urn" in alias) return alias.urn;
  const given = alias.parent === "" ? goal.parent : (plan.formerOf.get(alias.parent) ?? alias.parent);
  const parent = alias.noParent || given === "" || qualifiedType(given) === stackType ? "" : qualifiedType(given);
  return makeUrn(
    alias.stack || plan.stack,
    alias.project || plan.project,
    parent,
    alias.type || goal.type,
    alias.name || goal.name,
  );
}

/** A child takes part in its parent's renaming: also in its own name, where that begins with the parent's. */
function inheritedAlias(plan: Plan, type: string, name: string, parent: string, former: string): string {
  const parentName = nameOf(parent);
  const formerName = name.startsWith(parentName) ? nameOf(former) + name.slice(parentName.length) : name;
  return makeUrn(plan.stack, plan.project, qualifiedType(former), type, formerName);
}

function formerUrns(plan: Plan, goal: Goal): string[] {
  const own = goal.aliases.map((alias) => urnOfAlias(plan, goal, alias));
  const former = plan.formerOf.get(goal.parent);
  if (former === undefined) return own;
  const inherit = (type: string, name: string) => inheritedAlias(plan, type, name, goal.parent, former);
  return [...own, inherit(goal.type, goal.name), ...own.map((urn) => inherit(typeOf(urn), nameOf(urn)))];
}

export interface Found {
  readonly old: Resource | undefined;
  /** The former URN that it was found under. */
  readonly alias: string | undefined;
}

export function findOld(plan: Plan, urn: string, goal: Goal): Found {
  const claimed = plan.aliased.get(urn);
  if (claimed !== undefined) {
    return conflict(
      plan,
      urn,
      `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimed}'`,
    );
  }
  const own = plan.base.live.get(urn);
  if (own !== undefined) return { old: own, alias: undefined };
  for (const alias of formerUrns(plan, goal)) {
    const old = plan.base.live.get(alias);
    if (old === undefined) continue;
    const holder = plan.urns.has(alias) ? alias : plan.aliased.get(alias);
    if (holder !== undefined) {
      return conflict(
        plan,
        urn,
        `Duplicate resource alias '${alias}' applied to resource with URN '${urn}' conflicting with resource with URN '${holder}'`,
      );
    }
    plan.aliased.set(alias, urn);
    plan.formerOf.set(urn, alias);
    plan.providers.alias(urn, alias);
    return { old, alias };
  }
  return { old: undefined, alias: undefined };
}

function conflict(plan: Plan, urn: string, message: string): never {
  plan.error(urn, message);
  throw new Reported(message);
}
