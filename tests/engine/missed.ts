/** What a node can miss: what another one has made, changed or removed, and what it is then asked. */
import type { CloudMapError } from "../../api/errors.ts";
import type { Member, MemberOptions } from "./cluster.ts";

export interface Made {
  readonly namespace: string;
  readonly service: string;
  readonly operation: string;
}

/** A namespace, a service and an instance, made by one node. */
export async function make({ ask, registry }: Member, name = "n"): Promise<Made> {
  await ask("CreateHttpNamespace", { Name: name });
  const namespace = registry.httpNames.get(name) ?? "";
  const { Service } = await ask("CreateService", { NamespaceId: namespace, Name: "s", HealthCheckCustomConfig: {} });
  const service = Service?.Id ?? "";
  const started = await ask("RegisterInstance", { ServiceId: service, InstanceId: "i", Attributes: { v: "1" } });
  return { namespace, service, operation: started.OperationId ?? "" };
}

export const names = { NamespaceName: "n", ServiceName: "s" };

/** What a node is asked that has not heard yet of what another node has made. */
export const reads: Readonly<Record<string, (slow: Member, made: Made) => Promise<unknown>>> = {
  GetNamespace: (slow, { namespace }) => slow.ask("GetNamespace", { Id: namespace }),
  GetService: (slow, { service }) => slow.ask("GetService", { Id: service }),
  GetInstance: (slow, { service }) => slow.ask("GetInstance", { ServiceId: service, InstanceId: "i" }),
  GetOperation: (slow, { operation }) => slow.ask("GetOperation", { OperationId: operation }),
  GetServiceAttributes: (slow, { service }) => slow.ask("GetServiceAttributes", { ServiceId: service }),
  GetInstancesHealthStatus: (slow, { service }) => slow.ask("GetInstancesHealthStatus", { ServiceId: service }),
  DiscoverInstances: (slow) => slow.ask("DiscoverInstances", names),
  DiscoverInstancesRevision: (slow) => slow.ask("DiscoverInstancesRevision", names),
  ListInstances: (slow, { service }) => slow.ask("ListInstances", { ServiceId: service }),
  ListNamespaces: (slow) => slow.ask("ListNamespaces", {}),
  ListServices: (slow) => slow.ask("ListServices", {}),
  ListOperations: (slow) => slow.ask("ListOperations", {}),
};

/** What a node is asked to do that it can do only with what another node has made. */
export const writes: Readonly<Record<string, (slow: Member, made: Made) => Promise<unknown>>> = {
  CreateService: (slow, { namespace }) => slow.ask("CreateService", { NamespaceId: namespace, Name: "t" }),
  RegisterInstance: (slow, { service }) =>
    slow.ask("RegisterInstance", { ServiceId: service, InstanceId: "j", Attributes: {} }),
  DeregisterInstance: (slow, { service }) => slow.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
  UpdateInstanceCustomHealthStatus: (slow, { service }) =>
    slow.ask("UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId: "i", Status: "UNHEALTHY" }),
  UpdateServiceAttributes: (slow, { service }) =>
    slow.ask("UpdateServiceAttributes", { ServiceId: service, Attributes: { a: "1" } }),
  UpdateHttpNamespace: (slow, { namespace }) =>
    slow.ask("UpdateHttpNamespace", { Id: namespace, Namespace: { Description: "d" } }),
};

/** What is in the way on one node until it hears that another node has removed it. */
export const removals: Readonly<
  Record<
    string,
    readonly [
      remove: (quick: Member, made: Made) => Promise<unknown>,
      ask: (slow: Member, made: Made) => Promise<unknown>,
      options?: MemberOptions,
    ]
  >
> = {
  "a service whose last instance is gone can be deleted": [
    (quick, { service }) => quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
    (slow, { service }) => slow.ask("DeleteService", { Id: service }),
  ],
  "a namespace whose last service is gone can be deleted": [
    async (quick, { service }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
    },
    (slow, { namespace }) => slow.ask("DeleteNamespace", { Id: namespace }),
  ],
  "a service can have the name of one that is gone": [
    async (quick, { service }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
    },
    (slow, { namespace }) => slow.ask("CreateService", { NamespaceId: namespace, Name: "s" }),
  ],
  "a namespace can have the name of one that is gone": [
    async (quick, { service, namespace }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
      await quick.ask("DeleteNamespace", { Id: namespace });
    },
    (slow) => slow.ask("CreateHttpNamespace", { Name: "n" }),
  ],
  "a quota has room again for what is gone": [
    (quick, { service }) => quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
    (slow, { service }) => slow.ask("RegisterInstance", { ServiceId: service, InstanceId: "j", Attributes: {} }),
    { quotas: { instancesPerService: 1 } },
  ],
};

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: CloudMapError) => error.code ?? String(error),
  );
}
