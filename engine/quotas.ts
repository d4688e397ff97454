/**
 * Quotas: how much an account may have. One engine holds them exactly: a command counts what those before it in its
 * batch draft, and a batch begins when the registry has applied the last one. No compare in the store guards them, for a
 * counter's key would put all registrations in a row: several engines over one store can go over a quota by what they
 * have in flight at that moment.
 */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { CloudMapError } from "../api/errors.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import type { ServiceRecord } from "./records.ts";

/** What is left out has no quota. */
export interface Quotas {
  readonly namespaces?: number;
  readonly servicesPerNamespace?: number;
  readonly instancesPerNamespace?: number;
  readonly instancesPerService?: number;
}

/**
 * https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-limits.html: "Namespaces per Region: 50", "Instances per
 * namespace: 2,000", "Instances per service: 1,000"; it has no quota of services. Its "Custom attributes per instance:
 * 30" is a rule of the API, which holds always.
 */
export const awsQuotas: Quotas = { namespaces: 50, instancesPerNamespace: 2_000, instancesPerService: 1_000 };

const quota = { type: "integer", minimum: 0, maximum: 1_000_000_000 };

const isQuotas = new Ajv({ allErrors: true }).compile<Quotas>({
  type: "object",
  properties: {
    namespaces: quota,
    servicesPerNamespace: quota,
    instancesPerNamespace: quota,
    instancesPerService: quota,
  },
  additionalProperties: false,
});

/** `none`, `aws`, or a file of quotas. */
export function readQuotas(text: string): Quotas {
  if (text === "none") return {};
  if (text === "aws") return awsQuotas;
  const content = parse(text);
  if (isQuotas(content)) return content;
  const reasons = (isQuotas.errors ?? []).map(({ instancePath, message, params }) =>
    "additionalProperty" in params
      ? `there is no quota ${JSON.stringify(params.additionalProperty)}`
      : `${instancePath.slice(1) || "the file"} ${message}`,
  );
  throw new Error(
    `--quotas ${text}: ${reasons.join("; ")}. A file of quotas is JSON such as ${JSON.stringify(awsQuotas)}`,
  );
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`--quotas ${file}: the file is not JSON: ${error.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--quotas takes none, aws or a file of quotas: ${reason}`);
  }
}

/** Counts a namespace that is drafted, or refuses it. */
export function addNamespace(draft: Draft, { account, home, quotas }: Context): void {
  const used = draft.registry.namespacesOf(account === home ? undefined : account);
  take(draft, `namespaces/${account}`, used, quotas.namespaces, `The account ${account}`, "namespaces");
}

export function removeNamespace(draft: Draft, { account }: Context): void {
  draft.tally(`namespaces/${account}`, -1);
}

export function addService(draft: Draft, namespaceId: string, { quotas }: Context): void {
  const used = draft.registry.namespaces.get(namespaceId)?.services.size ?? 0;
  const who = `The namespace ${namespaceId}`;
  take(draft, `services/${namespaceId}`, used, quotas.servicesPerNamespace, who, "servicesPerNamespace");
}

export function removeService(draft: Draft, namespaceId: string): void {
  draft.tally(`services/${namespaceId}`, -1);
}

/** Counts an instance that was not registered before, or refuses it. */
export function addInstance(draft: Draft, { Id, NamespaceId }: ServiceRecord, { quotas }: Context): void {
  const { namespaces, services } = draft.registry;
  const [inService, inNamespace] = [services.get(Id)?.instances.size ?? 0, namespaces.get(NamespaceId)?.instances ?? 0];
  const { instancesPerService, instancesPerNamespace } = quotas;
  take(draft, `instances/${Id}`, inService, instancesPerService, `The service ${Id}`, "instancesPerService");
  const who = `The namespace ${NamespaceId}`;
  take(draft, `instances/${NamespaceId}`, inNamespace, instancesPerNamespace, who, "instancesPerNamespace");
}

export function removeInstance(draft: Draft, { Id, NamespaceId }: ServiceRecord): void {
  draft.tally(`instances/${Id}`, -1);
  draft.tally(`instances/${NamespaceId}`, -1);
}

function take(
  draft: Draft,
  tally: string,
  applied: number,
  most: number | undefined,
  who: string,
  name: keyof Quotas,
): void {
  if (most !== undefined && applied + draft.tallied(tally) >= most) {
    const nouns = name.replace(/Per.*/, "");
    throw new CloudMapError(
      "ResourceLimitExceeded",
      `${who} has as many ${nouns} as the quota ${name} allows: ${most}. Remove some, or give the engine a larger quota.`,
    );
  }
  draft.tally(tally, 1);
}
