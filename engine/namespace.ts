/** Namespaces: what their operations do. */
import { CloudMapError } from "../api/errors.ts";
import { defaultSoaTtl, type NamespaceType } from "../api/namespace.ts";
import type { Input, Output } from "../api/operations.ts";
import { namespaceNameProblems } from "../api/rules.ts";
import { arnOfOwned, names, ownedBy, ownerOf, referenceOf, scopeOf, sees } from "./account.ts";
import { type Context, digestOf, idCharacters, timestamp } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type Filters, matcher } from "./filter.ts";
import { invalidInput } from "./invalid.ts";
import { answered, type Change, OperationFailure } from "./operation.ts";
import { page } from "./page.ts";
import { addNamespace, removeNamespace } from "./quotas.ts";
import {
  busyKey,
  httpNameKey,
  type Key,
  type NamespaceRecord,
  namespaceKey,
  namespaceNameKey,
  operationKey,
  tokenKey,
} from "./records.ts";
import type { NamespaceState, Registry } from "./registry.ts";
import { checkTags } from "./tags.ts";

type Creation = "CreateHttpNamespace" | "CreatePrivateDnsNamespace" | "CreatePublicDnsNamespace";

/** The creation of a namespace of one type. */
function creation<N extends Creation>(Type: NamespaceType): Change<N> {
  const nameKey = (input: Input<N>, context: Context) =>
    namespaceNameKey(Type, input.Name, { vpc: "Vpc" in input ? input.Vpc : "", scope: scopeOf(context) });
  return {
    type: "CREATE_NAMESPACE",
    targets: () => ({ NAMESPACE: `ns-${idCharacters()}` }),
    target: (input, _, context) => nameKey(input, context),
    token: ({ CreatorRequestId }) => CreatorRequestId,
    before: (draft, input, _, context) =>
      input.CreatorRequestId
        ? answered(draft.guard(creationToken(input.CreatorRequestId, context)), { ...input, Type })
        : undefined,
    effect: (draft, input, { operationId, targets }, context) => {
      checkTags(input.Tags ?? [], input.Name);
      if (Type !== "HTTP") refuseNoDnsName(input.Name);
      if ("Vpc" in input && input.Vpc === "") throw new CloudMapError("InvalidInput", "Vpc must be the id of a VPC.");
      const { CreatorRequestId } = input;
      if (CreatorRequestId) refuseReused(draft, CreatorRequestId, context);
      const { NAMESPACE: Id = "" } = targets;
      refuseTaken(draft, nameKey(input, context), Type, input, context);
      const record = recordOf(draft, Type, input, Id, context);
      addNamespace(draft, context);
      draft.put(namespaceKey(Id), record);
      draft.put(nameKey(input, context), { Id });
      draft.put(httpNameKey(record.HttpName, scopeOf(context)), { Id });
      if (CreatorRequestId) {
        draft.put(creationToken(CreatorRequestId, context), {
          Digest: digestOf({ ...input, Type }),
          OperationId: operationId,
        });
      }
    },
  };
}

export const createHttpNamespace = creation<"CreateHttpNamespace">("HTTP");
export const createPrivateDnsNamespace = creation<"CreatePrivateDnsNamespace">("DNS_PRIVATE");
export const createPublicDnsNamespace = creation<"CreatePublicDnsNamespace">("DNS_PUBLIC");

function recordOf(
  draft: Draft,
  Type: NamespaceType,
  input: Input<Creation>,
  Id: string,
  context: Context,
): NamespaceRecord {
  const { Name, Description, CreatorRequestId, Tags = [] } = input;
  const properties = "Properties" in input ? input.Properties : undefined;
  return {
    Id,
    Name,
    Type,
    ...ownedBy(context.account, context),
    HttpName: freeHttpName(draft, Name, Id, context),
    ...(Type !== "HTTP" && { SoaTtl: properties?.DnsProperties.SOA.TTL ?? defaultSoaTtl[Type] }),
    ...("Vpc" in input && { Vpc: input.Vpc }),
    ...(Description && { Description }),
    ...(CreatorRequestId && { CreatorRequestId }),
    CreateDate: timestamp(context.now()),
    Tags,
  };
}

function refuseNoDnsName(name: string): void {
  const problems = namespaceNameProblems(name);
  if (problems.length > 0) throw invalidInput(problems);
}

function creationToken(token: string, context: Context) {
  return tokenKey("CreateNamespace", token, scopeOf(context));
}

