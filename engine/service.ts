/** Services: what their operations do. */
import { CloudMapError } from "../api/errors.ts";
import type { Input, Output } from "../api/operations.ts";
import { serviceProblems } from "../api/rules.ts";
import { arnOf, type Context, digestOf, idCharacters, idOf, timestamp } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type Filters, matcher } from "./filter.ts";
import { invalidInput } from "./invalid.ts";
import { guardNamespace, refuseDeleting } from "./namespace.ts";
import { answered, type Change } from "./operation.ts";
import { page } from "./page.ts";
import { addService, removeService } from "./quotas.ts";
import {
  comparable,
  memberKey,
  type NamespaceRecord,
  revisionKey,
  type ServiceRecord,
  serviceKey,
  tokenKey,
  watchKey,
} from "./records.ts";
import type { Registry, ServiceState } from "./registry.ts";
import { checkTags } from "./tags.ts";

export function createService(draft: Draft, input: Input<"CreateService">, context: Context): Output<"CreateService"> {
  const namespace = guardNamespace(draft, namespaceIdOf(input), context);
  const Id = serviceId(context, namespace, input.Name);
  if (repeated(draft, input, Id)) return { Service: described(draft.registry, draft.peek(serviceKey(Id)), context) };
  refuseDeleting(draft, namespace);
  const problems = serviceProblems(input, namespace.Type);
  if (problems.length > 0) throw invalidInput(problems);
  refuseTooLong(namespace, input);
  checkTags(input.Tags ?? [], input.Name);
  refuseTaken(draft, Id, input.Name, context);

  const record = recordOf(input, Id, namespace, timestamp(context.now()));
  addService(draft, namespace.Id, context);
  draft.put(serviceKey(Id), record);
  draft.put(memberKey(namespace.Id, Id), true);
  draft.put(revisionKey(Id), true);
  if (input.CreatorRequestId) draft.put(creationToken(input.CreatorRequestId), { Digest: digestOf(input) });
  return { Service: described(draft.registry, record, context) };
}

/** "NamespaceId" was a member of DnsConfig once, and still may be. */
function namespaceIdOf({ NamespaceId, DnsConfig }: Input<"CreateService">): string {
  const found = NamespaceId ?? DnsConfig?.NamespaceId;
  if (found === undefined) throw new CloudMapError("InvalidInput", "NamespaceId is required.");
  if (DnsConfig?.NamespaceId !== undefined && DnsConfig.NamespaceId !== found) {
    throw new CloudMapError("InvalidInput", "DnsConfig.NamespaceId is not NamespaceId; leave it out.");
  }
  return found;
}

/** The same account, namespace and name always give the same id, also to a service that is made again. */
function serviceId({ account }: Context, { Id, Type }: NamespaceRecord, name: string): string {
  return `srv-${idCharacters(`${account}/${Id}/${comparable(Type, name)}`)}`;
}

function creationToken(token: string) {
  return tokenKey("CreateService", token);
}

/** Whether this very request has made the service before. */
function repeated(draft: Draft, input: Input<"CreateService">, id: string): boolean {
  if (!input.CreatorRequestId) return false;
  const before = draft.guard(creationToken(input.CreatorRequestId));
  answered(before, input);
  return before !== undefined && draft.guard(serviceKey(id)) !== undefined;
}

/** RFC 1035 §2.3.4: a name has 255 octets at most on the wire, which are 253 characters. */
function refuseTooLong({ Name: namespace }: NamespaceRecord, { Name, DnsConfig }: Input<"CreateService">): void {
  const { length } = `${Name}.${namespace}`;
  if (DnsConfig === undefined || Name === "." || length <= 253) return;
  throw new CloudMapError("InvalidInput", `Name: with the namespace's it has ${length} characters, and DNS takes 253.`);
}

/** The id is a function of the name: the compare on its key keeps two nodes from making the same name. */
function refuseTaken(draft: Draft, id: string, name: string, context: Context): void {
  const taken = draft.guard(serviceKey(id));
  if (taken === undefined) return;
  throw new CloudMapError("ServiceAlreadyExists", `A service named ${name} exists in the namespace: ${id}.`, {
    ServiceId: id,
    ServiceArn: arnOf(context, "service", id),
    ...(taken.CreatorRequestId && { CreatorRequestId: taken.CreatorRequestId }),
  });
}

function recordOf(
  input: Input<"CreateService">,
  Id: string,
  namespace: NamespaceRecord,
  CreateDate: number,
): ServiceRecord {
  const {
    Name,
    Description,
    CreatorRequestId,
    DnsConfig,
    HealthCheckConfig,
    HealthCheckCustomConfig,
    Tags = [],
  } = input;
  return {
    Id,
    NamespaceId: namespace.Id,
    Name,
    Type: DnsConfig === undefined ? "HTTP" : "DNS_HTTP",
    ...(DnsConfig && { DnsConfig: { ...DnsConfig, RoutingPolicy: DnsConfig.RoutingPolicy ?? "MULTIVALUE" } }),
    ...(Description && { Description }),
    ...(HealthCheckConfig && { HealthCheckConfig: withDefaults(HealthCheckConfig) }),
    ...(HealthCheckCustomConfig && { HealthCheckCustomConfig: { FailureThreshold: 1 } }),
    ...(CreatorRequestId && { CreatorRequestId }),
    CreateDate,
    Tags,
  };
}

type HealthCheck = NonNullable<ServiceRecord["HealthCheckConfig"]>;

/** "If you don't specify a value for FailureThreshold, the default is one check"; "ResourcePath: the default is /". */
function withDefaults({ Type, ResourcePath = "/", FailureThreshold = 1 }: HealthCheck): HealthCheck {
  return { Type, ...(Type !== "TCP" && { ResourcePath }), FailureThreshold };
}

