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
  type GetDnsNamespaceArgs,
  type GetNamespaceArgs,
  type GetNamespacesArgs,
  type GetNamespacesResult,
  type GetServiceArgs,
  type GetServicesResult,
  getDnsNamespace,
  getDnsNamespaceOutput,
  getHttpNamespace,
  getHttpNamespaceOutput,
  getNamespace,
  getNamespaceOutput,
  getNamespaces,
  getNamespacesOutput,
  getService,
  getServiceOutput,
  getServices,
  getServicesOutput,
  type HealthStatus,
  type Inputs,
  type NamespaceResult,
  type NamespaceType,
  type ServiceResult,
} from "./functions.ts";
export type { InstanceGroup, InstancesById } from "./group.ts";
export { Instance, type InstanceArgs, type InstanceAttributes } from "./instance.ts";
export {
  HttpNamespace,
  type HttpNamespaceArgs,
  type NamespaceProperties,
  PrivateDnsNamespace,
  type PrivateDnsNamespaceArgs,
  PublicDnsNamespace,
  type PublicDnsNamespaceArgs,
} from "./namespace.ts";
export {
  Service,
  type ServiceArgs,
  type ServiceDnsConfig,
  type ServiceDnsRecord,
  type ServiceHealthCheckConfig,
  type ServiceHealthCheckCustomConfig,
} from "./service.ts";
