/** A valid request of each operation, with ids of what is there, and a witness that no request names. */
import { type OperationName, operations } from "../../../../api/operations.ts";
import { type Asked, build, exchange, type Target } from "./wire.ts";

async function ask(target: Target, operation: OperationName, input: object): Promise<Record<string, never>> {
  const { status, code, message, value } = await exchange(target, build(target, { operation, input }, false));
  if (status !== 200) throw new Error(`${operation}: ${status} ${code} ${message}`);
  return Object(value);
}

interface Made {
  readonly namespace: string;
  readonly service: string;
  readonly operation: string;
}

async function make(target: Target, Name: string): Promise<Made> {
  const { OperationId } = await ask(target, "CreateHttpNamespace", { Name });
  const { Operation } = await ask(target, "GetOperation", { OperationId });
  const namespace = Object(Object(Operation).Targets).NAMESPACE;
  const more = { HealthCheckCustomConfig: {}, CreatorRequestId: Name };
  const { Service } = await ask(target, "CreateService", { Name: "s", NamespaceId: namespace, ...more });
  const service = Object(Service).Id;
  for (const InstanceId of ["i-1", "i-2"]) {
    await ask(target, "RegisterInstance", { ServiceId: service, InstanceId, Attributes: { zone: "a" } });
  }
  return { namespace, service, operation: OperationId ?? "" };
}

/** What is there before the first request, and must be there after the last. */
export async function makeWitness(target: Target): Promise<() => Promise<unknown>> {
  const { namespace, service } = await make(target, "witness");
  return async () => {
    const { Instances, InstancesRevision } = await ask(target, "DiscoverInstances", {
      NamespaceName: "witness",
      ServiceName: "s",
    });
    const sorted = (Instances as unknown as { InstanceId: string }[]).toSorted((a, b) =>
      a.InstanceId < b.InstanceId ? -1 : 1,
    );
    const reads = [
      await ask(target, "GetNamespace", { Id: namespace }),
      await ask(target, "GetService", { Id: service }),
      await ask(target, "ListInstances", { ServiceId: service }),
    ];
    return { sorted, InstancesRevision, reads };
  };
}

export async function makeSeeds(target: Target): Promise<readonly Asked[]> {
  const { namespace, service, operation } = await make(target, "fuzzed");
  const spare = await make(target, "spare");
  const health = await ask(target, "GetNamespace", { Id: namespace });
  const ResourceARN = Object(Object(health).Namespace).Arn;
  const names = { NamespaceName: "fuzzed", ServiceName: "s" };
  const page = { MaxResults: 10 };
  const filters = (Name: string, value: string) => ({ ...page, Filters: [{ Name, Values: [value], Condition: "EQ" }] });
  const tags = [{ Key: "k", Value: "v" }];
  const one = { ServiceId: service, InstanceId: "i-1" };
  const inputs: Readonly<Record<OperationName, object>> = {
    CreateHttpNamespace: { Name: "n", Description: "d", CreatorRequestId: "c", Tags: tags },
    CreatePrivateDnsNamespace: { Name: "n.example", Vpc: "vpc-1", Properties: { DnsProperties: { SOA: { TTL: 60 } } } },
    CreatePublicDnsNamespace: { Name: "p.example", Properties: { DnsProperties: { SOA: { TTL: 60 } } }, Tags: tags },
    CreateService: {
      Name: "t",
      NamespaceId: namespace,
      Description: "d",
      DnsConfig: { RoutingPolicy: "MULTIVALUE", DnsRecords: [{ Type: "A", TTL: 60 }] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    },
    DeleteNamespace: { Id: spare.namespace },
    DeleteService: { Id: spare.service },
    DeleteServiceAttributes: { ServiceId: service, Attributes: ["a"] },
    DeregisterInstance: { ServiceId: service, InstanceId: "i-2" },
    DiscoverInstances: {
      ...names,
      ...page,
      QueryParameters: { zone: "a" },
      OptionalParameters: { x: "y" },
      HealthStatus: "ALL",
    },
    DiscoverInstancesRevision: names,
    GetInstance: one,
    GetInstancesHealthStatus: { ServiceId: service, Instances: ["i-1"], ...page },
    GetNamespace: { Id: namespace },
    GetOperation: { OperationId: operation },
    GetService: { Id: service },
    GetServiceAttributes: { ServiceId: service },
    ListInstances: { ServiceId: service, ...page },
    ListNamespaces: filters("TYPE", "HTTP"),
    ListOperations: filters("STATUS", "SUCCESS"),
    ListServices: filters("NAMESPACE_ID", namespace),
    ListTagsForResource: { ResourceARN },
    RegisterInstance: { ...one, CreatorRequestId: "r", Attributes: { AWS_INSTANCE_IPV4: "192.0.2.1", zone: "a" } },
    TagResource: { ResourceARN, Tags: tags },
    UntagResource: { ResourceARN, TagKeys: ["k"] },
    UpdateHttpNamespace: { Id: namespace, Namespace: { Description: "e" }, UpdaterRequestId: "u" },
    UpdateInstanceCustomHealthStatus: { ...one, Status: "HEALTHY" },
    UpdatePrivateDnsNamespace: { Id: namespace, Namespace: { Description: "e" } },
    UpdatePublicDnsNamespace: { Id: namespace, Namespace: { Description: "e" } },
    UpdateService: { Id: service, Service: { Description: "e" } },
    UpdateServiceAttributes: { ServiceId: service, Attributes: { a: "b" } },
  };
  return Object.keys(operations).map((name) => ({ operation: name, input: inputs[name as OperationName] })); // its own keys
}
