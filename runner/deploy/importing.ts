// `pulumi import`: takes resources that exist into the state, with no program run (pkg/resource/deploy/import.go).

import { Failure, notSupported } from "../failure.ts";
import { dynamicPackage } from "../provider/plugin.ts";
import type { Resource } from "../state/resource.ts";
import { formatReference, isProviderType, makeUrn, packageOf, providerType, stackType, typeOf } from "../state/urn.ts";
import type { Properties } from "../value/value.ts";
import type { Deployment } from "./deployment.ts";
import { emptyGoal } from "./goal.ts";
import type { Plan } from "./plan.ts";
import { providerFor } from "./reading.ts";
import { failureText, resourceOf } from "./registration.ts";
import type { Step } from "./step.ts";

export interface Import {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** URNs. */
  readonly parent: string | undefined;
  readonly provider: string | undefined;
  readonly version: string;
  /** The inputs to take; none given: all. */
  readonly properties: readonly string[];
  /** For what the provider cannot read. */
  readonly inputs: Properties;
  readonly protect: boolean;
}

export interface ImportContext {
  readonly plan: Plan;
  readonly deployment: Deployment;
  readonly imports: readonly Import[];
  /** Registers a default provider that the state does not have yet; answers its reference. */
  readonly registerDefault: (pkg: string, version: string) => Promise<string>;
}

/** Answers the schemas of the packages, by name, as far as their plugins tell. */
export async function importResources(context: ImportContext): Promise<ReadonlyMap<string, string>> {
  const { plan, deployment, imports } = context;
  refuseDynamic(imports);
  await deployment.carryOut(keeps(plan).map((step) => [step]));
  const stack = stackUrn(plan);
  const isNew = !plan.base.live.has(stack);
  if (isNew) {
    const root = resourceOf({ ...emptyGoal, type: stackType }, stack, undefined);
    plan.urns.add(stack);
    await deployment.carryOut([[{ op: "create", urn: stack, new: root }]]);
  }
  const references = await providersOf(context);
  const steps = imports.flatMap((each) => importStep(plan, each, references, stack));
  await deployment.carryOut(byParents(steps));
  if (isNew && !deployment.isStopped) deployment.registerOutputs(stack, {});
  return schemasOf(plan, references);
}

function refuseDynamic(imports: readonly Import[]): void {
  const dynamic = imports.find(({ type }) => packageOf(type) === dynamicPackage);
  if (dynamic === undefined) return;
  throw notSupported(
    `importing '${dynamic.name}' of type '${dynamic.type}'`,
    "a dynamic provider is given nothing but an id, and so cannot import; take over what exists as its package says " +
      "(an `adopt` input), or use the package's plugin, if it has one",
  );
}

/** What is in the state stays, and its providers are there for what is imported by them. */
function keeps({ base, urns }: Plan): Step[] {
  const live = base.resources.filter((resource) => !resource.delete);
  for (const { urn } of live) urns.add(urn);
  return live.map((old) => ({ op: "same", urn: old.urn, old, new: { ...old }, untargeted: !isProviderType(old.type) }));
}

function stackUrn({ project, stack }: Plan): string {
  return makeUrn(stack, project, "", stackType, `${project}-${stack}`);
}

/** The provider reference of each import, by the URN that stands for it. */
async function providersOf({ plan, imports, registerDefault }: ImportContext): Promise<ReadonlyMap<string, string>> {
  const references = new Map<string, string>();
  for (const each of imports) {
    const urn = providerUrn(plan, each);
    if (references.has(urn)) continue;
    const known = plan.base.live.get(urn);
    if (known === undefined && each.provider !== undefined) {
      throw new Failure(
        `the provider '${urn}' of '${each.name}' is not in the state: deploy it with \`pulumi up\` first`,
      );
    }
    const reference =
      known === undefined
        ? await registerDefault(packageOf(each.type), each.version)
        : formatReference({ urn, id: known.id ?? "" });
    if (known !== undefined) await plan.providers.ensure(reference, plan.base.live);
    references.set(urn, reference);
  }
  return references;
}

function providerUrn({ project, stack }: Plan, { provider, type, version }: Import): string {
  const name = version === "" ? "default" : `default_${version.replaceAll(/[.+-]/g, "_")}`;
  return provider ?? makeUrn(stack, project, "", providerType(packageOf(type)), name);
}

function importStep(plan: Plan, each: Import, references: ReadonlyMap<string, string>, stack: string): Step[] {
  const old = plan.base.live.get(each.urn);
  if (old !== undefined && (old.importID || old.id) === each.id) return [];
  const goal = {
    ...emptyGoal,
    type: each.type,
    name: each.name,
    custom: true,
    properties: each.inputs,
    parent: each.parent ?? stack,
    protect: each.protect,
    provider: references.get(providerUrn(plan, each)) ?? "",
    importId: each.id,
  };
  plan.urns.add(each.urn);
  const next = resourceOf(goal, each.urn, undefined);
  return [{ op: "import", urn: each.urn, new: next, planned: each.properties }];
}

/** Parents before their children. */
function byParents(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  const waiting = new Map(steps.map((step) => [step.urn, step]));
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((step) => !waiting.has(step.new?.parent ?? ""));
    for (const { urn } of ready) waiting.delete(urn);
    groups.push(ready);
  }
  return groups;
}

async function schemasOf(plan: Plan, references: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [urn, reference] of references) {
    const schema = await plan.providers.find(reference)?.schema();
    if (schema !== undefined) found.set(typeOf(urn).replace(providerType(""), ""), schema);
  }
  return found;
}

/** A resource that is in the state under another id is no import. */
export function refuseImport(plan: Plan, { urn, parent = "" }: Resource): void {
  if (plan.base.live.has(urn)) throw new Failure(`resource '${urn}' already exists`);
  if (typeOf(parent) !== stackType && !plan.news.has(parent)) {
    throw new Failure(`unknown parent '${parent}' for resource '${urn}'`);
  }
}

/** The inputs that an import takes; those that the provider itself refuses are taken, with a warning. */
export async function importedInputs(
  plan: Plan,
  next: Resource,
  read: Properties,
  properties: readonly string[],
): Promise<Properties> {
  const supplied = Object.entries(next.inputs ?? {}).filter(([key]) => read[key] === undefined || read[key] === null);
  const whole: Properties = { ...read, ...Object.fromEntries(supplied) };
  const picked = Object.entries(whole).filter(([key]) => properties.length === 0 || properties.includes(key));
  const inputs = Object.fromEntries(picked);
  const { urn } = next;
  const checked = await providerFor(plan, next).check({
    urn,
    olds: whole,
    news: inputs,
    allowUnknowns: plan.options.preview,
  });
  if (checked.failures.length === 0) return inputs;
  const reason =
    properties.length === 0
      ? `This is almost certainly a bug in the \`${packageOf(next.type)}\` provider.`
      : "Try specifying a different set of properties to import with in the future.";
  plan.report({
    severity: "warning",
    urn,
    message: `One or more imported inputs failed to validate. ${reason} The import will still proceed, but you will need to edit the generated code after copying it into your program.`,
  });
  for (const failure of checked.failures) plan.report({ severity: "warning", urn, message: failureText(urn, failure) });
  return inputs;
}