/** Where operations are slow, two can be under way with one token: the second of them fails. */
function refuseReused(draft: Draft, token: string, context: Context): void {
  if (draft.guard(creationToken(token, context)) === undefined) return;
  throw new CloudMapError("InvalidInput", "This request token was used before with another input; use a new one.");
}

/**
 * The compare on the name's key keeps two nodes from making the same name. Two private zones of one name in one VPC are
 * found out only when the zone is made: the operation fails, the request does not.
 */
function refuseTaken(
  draft: Draft,
  key: Key<{ Id: string }>,
  type: NamespaceType,
  input: Input<Creation>,
  context: Context,
): void {
  const taken = draft.guard(key);
  if (taken === undefined) return;
  const record = draft.peek(namespaceKey(taken.Id));
  if (type === "DNS_PRIVATE" && "Vpc" in input) {
    const isSeen = record !== undefined && sees(context, taken.Id, record);
    const whose = isSeen ? `that of the namespace ${taken.Id}` : "that of another account's namespace";
    throw new OperationFailure(
      "CANNOT_CREATE_HOSTED_ZONE",
      `ConflictingDomainExists: the VPC ${input.Vpc} has a hosted zone named ${input.Name}, ${whose}.`,
    );
  }
  const { CreatorRequestId } = record ?? {};
  throw new CloudMapError("NamespaceAlreadyExists", `A namespace named ${input.Name} exists: ${taken.Id}.`, {
    NamespaceId: taken.Id,
    ...(CreatorRequestId && { CreatorRequestId }),
  });
}

/** "HttpName": the name, or the name with a suffix while another namespace holds it; the compare is on that name's key. */
function freeHttpName(draft: Draft, name: string, id: string, context: Context): string {
  return draft.guard(httpNameKey(name, scopeOf(context))) === undefined ? name : `${name}-${id.slice(3)}`;
}

/** The namespace of an id or ARN; whoever drafts something that needs it is refused if it changes or goes meanwhile. */
export function guardNamespace(draft: Draft, idOrArn: string, context: Context): NamespaceRecord {
  const reference = referenceOf(context, "namespace", idOrArn);
  const record = draft.guard(namespaceKey(reference.id));
  if (record === undefined || !names(context, reference, record.Id, record)) throw namespaceNotFound(idOrArn);
  return record;
}

export function namespaceNotFound(idOrName: string): CloudMapError {
  return new CloudMapError("NamespaceNotFound", `No namespace ${idOrName} exists.`);
}

/** Refuses to put anything into a namespace that is being deleted; the compare on the busy key keeps it so. */
export function refuseDeleting(draft: Draft, { Id }: NamespaceRecord): void {
  const busy = draft.guard(busyKey(namespaceKey(Id)));
  if (busy === undefined || draft.peek(operationKey(busy.OperationId))?.Type !== "DELETE_NAMESPACE") return;
  throw new CloudMapError("NamespaceNotFound", `The namespace ${Id} is being deleted: operation ${busy.OperationId}.`);
}

type Update = "UpdateHttpNamespace" | "UpdatePrivateDnsNamespace" | "UpdatePublicDnsNamespace";

/** The update of a namespace of one type: what it leaves out stays, an empty description takes the description away. */
function update<N extends Update>(type: NamespaceType): Change<N> {
  return {
    type: "UPDATE_NAMESPACE",
    targets: (draft, { Id }, context) => ({ NAMESPACE: guardNamespace(draft, Id, context).Id }),
    target: (_, { NAMESPACE = "" }) => namespaceKey(NAMESPACE),
    token: ({ UpdaterRequestId }) => UpdaterRequestId,
    before: (draft, input, { NAMESPACE = "" }) => {
      const { Update } = draft.peek(namespaceKey(NAMESPACE)) ?? {};
      return Update !== undefined && Update.Token === input.UpdaterRequestId ? answered(Update, input) : undefined;
    },
    effect: (draft, input, { operationId }, context) => {
      const { Description: before, ...record } = guardNamespace(draft, input.Id, context);
      refuseOtherType(record, type);
      const { Description = before, ...change } = input.Namespace;
      const ttl = "Properties" in change ? change.Properties?.DnsProperties.SOA.TTL : undefined;
      const Token = input.UpdaterRequestId;
      draft.put(namespaceKey(record.Id), {
        ...record,
        ...(Description && { Description }),
        ...(ttl !== undefined && { SoaTtl: ttl }),
        ...(Token && { Update: { Token, Digest: digestOf(input), OperationId: operationId } }),
      });
    },
  };
}

