// What each kind of step does, by calls to the resource's provider (pkg/resource/deploy/step.go).

import { Failure } from "../failure.ts";
import type { InitFailure } from "../provider/provider.ts";
import type { OperationType, Resource } from "../state/resource.ts";
import { isProviderType, packageOf } from "../state/urn.ts";
import { equalProperties } from "../value/difference.ts";
import { isSecret, type Properties, secret, unknownString } from "../value/value.ts";
import { withIgnored } from "./difference.ts";
import { importedInputs, refuseImport } from "./importing.ts";
import type { Plan } from "./plan.ts";
import { type Applied, providerFor, refreshResource } from "./reading.ts";
import type { Step } from "./step.ts";

/** A protected resource is left alone; the others of its deployment are still dealt with. */
export class ProtectedError extends Failure {}

export function pendingTypeOf({ op }: Step): OperationType | undefined {
  switch (op) {
    case "create":
    case "create-replacement":
      return "creating";
    case "update":
      return "updating";
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return "deleting";
    case "read":
    case "read-replacement":
      return "reading";
    case "import":
    case "import-replacement":
      return "importing";
    default:
      return undefined;
  }
}

export async function applyStep(plan: Plan, step: Step): Promise<Applied> {
  switch (step.op) {
    case "same":
      return applySame(plan, step);
    case "create":
    case "create-replacement":
      return applyCreate(plan, step);
    case "update":
      return applyUpdate(plan, step);
    case "delete":
    case "delete-replaced":
    case "discard":
    case "discard-replaced":
      return applyDelete(plan, step);
    case "read":
    case "read-replacement":
      return applyRead(plan, step);
    case "import":
    case "import-replacement":
      return applyImport(plan, step);
    case "refresh":
      return refreshResource(plan, step);
    default:
      return {};
  }
}

interface Both {
  readonly old: Resource;
  readonly next: Resource;
}

function bothOf({ urn, old, new: next }: Step): Both {
  if (old === undefined || next === undefined) throw new Error(`a step of ${urn} lacks its old or new state`);
  return { old, next };
}

function nextOf({ urn, new: next }: Step): Resource {
  if (next === undefined) throw new Error(`a step of ${urn} lacks its new state`);
  return next;
}

async function applySame(plan: Plan, step: Step): Promise<Applied> {
  if (step.skippedCreate) return {};
  const { old, next } = bothOf(step);
  next.id = old.id;
  next.outputs = old.outputs;
  // Inputs that the provider says make no difference do not reach it: it sees the old ones again.
  if (isProviderType(next.type) && !step.untargeted) await plan.providers.same({ ...next, inputs: old.inputs }, true);
  return {};
}

async function applyCreate(plan: Plan, step: Step): Promise<Applied> {
  const next = nextOf(step);
  const { preview } = plan.options;
  let failed: InitFailure | undefined;
  if (next.custom) {
    const inputs = next.inputs ?? {};
    const timeout = next.customTimeouts?.create ?? 0;
    const made = await providerFor(plan, next).create({ urn: next.urn, inputs, timeout, preview });
    next.id = made.id;
    next.outputs = made.outputs;
    failed = made.failed;
    next.initErrors = failed?.reasons;
  }
  next.created = new Date().toISOString();
  next.modified = next.created;
  if (step.pendingDelete && step.old !== undefined) step.old.delete = true;
  return { failed };
}

async function applyUpdate(plan: Plan, step: Step): Promise<Applied> {
  const { old, next } = bothOf(step);
  next.id = old.id;
  if (!next.custom) return {};
  const updated = await providerFor(plan, next).update({
    urn: next.urn,
    id: old.id ?? "",
    oldInputs: old.inputs ?? {},
    oldOutputs: old.outputs ?? {},
    newInputs: next.inputs ?? {},
    timeout: next.customTimeouts?.update ?? 0,
    ignoreChanges: step.ignoreChanges ?? [],
    preview: plan.options.preview,
  });
  next.outputs = updated.outputs;
  next.initErrors = updated.failed?.reasons;
  next.modified = new Date().toISOString();
  return { failed: updated.failed };
}

