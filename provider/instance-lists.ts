// Looks instances up by one list per service for many callers, instead of one request per instance.
import type { Attributes } from "../api/instance.ts";
import type { Client } from "./client.ts";
import { CallError } from "./failure.ts";
import { instanceIdOf } from "./ids.ts";
import { Snapshots } from "./snapshots.ts";

/** What a list says of an instance; `changed`: ask for it by itself. */
export type Listed = Attributes | "absent" | "changed";

export class InstanceLists {
  readonly #snapshots: Snapshots<ReadonlyMap<string, Attributes>>;
  /** Instances that this process has begun to change: no list is trusted about them any more. */
  readonly #changed = new Set<string>();
  readonly #reserved = new Map<string, string>();

  constructor(client: Client, now?: () => number) {
    this.#snapshots = new Snapshots((serviceId) => listAll(client, serviceId), now);
  }

  /** Rejects with ServiceNotFound where the service is gone. */
  async find(serviceId: string, instanceId: string): Promise<Listed> {
    const attributes = (await this.#snapshots.get(serviceId)).get(instanceId);
    return this.isChanged(serviceId, instanceId) ? "changed" : (attributes ?? "absent");
  }

  /** Whether this process has begun to change it. */
  isChanged(serviceId: string, instanceId: string): boolean {
    return this.#changed.has(instanceIdOf(serviceId, instanceId));
  }

  /** Keeps two resources of one program from registering the same instance at the same moment. */
  reserve(serviceId: string, instanceId: string, owner: string): void {
    const id = instanceIdOf(serviceId, instanceId);
    const other = this.#reserved.get(id);
    if (other !== undefined && other !== owner) {
      throw new CallError("AlreadyExists", `two resources of this program register the same instance, ${id}: drop one`);
    }
    this.#reserved.set(id, owner);
  }

  /** What is deleted may be registered by another resource. */
  release(serviceId: string, instanceId: string): void {
    this.#reserved.delete(instanceIdOf(serviceId, instanceId));
  }

  /** To be called before each change that this process makes. */
  change(serviceId: string, instanceId: string): void {
    this.#changed.add(instanceIdOf(serviceId, instanceId));
  }
}

async function listAll(client: Client, serviceId: string): Promise<ReadonlyMap<string, Attributes>> {
  const found = new Map<string, Attributes>();
  let token: string | undefined;
  do {
    const page = await client.call("ListInstances", {
      ServiceId: serviceId,
      MaxResults: 100,
      ...(token !== undefined && { NextToken: token }),
    });
    for (const { Id = "", Attributes = {} } of page.Instances ?? []) found.set(Id, Attributes);
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  return found;
}

/** The instances that are there now, for those that delete or name them. */
export async function listInstances(client: Client, serviceId: string): Promise<readonly string[]> {
  return [...(await listAll(client, serviceId)).keys()];
}
