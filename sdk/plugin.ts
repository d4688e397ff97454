// What `import * as cloudmap from "pulumi-cloudmap/plugin"` gives: the same classes on the provider plugin, and `Provider`.
import * as onDynamic from "./index.ts";
import type { Host } from "./resource.ts";

// Given a provider they ask through it; else they ask the stack's registry, which needs no plugin.
export * from "./discovery.ts";
export * from "./enums.ts";
export * from "./functions.ts";
export type {
  DiscoverableServiceArgs,
  HttpNamespaceArgs,
  HttpNamespaceState,
  InstanceArgs,
  InstanceAttributes,
  InstanceGroup,
  InstanceHealth,
  InstanceState,
  InstancesById,
  NamespaceProperties,
  OwnNamespace,
  PrivateDnsNamespaceArgs,
  PrivateDnsNamespaceState,
  PublicDnsNamespaceArgs,
  PublicDnsNamespaceState,
  ServiceArgs,
  ServiceDnsConfig,
  ServiceDnsRecord,
  ServiceHealthCheckConfig,
  ServiceHealthCheckCustomConfig,
  ServiceState,
} from "./index.ts";
export * from "./lookups.ts";
export { Provider, type ProviderArgs } from "./provider.ts";

/** An HTTP namespace: a group of services that are discovered by API calls (DiscoverInstances), not by DNS. */
export class HttpNamespace extends onDynamic.HttpNamespace {
  static override readonly host: Host = "plugin";
}

/** A private DNS namespace: a zone whose names resolve in one VPC. Its services are discovered by DNS and by API calls. */
export class PrivateDnsNamespace extends onDynamic.PrivateDnsNamespace {
  static override readonly host: Host = "plugin";
}

/** A public DNS namespace: a zone whose names resolve everywhere. Its services are discovered by DNS and by API calls. */
export class PublicDnsNamespace extends onDynamic.PublicDnsNamespace {
  static override readonly host: Host = "plugin";
}

/** A service: a name in a namespace under which instances are registered and discovered. */
export class Service extends onDynamic.Service {
  static override readonly host: Host = "plugin";
}

/** An instance: one place where a service can be reached. */
export class Instance extends onDynamic.Instance {
  static override readonly host: Host = "plugin";
}

/** A service that can be discovered: its namespace, itself and its instances as one component. */
export class DiscoverableService extends onDynamic.DiscoverableService {
  static override readonly kinds = { HttpNamespace, PrivateDnsNamespace, PublicDnsNamespace, Service, Instance };
}
