/** Services: what their operations do. */
import { CloudMapError } from "../api/errors.ts";
import type { Input, Output } from "../api/operations.ts";
import { serviceProblems } from "../api/rules.ts";
import { arnOfOwned, createdBy, creatorOf, names, ownedBy, ownerOf, referenceOf, scopeOf, sees } from "./account.ts";
import { type Context, digestOf, idCharacters, timestamp } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type Filters, matcher } from "./filter.ts";
import { invalidInput } from "./invalid.ts";
import { guardNamespace, refuseDeleting } from "./namespace.ts";
import { answered } from "./operation.ts";
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
  const namespace = guardNamespace(draft, namespaceIdOf(input, context), context);
  const Id = serviceId(context, namespace, input.Name);
  if (repeated(draft, input, Id, context))
    return { Service: described(draft.registry, draft.peek(serviceKey(Id)), context) };
  refuseDeleting(draft, namespace);
  const problems = serviceProblems(input, namespace.Type);
  if (problems.length > 0) throw invalidInput(problems);
  refuseTooLong(namespace, input);
  checkTags(input.Tags ?? [], input.Name);
  refuseTaken(draft, Id, input.Name, context);

  const record = recordOf(input, Id, namespace, context);
  addService(draft, namespace.Id, context);
  draft.put(serviceKey(Id), record);
  draft.put(memberKey(namespace.Id, Id), true);
  draft.put(revisionKey(Id), true);
  const { CreatorRequestId: token } = input;
  if (token) draft.put(creationToken(token, scopeOf(context)), { Digest: digestOf(input) });
  return { Service: described(draft.registry, record, context) };
}

/** "NamespaceId" was a member of DnsConfig once, and still may be. */
function namespaceIdOf({ NamespaceId, DnsConfig }: Input<"CreateService">, context: Context): string {
  const old = DnsConfig?.NamespaceId;
  const found = NamespaceId ?? old;
  if (found === undefined) throw new CloudMapError("InvalidInput", "NamespaceId is required.");
  if (old !== undefined && old !== referenceOf(context, "namespace", found).id) {
    throw new CloudMapError("InvalidInput", "DnsConfig.NamespaceId is not NamespaceId; leave it out.");
  }
  return found;
}

/** The same account, namespace and name always give the same id, also to a service that is made again. */
function serviceId(context: Context, namespace: NamespaceRecord, name: string): string {
  const { Id, Type } = namespace;
  return `srv-${idCharacters(`${ownerOf(namespace, context)}/${Id}/${comparable(Type, name)}`)}`;
}

function creationToken(token: string, scope: string) {
  return tokenKey("CreateService", token, scope);
}

/** Whether this very request has made the service before. */
function repeated(draft: Draft, input: Input<"CreateService">, id: string, context: Context): boolean {
  if (!input.CreatorRequestId) return false;
  const before = draft.guard(creationToken(input.CreatorRequestId, scopeOf(context)));
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
    ServiceArn: arnOfOwned(context, "service", taken),
    ...(taken.CreatorRequestId && { CreatorRequestId: taken.CreatorRequestId }),
  });
}

/**
 * A HealthCheckConfig is kept, and answered, as it was given; its defaults are the prober's. No document says whether AWS
 * fills them in. That it does not is what Terraform's provider shows: `failure_threshold` and `resource_path` are optional
 * there, and neither computed nor defaulted, so that a filled-in answer would be a change in every plan. Since 2017 nobody
 * has reported one, and of the custom check, whose threshold AWS does fill in, many have
 * (terraform-provider-aws#35559, #37955, #44285). moto answers what it was given too.
 */
function recordOf(
  input: Input<"CreateService">,
  Id: string,
  namespace: NamespaceRecord,
  context: Context,
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
    ...ownedBy(ownerOf(namespace, context), context),
    ...createdBy(namespace, context),
    Name,
    Type: DnsConfig === undefined ? "HTTP" : "DNS_HTTP",
    ...(DnsConfig && { DnsConfig: { ...DnsConfig, RoutingPolicy: DnsConfig.RoutingPolicy ?? "MULTIVALUE" } }),
    ...(Description && { Description }),
    ...(HealthCheckConfig && { HealthCheckConfig }),
    ...(HealthCheckCustomConfig && { HealthCheckCustomConfig: { FailureThreshold: 1 } }),
    ...(CreatorRequestId && { CreatorRequestId }),
    CreateDate: timestamp(context.now()),
    Tags,
  };
}

