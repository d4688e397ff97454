/** A registry on a real store, asked as a client asks it, by the names that generated commands use. */

import type { Input, OperationName, Output } from "../../../api/operations.ts";
import { rootOf } from "../../../engine/auth/caller.ts";
import { Contexts } from "../../../engine/contexts.ts";
import { Dispatcher } from "../../../engine/dispatch.ts";
import { loadRegistry } from "../../../engine/loading.ts";
import type { Store } from "../../../engine/store/store.ts";
import { byName, type Command, type Kind, same, window } from "./world.ts";

const home = "123456789012";
const asking = { caller: rootOf(home), address: "127.0.0.1" };
const namespaceOperations = {
  HTTP: ["CreateHttpNamespace", "UpdateHttpNamespace"],
  DNS_PRIVATE: ["CreatePrivateDnsNamespace", "UpdatePrivateDnsNamespace"],
  DNS_PUBLIC: ["CreatePublicDnsNamespace", "UpdatePublicDnsNamespace"],
} as const;

export class Life {
  readonly #openStore: () => Promise<Store>;
  readonly #now: () => number;
  #store: Store | undefined;
  #dispatcher: Dispatcher | undefined;
  /** The last ids of what was made, also where it has gone. */
  readonly #ids = new Map<string, string>();
  readonly #operations: string[] = [];

  constructor(openStore: () => Promise<Store>, now: () => number) {
    this.#openStore = openStore;
    this.#now = now;
  }

  async open(): Promise<void> {
    this.#store = await this.#openStore();
    const registry = await loadRegistry(this.#store, () => {});
    const base = { home, region: "us-east-1", now: this.#now, operationDelay: 0, healthWindow: window, quotas: {} };
    this.#dispatcher = new Dispatcher(registry, this.#store, new Contexts(base), () => {});
  }

  async close(): Promise<void> {
    await this.#dispatcher?.close();
    await this.#store?.close();
  }

  async call<N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> {
    return (await this.#dispatcher?.answer(name, input, asking)) as Output<N>; // the operation's own output
  }

  /** The id of what a command is about; one that nothing has where there never was such a thing. */
  idOf(command: Command): string {
    if (!("kind" in command)) return "";
    return this.#ids.get(label(command, "service" in command && command.type !== "createService")) ?? "srv-none";
  }

  /** Does a command; answers `done`, or how it was refused or failed. */
  async do(command: Command): Promise<string> {
    try {
      return await this.#do(command);
    } catch (error) {
      if (error instanceof Error && "code" in error) return String(error.code);
      throw error;
    }
  }

  async #do(command: Command): Promise<string> {
    if (command.type === "wait") return "done";
    if (command.type === "restart") {
      await this.close();
      await this.open();
      return "done";
    }
    const Id = this.idOf(command);
    const asked = await this.#ask(command, Id);
    if (asked === undefined || !("OperationId" in asked) || asked.OperationId === undefined) return "done";
    this.#operations.push(asked.OperationId);
    const { Operation } = await this.call("GetOperation", { OperationId: asked.OperationId });
    const made = Operation?.Targets?.NAMESPACE;
    if (command.type === "createNamespace" && Operation?.Status === "SUCCESS" && made !== undefined)
      this.#ids.set(label(command), made);
    return Operation?.Status === "SUCCESS" ? "done" : String(Operation?.ErrorCode);
  }

  async #ask(
    command: Exclude<Command, { type: "wait" | "restart" }>,
    Id: string,
  ): Promise<{ OperationId?: string } | undefined> {
    const [create, update] = namespaceOperations[command.kind];
    switch (command.type) {
      case "createNamespace": {
        const input = { Name: command.namespace, Description: command.description };
        return this.call(create, { ...input, ...(command.kind === "DNS_PRIVATE" && { Vpc: "vpc-1" }) } as Input<
          typeof create
        >);
      }
      case "updateNamespace":
        return this.call(update, { Id, Namespace: { Description: command.description } });
      case "deleteNamespace":
        return this.call("DeleteNamespace", { Id });
      case "createService": {
        const more = { Type: "HTTP", ...(command.custom && { HealthCheckCustomConfig: {} }) } as const; // without records
        const { Service } = await this.call("CreateService", { Name: command.service, NamespaceId: Id, ...more });
        this.#ids.set(label(command, true), Service?.Id ?? "");
        return undefined;
      }
      case "deleteService":
        return void (await this.call("DeleteService", { Id }));
      case "register": {
        const { value, initial, instance: InstanceId } = command;
        const Attributes = { value, ...(initial !== undefined && { AWS_INIT_HEALTH_STATUS: initial }) };
        return this.call("RegisterInstance", { ServiceId: Id, InstanceId, Attributes });
      }
      case "deregister":
        return this.call("DeregisterInstance", { ServiceId: Id, InstanceId: command.instance });
      default:
        return this.#change(command, Id);
    }
  }

  async #change(
    command: Extract<Command, { type: "report" | "setAttribute" | "deleteAttribute" | "tag" | "untag" }>,
    ServiceId: string,
  ) {
    const ResourceARN = `arn:aws:servicediscovery:us-east-1:${home}:service/${ServiceId}`;
    if (command.type === "report") {
      const { instance: InstanceId, status: Status } = command;
      await this.call("UpdateInstanceCustomHealthStatus", {
        ServiceId,
        InstanceId,
        Status,
      } as Input<"UpdateInstanceCustomHealthStatus">);
    } else if (command.type === "setAttribute")
      await this.call("UpdateServiceAttributes", { ServiceId, Attributes: { [command.key]: command.value } });
    else if (command.type === "deleteAttribute")
      await this.call("DeleteServiceAttributes", { ServiceId, Attributes: [command.key] });
    else if (command.type === "tag")
      await this.call("TagResource", { ResourceARN, Tags: [{ Key: command.key, Value: command.value }] });
    else await this.call("UntagResource", { ResourceARN, TagKeys: [command.key] });
    return undefined;
  }