export const updateHttpNamespace = update<"UpdateHttpNamespace">("HTTP");
export const updatePrivateDnsNamespace = update<"UpdatePrivateDnsNamespace">("DNS_PRIVATE");
export const updatePublicDnsNamespace = update<"UpdatePublicDnsNamespace">("DNS_PUBLIC");

function refuseOtherType({ Id, Type }: Pick<NamespaceRecord, "Id" | "Type">, wanted: NamespaceType): void {
  if (Type === wanted) return;
  throw new CloudMapError("InvalidInput", `The namespace ${Id} is of type ${Type}, not ${wanted}.`);
}

export const deleteNamespace: Change<"DeleteNamespace"> = {
  type: "DELETE_NAMESPACE",
  targets: (draft, { Id }, context) => ({ NAMESPACE: guardNamespace(draft, Id, context).Id }),
  target: (_, { NAMESPACE = "" }) => namespaceKey(NAMESPACE),
  token: () => undefined,
  effect: (draft, { Id }, _, context) => {
    const record = guardNamespace(draft, Id, context);
    if (draft.guardMembers(record.Id)) {
      throw new CloudMapError(
        "ResourceInUse",
        `The namespace ${record.Id} has services; delete them before the namespace.`,
      );
    }
    removeNamespace(draft, context);
    draft.delete(namespaceKey(record.Id));
    const { Type, Name, Vpc = "", HttpName, CreatorRequestId } = record;
    const scope = scopeOf({ account: ownerOf(record, context), home: context.home });
    draft.delete(namespaceNameKey(Type, Name, { vpc: Vpc, scope }));
    draft.delete(httpNameKey(HttpName, scope));
    if (CreatorRequestId) draft.delete(creationToken(CreatorRequestId, context));
  },
};

export function getNamespace(
  registry: Registry,
  { Id }: Input<"GetNamespace">,
  context: Context,
): Output<"GetNamespace"> {
  const reference = referenceOf(context, "namespace", Id);
  const record = registry.get(namespaceKey(reference.id));
  if (record === undefined || !names(context, reference, record.Id, record)) throw namespaceNotFound(Id);
  const { CreatorRequestId } = record;
  return { Namespace: { ...summary(registry, record, context), ...(CreatorRequestId && { CreatorRequestId }) } };
}

const filters = ({
  account,
  home,
}: Context): Filters<"TYPE" | "NAME" | "HTTP_NAME" | "RESOURCE_OWNER", NamespaceRecord> => ({
  TYPE: { conditions: ["EQ", "BEGINS_WITH"], of: ({ Type }) => Type },
  NAME: { conditions: ["EQ", "BEGINS_WITH"], of: ({ Name }) => Name },
  HTTP_NAME: { conditions: ["EQ", "BEGINS_WITH"], of: ({ HttpName }) => HttpName },
  RESOURCE_OWNER: { conditions: ["EQ"], of: ({ Owner = home }) => (Owner === account ? "SELF" : "OTHER_ACCOUNTS") },
});

export function listNamespaces(
  registry: Registry,
  input: Input<"ListNamespaces">,
  context: Context,
): Output<"ListNamespaces"> {
  const matches = matcher(filters(context), input.Filters);
  const isSeen = ({ record }: NamespaceState) => record !== undefined && sees(context, record.Id, record);
  const { entries, next } = page("ListNamespaces", input, (after, most) =>
    registry.namespaces.page(after, most, isSeen),
  );
  const found = entries.flatMap(({ record }) => (record !== undefined && matches(record) ? [record] : []));
  return { Namespaces: found.map((record) => summary(registry, record, context)), ...next };
}

function summary(registry: Registry, record: NamespaceRecord, context: Context) {
  const { Id, Name, Type, Description, CreateDate, HttpName, SoaTtl } = record;
  return {
    Id,
    Arn: arnOfOwned(context, "namespace", record),
    ResourceOwner: ownerOf(record, context),
    Name,
    Type,
    ...(Description && { Description }),
    ServiceCount: registry.namespaces.get(Id)?.services.size ?? 0,
    Properties: {
      ...(SoaTtl !== undefined && { DnsProperties: { HostedZoneId: hostedZoneId(Id), SOA: { TTL: SoaTtl } } }),
      HttpProperties: { HttpName },
    },
    CreateDate,
  };
}

/** Of the form of Route 53's; a namespace has one zone, so that its id follows from the namespace's. */
export function hostedZoneId(namespaceId: string): string {
  return `Z${namespaceId.slice(3).toUpperCase()}`;
}

/** The namespace that has a zone, if it exists. */
export function namespaceOfZone(zoneId: string): string {
  return `ns-${zoneId.slice(1).toLowerCase()}`;
}