async function applyDelete(plan: Plan, step: Step): Promise<Applied> {
  const { old } = step;
  if (old === undefined) throw new Error(`a delete of ${step.urn} lacks its old state`);
  if (step.op === "delete" && old.protect) {
    throw new ProtectedError(
      `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the ` +
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n" +
        `\`pulumi state unprotect '${old.urn}'\``,
    );
  }
  const goesWithAnother = old.deletedWith !== undefined && plan.deletes.has(old.deletedWith);
  const isLeft = old.external || old.retainOnDelete || goesWithAnother || !old.custom;
  if (!plan.options.preview && !isLeft) {
    await providerFor(plan, old).delete({
      urn: old.urn,
      id: old.id ?? "",
      inputs: old.inputs ?? {},
      outputs: old.outputs ?? {},
      timeout: old.customTimeouts?.delete ?? 0,
    });
  }
  if (step.pendingReplacement) old.pendingReplacement = true;
  return {};
}

async function applyRead(plan: Plan, step: Step): Promise<Applied> {
  const next = nextOf(step);
  const { old } = step;
  let failed: InitFailure | undefined;
  if (next.id === unknownString) next.outputs = {};
  else {
    const inputs = next.inputs ?? {};
    const result = await providerFor(plan, next).read({
      urn: next.urn,
      id: next.id ?? "",
      inputs,
      state: inputs,
      timeout: 0,
    });
    if (result.outputs === undefined) throw new Failure(`resource '${next.id}' does not exist`);
    next.outputs = result.outputs;
    next.id = result.id || next.id;
    failed = result.failed;
    next.initErrors = failed?.reasons;
  }
  if (step.op === "read-replacement" && old !== undefined) old.delete = true;
  next.created = old?.created;
  next.modified = old === undefined || hasChanged(old, next) ? new Date().toISOString() : old.modified;
  return { failed };
}

function hasChanged(old: Resource, next: Resource): boolean {
  return (
    !equalProperties(old.inputs ?? {}, next.inputs ?? {}) || !equalProperties(old.outputs ?? {}, next.outputs ?? {})
  );
}

async function applyImport(plan: Plan, step: Step): Promise<Applied> {
  const next = nextOf(step);
  const id = next.importID ?? "";
  const { planned } = step;
  if (planned !== undefined) refuseImport(plan, next);
  const read = await providerFor(plan, next).read({ urn: next.urn, id, inputs: undefined, state: {}, timeout: 0 });
  if (read.outputs === undefined) throw new Failure(`resource '${id}' does not exist`);
  if (read.inputs === undefined) {
    throw new Failure(
      `provider does not support importing resources; please try updating the '${packageOf(next.type)}' plugin`,
    );
  }
  next.id = read.id || id;
  next.inputs =
    planned === undefined
      ? withIgnored(read.inputs, read.inputs, step.ignoreChanges ?? []).inputs
      : await importedInputs(plan, next, read.inputs, planned);
  if (planned !== undefined) next.importID = undefined; // as the CLI: only the option's imports are remembered
  next.outputs = read.outputs;
  next.initErrors = read.failed?.reasons;
  next.created = new Date().toISOString();
  next.modified = next.created;
  if (step.op === "import-replacement" && step.old !== undefined) step.old.delete = true;
  return {};
}

/** Outputs are secret where the program says so, and where an input of the same name is. */
export function markSecrets(resource: Resource): void {
  const { inputs = {}, outputs } = resource;
  if (outputs === undefined) return;
  const names = new Set(resource.additionalSecretOutputs ?? []);
  const marked: Record<string, Properties[string]> = { ...outputs };
  let changed = false;
  for (const [key, value] of Object.entries(outputs)) {
    if (isSecret(value) || !(names.has(key) || isSecret(inputs[key]))) continue;
    marked[key] = secret(value);
    changed = true;
  }
  if (changed) resource.outputs = marked;
}
