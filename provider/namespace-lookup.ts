// Finds namespaces: by their id, by their name, and of which type the one is that a service is in.
import type { Namespace, NamespaceType } from "../api/namespace.ts";
import type { Client } from "./client.ts";
import { type CallError, hasCode } from "./failure.ts";
import { findHostedZone } from "./hosted-zone.ts";
import { shortId } from "./ids.ts";
import { isOwn } from "./ownership.ts";
import type { Session } from "./session.ts";

export async function findNamespace(client: Client, id: string): Promise<Namespace | undefined> {
  try {
    return (await client.call("GetNamespace", { Id: id })).Namespace;
  } catch (error) {
    if (hasCode(error, "NamespaceNotFound")) return undefined;
    throw error;
  }
}

interface Wanted {
  readonly name: string;
  readonly type: NamespaceType;
  /** Whose namesake is our own, and in the way. */
  readonly owner: string;
  /** Whose namesakes are our own all the same, in another VPC. */
  readonly program: string;
  /** Of others' namesakes the one in this VPC comes first, as far as Route 53 tells. */
  readonly vpc?: unknown;
}

/**
 * What is in the way of a creation. The refusal names it; an operation that failed for it does not, so that the name is
 * looked up: of several private namespaces of that name it is our own, else one that may be taken over, else the first.
 */
export async function findNamesake(
  { details }: CallError,
  { name, type, owner, program, vpc }: Wanted,
  { client, adopt }: Session,
): Promise<Namespace | undefined> {
  if (details.NamespaceId !== undefined) return findNamespace(client, details.NamespaceId);
  const ids = await idsOfName(client, name, type);
  const found = (await Promise.all(ids.map((id) => findNamespace(client, id)))).filter((each) => each !== undefined);
  const own = found.find(({ CreatorRequestId }) => isOwn(CreatorRequestId, owner));
  const isOurs = (token: string | undefined) => program !== "" && token?.startsWith(program) === true;
  const foreign = found.filter(({ CreatorRequestId }) => !isOurs(CreatorRequestId));
  const allowed = own ?? found.find(({ Id = "" }) => adopt.has(Id));
  if (allowed !== undefined || vpc === undefined) return allowed ?? foreign[0];
  const near = await Promise.all(foreign.map((each) => isInVpc(each, vpc, client)));
  return foreign.find((_, index) => near[index]) ?? foreign[0];
}

/** Whether the zone of a private namespace is known to be in a VPC. */
export async function isInVpc({ Properties }: Namespace, vpc: unknown, client: Client): Promise<boolean> {
  const zone = await findHostedZone(client, Properties?.DnsProperties?.HostedZoneId ?? "");
  return zone?.vpcs.includes(String(vpc)) === true;
}

async function idsOfName(client: Client, name: string, type: NamespaceType): Promise<readonly string[]> {
  const Filters = [
    { Name: "NAME", Values: [name] },
    { Name: "TYPE", Values: [type] },
  ] as const;
  const found: string[] = [];
  let token: string | undefined;
  do {
    const page = await client.call("ListNamespaces", { Filters, ...(token && { NextToken: token }) });
    found.push(...(page.Namespaces ?? []).flatMap(({ Id }) => (Id === undefined ? [] : [Id])));
    token = page.NextToken;
  } while (token);
  return found;
}

/** The type of the namespace of an id or ARN, asked once; undefined where the caller may not see it or it is gone. */
export function namespaceType(
  { client, namespaceTypes }: Session,
  idOrArn: string,
): Promise<NamespaceType | undefined> {
  const id = shortId(idOrArn);
  const known = namespaceTypes.get(id);
  if (known !== undefined) return known;
  const asked = askType(client, idOrArn);
  namespaceTypes.set(id, asked);
  asked.catch(() => namespaceTypes.delete(id)); // the next caller tries again
  return asked;
}

async function askType(client: Client, idOrArn: string): Promise<NamespaceType | undefined> {
  try {
    return (await findNamespace(client, idOrArn))?.Type;
  } catch (error) {
    if (hasCode(error, "AccessDeniedException", "AccessDenied")) return undefined; // shared by another account
    throw error;
  }
}