/** The service of an id or ARN; whoever drafts something that needs it is refused if it changes or goes meanwhile. */
export function guardService(draft: Draft, idOrArn: string, context: Context): ServiceRecord {
  const reference = referenceOf(context, "service", idOrArn);
  const record = draft.guard(serviceKey(reference.id));
  if (record === undefined || !names(context, reference, record.NamespaceId, record)) throw serviceNotFound(idOrArn);
  return record;
}

/** The same, without making anything depend on it. */
export function peekService(draft: Draft, idOrArn: string, context: Context): ServiceRecord | undefined {
  const reference = referenceOf(context, "service", idOrArn);
  const record = draft.peek(serviceKey(reference.id));
  return record !== undefined && names(context, reference, record.NamespaceId, record) ? record : undefined;
}

type Found = ServiceState & { record: ServiceRecord };

/** The service of an id or ARN, with its instances. */
export function findService(registry: Registry, idOrArn: string, context: Context): Found {
  const found = seenService(registry, idOrArn, context);
  if (found === undefined) throw serviceNotFound(idOrArn);
  return found;
}

/** The same; undefined where the caller sees no such service. */
export function seenService(registry: Registry, idOrArn: string, context: Context): Found | undefined {
  const reference = referenceOf(context, "service", idOrArn);
  const state = registry.services.get(reference.id);
  if (state?.record === undefined || !names(context, reference, state.record.NamespaceId, state.record))
    return undefined;
  return state as Found; // it has a record
}

export function serviceNotFound(idOrName: string): CloudMapError {
  return new CloudMapError("ServiceNotFound", `No service ${idOrName} exists.`);
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
  const scope = scopeOf({ account: creatorOf(record, record, context), home: context.home });
  if (record.CreatorRequestId) draft.delete(creationToken(record.CreatorRequestId, scope));
  return {};
}

export function getService(registry: Registry, { Id }: Input<"GetService">, context: Context): Output<"GetService"> {
  return { Service: described(registry, findService(registry, Id, context).record, context) };
}

const filters = ({ account, home }: Context): Filters<"NAMESPACE_ID" | "RESOURCE_OWNER", ServiceRecord> => ({
  NAMESPACE_ID: { conditions: ["EQ"], of: ({ NamespaceId, Owner = home }) => `${Owner}/${NamespaceId}` },
  RESOURCE_OWNER: { conditions: ["EQ"], of: ({ Owner = home }) => (Owner === account ? "SELF" : "OTHER_ACCOUNTS") },
});

export function listServices(
  registry: Registry,
  input: Input<"ListServices">,
  context: Context,
): Output<"ListServices"> {
  const matches = matcher(
    filters(context),
    input.Filters?.map((filter) => withIds(filter, context)),
  );
  const isSeen = ({ record }: ServiceState) => record !== undefined && sees(context, record.NamespaceId, record);
  const { entries, next } = page("ListServices", input, (after, most) => registry.services.page(after, most, isSeen));
  const found = entries.flatMap(({ record }) => (record !== undefined && matches(record) ? [record] : []));
  return { Services: found.map((record) => summary(registry, record, context)), ...next };
}

type ServiceFilter = NonNullable<Input<"ListServices">["Filters"]>[number];

/** A namespace can be named by its id or by its ARN; "for namespaces shared with your account, specify the ARN". */
function withIds(filter: ServiceFilter, context: Context): ServiceFilter {
  if (filter.Name !== "NAMESPACE_ID") return filter;
  const references = filter.Values.map((value) => referenceOf(context, "namespace", value));
  return { ...filter, Values: references.map(({ account, id }) => `${account}/${id}`) };
}

function summary(registry: Registry, record: ServiceRecord, context: Context) {
  const { Tags: _, NamespaceId: __, CreatorRequestId: ___, Attributes: ____, Owner, CreatedBy, ...shown } = record;
  return {
    ...shown,
    Arn: arnOfOwned(context, "service", record),
    ResourceOwner: Owner ?? context.home,
    CreatedByAccount: CreatedBy ?? Owner ?? context.home,
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
