/** Namespaces: what their operations do. */
import { CloudMapError } from "../api/errors.ts";
import type { NamespaceType } from "../api/namespace.ts";
import type { Input, Output } from "../api/operations.ts";
import { arnOf, type Context, digestOf, idCharacters, idOf, timestamp } from "./context.ts";
import type { Draft } from "./draft.ts";
import { type Filters, matcher } from "./filter.ts";
import { answered, type Change } from "./operation.ts";
import { page } from "./page.ts";
import {
  busyKey,
  httpNameKey,
  type NamespaceRecord,
  namespaceKey,
  namespaceNameKey,
  operationKey,
  tokenKey,
} from "./records.ts";
import type { Registry } from "./registry.ts";
import { checkTags } from "./tags.ts";

export const createHttpNamespace: Change<"CreateHttpNamespace"> = {
  type: "CREATE_NAMESPACE",
  targets: () => ({ NAMESPACE: `ns-${idCharacters()}` }),
  target: ({ Name }) => namespaceNameKey("HTTP", Name),
  token: ({ CreatorRequestId }) => CreatorRequestId,
  before: (draft, input) =>
    input.CreatorRequestId ? answered(draft.guard(creationToken(input.CreatorRequestId)), input) : undefined,
  effect: (draft, input, { operationId, targets }, context) => {
    checkTags(input.Tags ?? [], input.Name);
    const { Name, Description, CreatorRequestId, Tags = [] } = input;
    const Id = targets.NAMESPACE ?? "";
    if (CreatorRequestId) refuseReused(draft, CreatorRequestId);
    refuseTaken(draft, "HTTP", Name);
    const HttpName = freeHttpName(draft, Name, Id);
    draft.put(namespaceKey(Id), {
      Id,
      Name,
      Type: "HTTP",
      HttpName,
      ...(Description && { Description }),
      ...(CreatorRequestId && { CreatorRequestId }),
      CreateDate: timestamp(context.now()),
      Tags,
    });
    draft.put(namespaceNameKey("HTTP", Name), { Id });
    draft.put(httpNameKey(HttpName), { Id });
    if (CreatorRequestId)
      draft.put(creationToken(CreatorRequestId), { Digest: digestOf(input), OperationId: operationId });
  },
};

function creationToken(token: string) {
  return tokenKey("CreateNamespace", token);
}

/** Where operations are slow, two can be under way with one token: the second of them fails. */
function refuseReused(draft: Draft, token: string): void {
  if (draft.guard(creationToken(token)) === undefined) return;
  throw new CloudMapError("InvalidInput", "This request token was used before with another input; use a new one.");
}

/** The compare on the name's key keeps two nodes from making the same name. */
function refuseTaken(draft: Draft, type: NamespaceType, name: string): void {
  const taken = draft.guard(namespaceNameKey(type, name));
  if (taken === undefined) return;
  const { CreatorRequestId } = draft.peek(namespaceKey(taken.Id)) ?? {};
  throw new CloudMapError("NamespaceAlreadyExists", `A namespace named ${name} exists: ${taken.Id}.`, {
    NamespaceId: taken.Id,
    ...(CreatorRequestId && { CreatorRequestId }),
  });
}

/** "HttpName": the name, or the name with a suffix while another namespace holds it; the compare is on that name's key. */
function freeHttpName(draft: Draft, name: string, id: string): string {
  return draft.guard(httpNameKey(name)) === undefined ? name : `${name}-${id.slice(3)}`;
}

/** The namespace of an id or ARN; whoever drafts something that needs it is refused if it changes or goes meanwhile. */
export function guardNamespace(draft: Draft, idOrArn: string, context: Context): NamespaceRecord {
  const record = draft.guard(namespaceKey(idOf(context, "namespace", idOrArn)));
  if (record === undefined) throw namespaceNotFound(idOrArn);
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

export const updateHttpNamespace: Change<"UpdateHttpNamespace"> = {
  type: "UPDATE_NAMESPACE",
  targets: (draft, { Id }, context) => ({ NAMESPACE: guardNamespace(draft, Id, context).Id }),
  target: (_, { NAMESPACE = "" }) => namespaceKey(NAMESPACE),
  token: ({ UpdaterRequestId }) => UpdaterRequestId,
  before: (draft, input, { NAMESPACE = "" }) => {
    const { Update } = draft.peek(namespaceKey(NAMESPACE)) ?? {};
    return Update !== undefined && Update.Token === input.UpdaterRequestId ? answered(Update, input) : undefined;
  },
  effect: (draft, input, { operationId }, context) => {
    const { Description: _, ...record } = guardNamespace(draft, input.Id, context);
    if (record.Type !== "HTTP") {
      throw new CloudMapError("InvalidInput", `The namespace ${record.Id} is of type ${record.Type}, not HTTP.`);
    }
    const { Description } = input.Namespace;
    const Token = input.UpdaterRequestId;
    draft.put(namespaceKey(record.Id), {
      ...record,
      ...(Description !== "" && { Description }),
      ...(Token && { Update: { Token, Digest: digestOf(input), OperationId: operationId } }),
    });
  },
};

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
    draft.delete(namespaceKey(record.Id));
    draft.delete(namespaceNameKey(record.Type, record.Name));
    draft.delete(httpNameKey(record.HttpName));
    if (record.CreatorRequestId) draft.delete(creationToken(record.CreatorRequestId));
  },
};

export function getNamespace(
  registry: Registry,
  { Id }: Input<"GetNamespace">,
  context: Context,
): Output<"GetNamespace"> {
  const record = registry.get(namespaceKey(idOf(context, "namespace", Id)));
  if (record === undefined) throw namespaceNotFound(Id);
  const { CreatorRequestId } = record;
  return { Namespace: { ...summary(registry, record, context), ...(CreatorRequestId && { CreatorRequestId }) } };
}

const filters: Filters<"TYPE" | "NAME" | "HTTP_NAME" | "RESOURCE_OWNER", NamespaceRecord> = {
  TYPE: { conditions: ["EQ"], of: ({ Type }) => Type },
  NAME: { conditions: ["EQ", "BEGINS_WITH"], of: ({ Name }) => Name },
  HTTP_NAME: { conditions: ["EQ", "BEGINS_WITH"], of: ({ HttpName }) => HttpName },
  RESOURCE_OWNER: { conditions: ["EQ"], of: () => "SELF" },
};

export function listNamespaces(
  registry: Registry,
  input: Input<"ListNamespaces">,
  context: Context,
): Output<"ListNamespaces"> {
  const matches = matcher(filters, input.Filters);
  const { entries, next } = page("ListNamespaces", input, (after, most) => registry.namespaces.page(after, most));
  const found = entries.flatMap(({ record }) => (record !== undefined && matches(record) ? [record] : []));
  return { Namespaces: found.map((record) => summary(registry, record, context)), ...next };
}

function summary(registry: Registry, record: NamespaceRecord, context: Context) {
  const { Id, Name, Type, Description, CreateDate, HttpName } = record;
  return {
    Id,
    Arn: arnOf(context, "namespace", Id),
    ResourceOwner: context.account,
    Name,
    Type,
    ...(Description && { Description }),
    ServiceCount: registry.namespaces.get(Id)?.services.size ?? 0,
    Properties: { HttpProperties: { HttpName } },
    CreateDate,
  };
}
