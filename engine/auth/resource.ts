/** Which resources a request is about, as policies name them: by ARN, whether they exist or not. */
import { authorizations, type Input, type OperationName } from "../../api/operations.ts";
import type { Tag } from "../../api/tags.ts";
import { arnOfOwned, creatorOf, type Kind, names, ownerOf, referenceOf, scopeOf, sees } from "../account.ts";
import { arnOf, type Context } from "../context.ts";
import { namespaceOf } from "../operation.ts";
import {
  comparable,
  type NamespaceRecord,
  namespaceKey,
  operationKey,
  type ServiceRecord,
  scoped,
  serviceKey,
} from "../records.ts";
import type { Registry } from "../registry.ts";

export interface Resource {
  readonly kind: Kind;
  readonly arn: string;
  /** The account in its ARN. */
  readonly account: string;
  /** Absent where the caller sees no such resource. */
  readonly found?: Found;
}

interface Found {
  readonly namespaceId: string;
  readonly owner: string;
  readonly creator: string;
  readonly tags: readonly Tag[];
}

/** The resources that an operation's authorization needs, in that order. */
export function resourcesOf<N extends OperationName>(
  registry: Registry,
  operation: N,
  input: Input<N>,
  context: Context,
): Resource[] {
  const kinds = authorizations[operation].resources;
  if (kinds.length === 0) return [];
  if ("NamespaceName" in input) return discovered(registry, input as Input<"DiscoverInstances">, context);
  if ("OperationId" in input) return [ofOperation(registry, input as Input<"GetOperation">, context)];
  if (kinds.length === 2) return ofCreation(registry, input as Input<"CreateService">, context);
  const { ServiceId, Id } = input as { readonly ServiceId?: string; readonly Id?: string }; // all other operations
  const idOrArn = ServiceId ?? Id ?? "";
  return kinds[0] === "namespace" ? [ofNamespace(registry, idOrArn, context)] : [ofService(registry, idOrArn, context)];
}

function ofNamespace(registry: Registry, idOrArn: string, context: Context): Resource {
  const reference = referenceOf(context, "namespace", idOrArn);
  const record = registry.get(namespaceKey(reference.id));
  if (record !== undefined && names(context, reference, record.Id, record)) return theNamespace(record, context);
  return unknown("namespace", reference.account, reference.id, context);
}

function ofService(registry: Registry, idOrArn: string, context: Context): Resource {
  const reference = referenceOf(context, "service", idOrArn);
  const record = registry.get(serviceKey(reference.id));
  if (record !== undefined && names(context, reference, record.NamespaceId, record)) return theService(record, context);
  return unknown("service", reference.account, reference.id, context);
}

/** A service that is to be made has no id yet: it is any in the namespace's account. */
function ofCreation(registry: Registry, input: Input<"CreateService">, context: Context): Resource[] {
  const namespace = ofNamespace(registry, input.NamespaceId ?? input.DnsConfig?.NamespaceId ?? "", context);
  return [namespace, unknown("service", namespace.account, "*", context)];
}

/** By names; those that are not there stand for any. */
function discovered(registry: Registry, input: Input<"DiscoverInstances">, context: Context): Resource[] {
  const { NamespaceName, ServiceName, OwnerAccount: account = context.account } = input;
  const id = registry.httpNames.get(scoped(NamespaceName, scopeOf({ account, home: context.home }))) ?? "";
  const namespace = registry.namespaces.get(id);
  const record = namespace?.record;
  if (namespace === undefined || record === undefined || !sees(context, id, record)) {
    return [unknown("namespace", account, "*", context), unknown("service", account, "*", context)];
  }
  const service = registry.services.get(namespace.services.get(comparable(record.Type, ServiceName)) ?? "")?.record;
  const second = service === undefined ? unknown("service", account, "*", context) : theService(service, context);
  return [theNamespace(record, context), second];
}

function ofOperation(registry: Registry, input: Input<"GetOperation">, context: Context): Resource {
  const { OperationId, OwnerAccount: account = context.account } = input;
  const record = registry.get(operationKey(OperationId));
  const id = record === undefined ? undefined : namespaceOf(registry, record);
  const namespace = id === undefined ? undefined : registry.get(namespaceKey(id));
  if (namespace === undefined || !names(context, { id: namespace.Id, account }, namespace.Id, namespace)) {
    return unknown("namespace", account, "*", context);
  }
  return theNamespace(namespace, context);
}

function theNamespace(record: NamespaceRecord, context: Context): Resource {
  const owner = ownerOf(record, context);
  const found = { namespaceId: record.Id, owner, creator: owner, tags: record.Tags };
  return { kind: "namespace", arn: arnOfOwned(context, "namespace", record), account: owner, found };
}

function theService(record: ServiceRecord, context: Context): Resource {
  const owner = ownerOf(record, context);
  const creator = creatorOf(record, record, context);
  const found = { namespaceId: record.NamespaceId, owner, creator, tags: record.Tags };
  return { kind: "service", arn: arnOfOwned(context, "service", record), account: owner, found };
}

function unknown(kind: Kind, account: string, id: string, { region }: Context): Resource {
  return { kind, arn: id.startsWith("arn:") ? id : arnOf({ region, account }, kind, id), account };
}