/** The service of an id or ARN; whoever drafts something that needs it is refused if it changes or goes meanwhile. */
export function guardService(draft: Draft, idOrArn: string, context: Context): ServiceRecord {
  const record = draft.guard(serviceKey(idOf(context, "service", idOrArn)));
  if (record === undefined) throw serviceNotFound(idOrArn);
  return record;
}

/** The service of an id or ARN, with its instances. */
export function findService(
  registry: Registry,
  idOrArn: string,
  context: Context,
): ServiceState & { record: ServiceRecord } {
  const state = registry.services.get(idOf(context, "service", idOrArn));
  if (state?.record === undefined) throw serviceNotFound(idOrArn);
  return state as ServiceState & { record: ServiceRecord }; // checked on the line above
}

export function serviceNotFound(idOrName: string): CloudMapError {
  return new CloudMapError("ServiceNotFound", `No service ${idOrName} exists.`);
}

/** "If you omit any existing DnsRecords or HealthCheckConfig configurations …, the configurations are deleted." */
export const updateService: Change<"UpdateService"> = {
  type: "UPDATE_SERVICE",
  targets: (draft, { Id }, context) => ({ SERVICE: guardService(draft, Id, context).Id }),
  target: (_, { SERVICE = "" }) => serviceKey(SERVICE),
  token: () => undefined,
  effect: (draft, { Service: change }, { targets }, context) => {
    const record = guardService(draft, targets.SERVICE ?? "", context);
    const namespace = guardNamespace(draft, record.NamespaceId, context);
    const { Description: before, DnsConfig: dns, HealthCheckConfig: _, ...rest } = record;
    refuseFrozen(record, namespace, change);
    const { Description = before, DnsConfig, HealthCheckConfig } = change;
    const updated: ServiceRecord = {
      ...rest,
      ...(Description && { Description }),
      ...(dns && DnsConfig && { DnsConfig: { ...dns, ...DnsConfig } }),
      ...(HealthCheckConfig && { HealthCheckConfig: withDefaults(HealthCheckConfig) }),
    };
    const { Type: _type, ...judged } = updated;
    const problems = serviceProblems(updated.DnsConfig ? judged : { ...judged, Type: "HTTP" }, namespace.Type);
    if (problems.length > 0) throw invalidInput(problems);
    draft.put(serviceKey(record.Id), updated);
    const wasProbed = record.HealthCheckConfig !== undefined;
    if (wasProbed !== (HealthCheckConfig !== undefined)) draft.put(watchKey(record.Id), true);
  },
};

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

export function deleteService(draft: Draft, { Id }: Input<"DeleteService">, context: Context): Output<"DeleteService"> {
  const record = guardService(draft, Id, context);
  if (draft.guardInstances(record.Id)) {
    throw new CloudMapError(
      "ResourceInUse",
      `Service ${record.Id} contains registered instances; delete the instances before deleting the service.`,
    );
  }
  removeService(draft, record.NamespaceId);
  draft.delete(serviceKey(record.Id));
  draft.delete(memberKey(record.NamespaceId, record.Id));
  draft.delete(revisionKey(record.Id));
  if (draft.peek(watchKey(record.Id))) draft.delete(watchKey(record.Id));
  if (record.CreatorRequestId) draft.delete(creationToken(record.CreatorRequestId));
  return {};
}

export function getService(registry: Registry, { Id }: Input<"GetService">, context: Context): Output<"GetService"> {
  return { Service: described(registry, findService(registry, Id, context).record, context) };
}

const filters: Filters<"NAMESPACE_ID" | "RESOURCE_OWNER", ServiceRecord> = {
  NAMESPACE_ID: { conditions: ["EQ"], of: ({ NamespaceId }) => NamespaceId },
  RESOURCE_OWNER: { conditions: ["EQ"], of: () => "SELF" },
};

export function listServices(
  registry: Registry,
  input: Input<"ListServices">,
  context: Context,
): Output<"ListServices"> {
  const matches = matcher(
    filters,
    input.Filters?.map((filter) => withIds(filter, context)),
  );
  const { entries, next } = page("ListServices", input, (after, most) => registry.services.page(after, most));
  const found = entries.flatMap(({ record }) => (record !== undefined && matches(record) ? [record] : []));
  return { Services: found.map((record) => summary(registry, record, context)), ...next };
}

type ServiceFilter = NonNullable<Input<"ListServices">["Filters"]>[number];

/** A namespace can be named by its id or by its ARN. */
function withIds(filter: ServiceFilter, context: Context): ServiceFilter {
  if (filter.Name !== "NAMESPACE_ID") return filter;
  return { ...filter, Values: filter.Values.map((value) => idOf(context, "namespace", value)) };
}

function summary(registry: Registry, record: ServiceRecord, context: Context) {
  const { Tags: _, NamespaceId: __, CreatorRequestId: ___, Attributes: ____, ...shown } = record;
  return {
    ...shown,
    Arn: arnOf(context, "service", record.Id),
    ResourceOwner: context.account,
    CreatedByAccount: context.account,
    InstanceCount: registry.services.get(record.Id)?.instances.size ?? 0,
  };
}

function described(
  registry: Registry,
  record: ServiceRecord | undefined,
  context: Context,
): NonNullable<Output<"GetService">["Service"]> {
  if (record === undefined) return {};
  const { NamespaceId, CreatorRequestId } = record;
  return { ...summary(registry, record, context), NamespaceId, ...(CreatorRequestId && { CreatorRequestId }) };
}