  /** Operations that were acknowledged and cannot be asked for any more. */
  async lostOperations(): Promise<string[]> {
    const asked = this.#operations.map((OperationId) =>
      this.call("GetOperation", { OperationId }).then(
        () => [],
        () => [OperationId],
      ),
    );
    return (await Promise.all(asked)).flat();
  }

  /** The revisions of all services that there are. */
  async revisions(): Promise<Map<string, number>> {
    const revisions = new Map<string, number>();
    for (const { name, httpName } of await this.#namespaces()) {
      for (const { Id = "", Name = "" } of await this.#servicesOf(httpName)) {
        const asked = { NamespaceName: httpName, ServiceName: Name };
        const { InstancesRevision = 0 } = await this.call("DiscoverInstancesRevision", asked);
        if (name !== "") revisions.set(Id, InstancesRevision);
      }
    }
    return revisions;
  }

  /** All that there is, as World shows it. */
  async shown(): Promise<object> {
    const namespaces = await this.#namespaces();
    const all = namespaces.map(async ({ id: _, ...namespace }) => {
      const services = (await this.#servicesOf(namespace.httpName)).map((each) =>
        this.#shownService(each, namespace.httpName),
      );
      return { ...namespace, services: (await Promise.all(services)).sort(byName) };
    });
    return Promise.all(all);
  }

  async #shownService({ Id: ServiceId = "", Arn: ResourceARN = "", Name = "" }: Listed, NamespaceName: string) {
    const { ServiceAttributes } = await this.call("GetServiceAttributes", { ServiceId });
    const { Tags = [] } = await this.call("ListTagsForResource", { ResourceARN });
    const { Instances = [] } = await this.call("ListInstances", { ServiceId });
    const { Status = {} } = await this.call("GetInstancesHealthStatus", { ServiceId });
    const discovered = await this.call("DiscoverInstances", { NamespaceName, ServiceName: Name });
    return {
      name: Name,
      attributes: ServiceAttributes?.Attributes ?? {},
      tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      instances: Object.fromEntries(Instances.map(({ Id = "", Attributes }) => [Id, Attributes])),
      health: Status,
      discovered: (discovered.Instances ?? []).map(({ InstanceId = "" }) => InstanceId).sort(),
    };
  }

  async #namespaces() {
    const { Namespaces = [] } = await this.call("ListNamespaces", {});
    const all = Namespaces.map(({ Id = "", Name = "", Type, Description = "", Properties }) => {
      const httpName = Properties?.HttpProperties?.HttpName ?? "";
      return { id: Id, name: Name, kind: Type as Kind, httpName, description: Description };
    });
    return all.sort(byName);
  }

  async #servicesOf(httpName: string): Promise<Listed[]> {
    const id = (await this.#namespaces()).find((each) => each.httpName === httpName)?.id ?? "";
    const Filters = [{ Name: "NAMESPACE_ID", Values: [id], Condition: "EQ" }] as const;
    return [...((await this.call("ListServices", { Filters })).Services ?? [])];
  }
}

type Listed = NonNullable<Output<"ListServices">["Services"]>[number];

function label(command: Exclude<Command, { type: "wait" | "restart" }>, ofService = false): string {
  const namespace = `${command.kind} ${same(command.kind, command.namespace)}`;
  return ofService && "service" in command ? `${namespace} ${same(command.kind, command.service)}` : namespace;
}
