// Looks services up by one list per namespace for many callers, instead of one request per service.
import type { Service } from "../api/service.ts";
import type { Client } from "./client.ts";
import { hasCode } from "./failure.ts";
import { shortId } from "./ids.ts";
import { Snapshots } from "./snapshots.ts";

export class ServiceLists {
  readonly #client: Client;
  readonly #snapshots: Snapshots<ReadonlyMap<string, Service>>;
  /** Namespaces of which one service was asked for: who asks for a second one will ask for more. */
  readonly #begun = new Set<string>();
  /** Services that this process has begun to change: no list is trusted about them any more. */
  readonly #changed = new Set<string>();

  constructor(client: Client, now?: () => number) {
    this.#client = client;
    this.#snapshots = new Snapshots((namespaceId) => listAll(client, namespaceId), now);
  }

  /** To be called before each change that this process makes. */
  change(serviceId: string): void {
    this.#changed.add(shortId(serviceId));
  }

  /** undefined where it is gone: of that, a list alone does not convince. What is named by its ARN is another account's. */
  async find(serviceId: string, namespaceId: unknown): Promise<Service | undefined> {
    const namespace = typeof namespaceId === "string" ? shortId(namespaceId) : "";
    const isFirst = !this.#begun.has(namespace);
    this.#begun.add(namespace);
    if (isFirst || namespace === "" || serviceId.startsWith("arn:") || this.#changed.has(shortId(serviceId)))
      return getService(this.#client, serviceId);
    const listed = (await this.#snapshots.get(namespace)).get(shortId(serviceId));
    return listed === undefined || this.#changed.has(shortId(serviceId)) ? getService(this.#client, serviceId) : listed;
  }
}

export async function getService(client: Client, serviceId: string): Promise<Service | undefined> {
  try {
    return (await client.call("GetService", { Id: serviceId })).Service;
  } catch (error) {
    if (hasCode(error, "ServiceNotFound")) return undefined;
    throw error;
  }
}

/** Who may not list services sees none. */
async function listAll(client: Client, NamespaceId: string): Promise<ReadonlyMap<string, Service>> {
  const found = new Map<string, Service>();
  let token: string | undefined;
  try {
    do {
      const Filters = [{ Name: "NAMESPACE_ID", Values: [NamespaceId] }] as const;
      const page = await client.call("ListServices", { Filters, MaxResults: 100, ...(token && { NextToken: token }) });
      for (const each of page.Services ?? []) found.set(each.Id ?? "", { ...each, NamespaceId });
      token = page.NextToken;
    } while (token);
  } catch (error) {
    if (!hasCode(error, "AccessDeniedException", "AccessDenied")) throw error;
  }
  return found;
}
