/** What the registry keeps: one record a key. The keys say what is unique, and which compare guards which rule. */
import type { Attributes, CustomHealthStatus } from "../api/instance.ts";
import type { NamespaceType } from "../api/namespace.ts";
import type { Operation, OperationStatus, OperationType } from "../api/operation.ts";
import type { OperationsOf } from "../api/operations.ts";
import type { Service } from "../api/service.ts";
import type { Tag } from "../api/tags.ts";

/** A key that holds a record of one type. */
export type Key<Record> = string & { readonly record?: Record };

/** Who the registry is, and since when: written once. */
export interface IdentityRecord {
  readonly Account: string;
  readonly CreateDate: number;
}

/** Whose something is, where that is not the registry's own account. */
export interface Owned {
  readonly Owner?: string;
}

/** What was answered to a request token, and a digest of the input that it came with. */
export interface TokenRecord {
  readonly Digest: string;
  readonly OperationId?: string;
}

export interface NamespaceRecord extends Owned {
  readonly Id: string;
  readonly Name: string;
  readonly Type: NamespaceType;
  readonly HttpName: string;
  /** Of DNS namespaces: seconds that resolvers remember that a name does not exist. */
  readonly SoaTtl?: number;
  /** Of private DNS namespaces: where their names resolve. */
  readonly Vpc?: string;
  readonly Description?: string;
  readonly CreatorRequestId?: string;
  readonly CreateDate: number;
  readonly Tags: readonly Tag[];
  /** The last update, so that sending it again answers the same operation. */
  readonly Update?: TokenRecord & { readonly Token: string };
}

export interface ServiceRecord
  extends Omit<Service, "Arn" | "ResourceOwner" | "InstanceCount" | "CreatedByAccount" | "NamespaceId"> {
  readonly Id: string;
  readonly Name: string;
  readonly NamespaceId: string;
  readonly CreateDate: number;
  readonly Tags: readonly Tag[];
  readonly Attributes?: Readonly<Record<string, string>>;
  /** Its namespace's. */
  readonly Owner?: string;
  /** Who made it, where that is not its owner. */
  readonly CreatedBy?: string;
}

export interface InstanceRecord {
  readonly Attributes: Attributes;
  readonly CreatorRequestId?: string;
  readonly OperationId: string;
  /** Who registered it, where that is not the owner of its service. */
  readonly CreatedBy?: string;
}

/** A status that was reported for an instance, or that its probes found; a reported UNHEALTHY counts from `Since` on, in milliseconds since 1970. */
export interface HealthRecord {
  readonly Status: CustomHealthStatus;
  readonly Since: number;
  /** Of a reported UNHEALTHY: it has taken effect, and those who watch the service have been told. */
  readonly Told?: true;
}

export type Targets = NonNullable<Operation["Targets"]>;

export interface OperationRecord
  extends Omit<Operation, "Id" | "OwnerAccount" | "Targets" | "Type" | "CreateDate" | "Status"> {
  readonly Id: string;
  readonly Type: OperationType;
  readonly Status: OperationStatus;
  readonly Targets: Targets;
  readonly CreateDate: number;
  /** The owner of what it changes, where that is not the registry's own account. */
  readonly Owner?: string;
  /** While it is under way: what was asked, to be carried out at its end, also after a restart. */
  readonly Request?: {
    readonly Operation: OperationsOf<"operation">;
    readonly Input: unknown;
    /** Who asked, where that is not the registry's own account. */
    readonly Account?: string;
  };
}

/** A change that is under way, in the place of what it changes. */
export interface BusyRecord extends TokenRecord {
  readonly OperationId: string;
  readonly Token?: string;
}

export const identityKey: Key<IdentityRecord> = "identity";

export const namespaceKey = (id: string): Key<NamespaceRecord> => `namespace/${id}`;
/** Names have no blanks: what is of another account than the registry's own has that before its name. */
export const scoped = (name: string, scope: string): string => (scope === "" ? name : `${scope} ${name}`);
/**
 * "A namespace of this name exists": names are unique by account and type, those of private DNS namespaces in their VPC,
 * whichever accounts they are of.
 */
export const namespaceNameKey = (
  type: NamespaceType,
  name: string,
  { vpc = "", scope }: { readonly vpc?: string; readonly scope: string },
): Key<{ Id: string }> => `name/${type}/${vpc}/${scoped(zoneName(type, name), type === "DNS_PRIVATE" ? "" : scope)}`;
/** "Route 53 treats www.example.com (without a trailing dot) and www.example.com. (with a trailing dot) as identical." */
const zoneName = (type: NamespaceType, name: string): string =>
  type === "HTTP" ? name : comparable(type, name).replace(/\.$/, "");
/** Names in DNS are compared without case (RFC 4343), names of HTTP namespaces and their services with it. */
export const comparable = (type: NamespaceType, name: string): string => (type === "HTTP" ? name : name.toLowerCase());
/** The name by which DiscoverInstances finds a namespace is unique over all types of an account. */
export const httpNameKey = (httpName: string, scope: string): Key<{ Id: string }> =>
  `http-name/${scoped(httpName, scope)}`;

/** The id is a function of namespace and name, so that the key guards the name's uniqueness too. */
export const serviceKey = (id: string): Key<ServiceRecord> => `service/${id}`;
/** One for each service: no such key, no service in the namespace. */
export const memberKey = (namespaceId: string, serviceId: string): Key<true> =>
  `${memberPrefix(namespaceId)}${serviceId}`;
export const memberPrefix = (namespaceId: string): string => `member/${namespaceId}/`;

export const instanceKey = (serviceId: string, id: string): Key<InstanceRecord> => `${instancePrefix(serviceId)}${id}`;
export const instancePrefix = (serviceId: string): string => `instance/${serviceId}/`;
export const healthKey = (serviceId: string, id: string): Key<HealthRecord> => `health/${serviceId}/${id}`;
/** Written when a service is made and when an instance leaves it: InstancesRevision never falls, also over a restart. */
export const revisionKey = (serviceId: string): Key<true> => `revision/${serviceId}`;
/** Written when an instance's health takes effect: the counter of a watch never falls, also over a restart. */
export const watchKey = (serviceId: string): Key<true> => `watch/${serviceId}`;

/** Ids are random in front and end in the time, as AWS's; the key has the time in front, so that keys sort by age. */
export const operationKey = (id: string): Key<OperationRecord> => `operation/${id.slice(-8)}-${id.slice(0, -9)}`;

/** A store's keys are UTF-8: halves of surrogate pairs become U+FFFD there, and so they must here. */
export const tokenKey = (operation: string, token: string, scope: string): Key<TokenRecord> =>
  `token/${scope === "" ? operation : `${operation} ${scope}`}/${token.toWellFormed()}`;

export const busyKey = (target: string): Key<BusyRecord> => `busy/${target}`;
/** Changes of instances are kept apart by service: no such key, none under way in the service. */
export const busyInstancePrefix = (serviceId: string): string => `busy/${serviceId}/`;

/** A key taken apart; the rest may have more slashes. */
export function partsOf(key: string) {
  const [noun, name] = cut(key);
  const [id, rest] = cut(name);
  return { noun, name, id, rest };
}

function cut(text: string): [before: string, after: string] {
  const slash = text.indexOf("/");
  return slash < 0 ? [text, ""] : [text.slice(0, slash), text.slice(slash + 1)];
}
