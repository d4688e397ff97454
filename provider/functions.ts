// The functions on one screen: every question that a program can ask, by its name.
import type { Props } from "./casing.ts";
import { judge } from "./check.ts";
import { discoverInstances, discoverInstancesRevision } from "./functions/discovery.ts";
import type { Lookup } from "./functions/function.ts";
import { getInstances } from "./functions/instance.ts";
import { getDnsNamespace, getHttpNamespace, getNamespace, getNamespaces } from "./functions/namespace.ts";
import { getService, getServices } from "./functions/service.ts";
import type { CheckFailure } from "./kind.ts";

export const functions = {
  getNamespace,
  getNamespaces,
  getDnsNamespace,
  getHttpNamespace,
  getService,
  getServices,
  getInstances,
  discoverInstances,
  discoverInstancesRevision,
} as const satisfies Record<string, Lookup>;

export type FunctionName = keyof typeof functions;

/** What is wrong with the arguments of a function, or of a list: all of it, without a call. */
export function argumentFailures({ input, oneOf }: Pick<Lookup, "input" | "oneOf">, args: Props): CheckFailure[] {
  const failures = judge({ schema: input, inputs: args, rules: () => [] });
  if (oneOf === undefined || oneOf.some((names) => names.every((name) => args[name] !== undefined))) return failures;
  const choices = oneOf.map((names) => names.join(" and ")).join(", or ");
  return [...failures, { property: "", reason: `one of these must be given: ${choices}.` }];
}
