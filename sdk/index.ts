// What `import * as cloudmap from "pulumi-cloudmap"` gives a Pulumi program.
export { DiscoverableService, type DiscoverableServiceArgs, type OwnNamespace } from "./discoverable-service.ts";
export {
  type DiscoverInstancesArgs,
  type DiscoverInstancesResult,
  type DiscoverInstancesRevisionArgs,
  discoverInstances,
  discoverInstancesOutput,
  discoverInstancesRevision,
  discoverInstancesRevisionOutput,
  type GetInstancesArgs,
  type GetInstancesResult,
  getInstances,
  getInstancesOutput,
} from "./discovery.ts";
export {
  DiscoverInstancesHealthStatus,
  GetDnsNamespaceType,
  GetInstancesHealthStatus,
  GetNamespaceType,
  InstanceCustomHealthStatus,
  ServiceDnsConfigDnsRecordType,
  ServiceDnsConfigRoutingPolicy,
  ServiceHealthCheckConfigType,
  ServiceType,
} from "./enums.ts";
export {
  type GetNamespaceArgs,
  type GetNamespacesArgs,
  type GetNamespacesResult,
  type GetServicesResult,
  getNamespace,
  getNamespaceOutput,
  getNamespaces,
  getNamespacesOutput,
  getServices,
  getServicesOutput,
  type HealthStatus,
  type Inputs,
  type NamespaceResult,
  type NamespaceType,
} from "./functions.ts";
export type { InstanceGroup, InstanceHealth, InstancesById } from "./group.ts";
export { Instance, type InstanceArgs, type InstanceAttributes, type InstanceState } from "./instance.ts";
export {
  type GetDnsNamespaceArgs,
  type GetDnsNamespaceOutputArgs,
  type GetDnsNamespaceResult,
  type GetHttpNamespaceArgs,
  type GetHttpNamespaceOutputArgs,
  type GetHttpNamespaceResult,
  type GetServiceArgs,
  type GetServiceOutputArgs,
  type GetServiceResult,
  getDnsNamespace,
  getDnsNamespaceOutput,
  getHttpNamespace,
  getHttpNamespaceOutput,
  getService,
  getServiceOutput,
  type ServiceResult,
} from "./lookups.ts";
export {
  HttpNamespace,
  type HttpNamespaceArgs,
  type HttpNamespaceState,
  type NamespaceProperties,
  PrivateDnsNamespace,
  type PrivateDnsNamespaceArgs,
  type PrivateDnsNamespaceState,
  PublicDnsNamespace,
  type PublicDnsNamespaceArgs,
  type PublicDnsNamespaceState,
} from "./namespace.ts";
export {
  Service,
  type ServiceArgs,
  type ServiceDnsConfig,
  type ServiceDnsRecord,
  type ServiceHealthCheckConfig,
  type ServiceHealthCheckCustomConfig,
  type ServiceState,
} from "./service.ts";
