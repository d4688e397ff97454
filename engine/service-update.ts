/** The update of a service: what it changes, and what it cannot. */
import { CloudMapError } from "../api/errors.ts";
import type { Input } from "../api/operations.ts";
import { serviceProblems } from "../api/rules.ts";
import { creatorOf } from "./account.ts";
import type { Context } from "./context.ts";
import type { Draft } from "./draft.ts";
import { invalidInput } from "./invalid.ts";
import { namespaceNotFound } from "./namespace.ts";
import type { Change } from "./operation.ts";
import { type NamespaceRecord, namespaceKey, type ServiceRecord, serviceKey, watchKey } from "./records.ts";
import type { InstanceState } from "./registry.ts";
import { guardService } from "./service.ts";

/** "If you omit any existing DnsRecords or HealthCheckConfig configurations …, the configurations are deleted." */
export const updateService: Change<"UpdateService"> = {
  type: "UPDATE_SERVICE",
  targets: (draft, { Id }, context) => ({ SERVICE: guardService(draft, Id, context).Id }),
  target: (_, { SERVICE = "" }) => serviceKey(SERVICE),
  token: () => undefined,
  effect: (draft, { Id, Service: change }, _job, context) => {
    const record = guardService(draft, Id, context);
    const namespace = guardNamespaceOf(draft, record);
    const { Description: before, DnsConfig: dns, HealthCheckConfig: _, ...rest } = record;
    refuseFrozen(record, namespace, change);
    refuseForeignInstances(draft, record, context);
    const { Description = before, DnsConfig, HealthCheckConfig } = change;
    const updated: ServiceRecord = {
      ...rest,
      ...(Description && { Description }),
      ...(dns && DnsConfig && { DnsConfig: { ...dns, ...DnsConfig } }),
      ...(HealthCheckConfig && { HealthCheckConfig }),
    };
    const { Type: _type, ...judged } = updated;
    const problems = serviceProblems(updated.DnsConfig ? judged : { ...judged, Type: "HTTP" }, namespace.Type);
    if (problems.length > 0) throw invalidInput(problems);
    draft.put(serviceKey(record.Id), updated);
    const wasProbed = record.HealthCheckConfig !== undefined;
    if (wasProbed !== (HealthCheckConfig !== undefined)) draft.put(watchKey(record.Id), true);
  },
};

function guardNamespaceOf(draft: Draft, { NamespaceId }: ServiceRecord): NamespaceRecord {
  const record = draft.guard(namespaceKey(NamespaceId));
  if (record === undefined) throw namespaceNotFound(NamespaceId);
  return record;
}

/**
 * "You can't call UpdateService when the service is associated with a shared namespace and contains instances that were
 * registered by accounts other than the account making the call". No compare in the store guards it: one that is
 * registered at this very moment by another engine is as if it came just after.
 */
function refuseForeignInstances({ registry }: Draft, record: ServiceRecord, context: Context): void {
  if (!context.isShared(record.NamespaceId)) return;
  const ofOthers = ({ record: instance }: InstanceState) => creatorOf(instance, record, context) !== context.account;
  if (!Iterator.from(registry.services.get(record.Id)?.instances.values() ?? []).some(ofOthers)) return;
  throw new CloudMapError(
    "InvalidInput",
    `The service ${record.Id} is in a shared namespace and has instances of other accounts: it cannot be updated.`,
  );
}

/** What an update cannot change: anything of an HTTP namespace's service, the types of records and of the check. */
function refuseFrozen(
  record: ServiceRecord,
  { Type }: NamespaceRecord,
  change: Input<"UpdateService">["Service"],
): void {
  const { DnsConfig, HealthCheckConfig } = change;
  const types = (records: readonly { Type: string }[] = []) =>
    records
      .map((of) => of.Type)
      .sort()
      .join();
  if (Type === "HTTP") {
    throw new CloudMapError("InvalidInput", `The service ${record.Id} is in an HTTP namespace, and cannot be updated.`);
  }
  if (DnsConfig !== undefined && types(DnsConfig.DnsRecords) !== types(record.DnsConfig?.DnsRecords)) {
    const present = types(record.DnsConfig?.DnsRecords) || "none";
    throw new CloudMapError(
      "InvalidInput",
      `The record types in the request must be the same as those present in the service: ${present}.`,
    );
  }
  const check = record.HealthCheckConfig;
  if (check !== undefined && HealthCheckConfig !== undefined && check.Type !== HealthCheckConfig.Type) {
    throw new CloudMapError("InvalidInput", `Type of health check cannot be changed: it is ${check.Type}.`);
  }
}
