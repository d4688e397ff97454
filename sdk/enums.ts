// The enumerations of the package's schema, by the names that generated programs (`pulumi import`, `pulumi convert`) use.

/** The type of a DNS record. */
export const ServiceDnsConfigDnsRecordType = { SRV: "SRV", A: "A", AAAA: "AAAA", CNAME: "CNAME" } as const;
export type ServiceDnsConfigDnsRecordType = ValueOf<typeof ServiceDnsConfigDnsRecordType>;

/** How many instances a DNS query is answered with. */
export const ServiceDnsConfigRoutingPolicy = { MULTIVALUE: "MULTIVALUE", WEIGHTED: "WEIGHTED" } as const;
export type ServiceDnsConfigRoutingPolicy = ValueOf<typeof ServiceDnsConfigRoutingPolicy>;

/** How an instance is probed. */
export const ServiceHealthCheckConfigType = { HTTP: "HTTP", HTTPS: "HTTPS", TCP: "TCP" } as const;
export type ServiceHealthCheckConfigType = ValueOf<typeof ServiceHealthCheckConfigType>;

/** The type of a service that is discovered by API calls only. */
export const ServiceType = { HTTP: "HTTP" } as const;
export type ServiceType = ValueOf<typeof ServiceType>;

/** A health that is declared. */
export const InstanceCustomHealthStatus = { HEALTHY: "HEALTHY", UNHEALTHY: "UNHEALTHY" } as const;
export type InstanceCustomHealthStatus = ValueOf<typeof InstanceCustomHealthStatus>;

/** The type of a namespace, as getNamespace and getNamespaces take it. */
export const GetNamespaceType = { DnsPublic: "DNS_PUBLIC", DnsPrivate: "DNS_PRIVATE", HTTP: "HTTP" } as const;
export type GetNamespaceType = ValueOf<typeof GetNamespaceType>;

/** The type of a namespace, as getDnsNamespace takes it. */
export const GetDnsNamespaceType = { DnsPublic: "DNS_PUBLIC", DnsPrivate: "DNS_PRIVATE" } as const;
export type GetDnsNamespaceType = ValueOf<typeof GetDnsNamespaceType>;

/** The health of the instances that getInstances lists. */
export const GetInstancesHealthStatus = { HEALTHY: "HEALTHY", UNHEALTHY: "UNHEALTHY", UNKNOWN: "UNKNOWN" } as const;
export type GetInstancesHealthStatus = ValueOf<typeof GetInstancesHealthStatus>;

/** Which instances discoverInstances answers, by their health. */
export const DiscoverInstancesHealthStatus = {
  HEALTHY: "HEALTHY",
  UNHEALTHY: "UNHEALTHY",
  ALL: "ALL",
  HealthyOrElseAll: "HEALTHY_OR_ELSE_ALL",
} as const;
export type DiscoverInstancesHealthStatus = ValueOf<typeof DiscoverInstancesHealthStatus>;

type ValueOf<E> = E[keyof E];
