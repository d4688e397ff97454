/** What is probed of an instance, by its service's HealthCheckConfig; and whether it is. */
import { isIPv6 } from "node:net";
import type { InstanceRecord, NamespaceRecord, ServiceRecord } from "../records.ts";

export interface Target {
  readonly type: NonNullable<ServiceRecord["HealthCheckConfig"]>["Type"];
  readonly address: string;
  readonly port: number;
  /** For HTTP and HTTPS: what is asked for, and of whom. */
  readonly path: string;
  readonly host: string;
}

/**
 * Undefined where there is nothing to probe: no check; an alias, "Cloud Map will create the health check, but it doesn't
 * associate it"; an instance that was registered before its service had a check, without an address or port.
 */
export function targetOf(
  namespace: NamespaceRecord | undefined,
  service: ServiceRecord,
  { Attributes: attributes }: InstanceRecord,
): Target | undefined {
  const check = service.HealthCheckConfig;
  // "If the service has both A and AAAA records, the health check uses the IPv4 address."
  const address = attributes.AWS_INSTANCE_IPV4 ?? attributes.AWS_INSTANCE_IPV6;
  const port = attributes.AWS_INSTANCE_PORT;
  if (check === undefined || namespace?.Type === "DNS_PRIVATE") return undefined;
  if (address === undefined || port === undefined) return undefined; // aliases have neither
  const host = hostOf(namespace, service) ?? (isIPv6(address) ? `[${address}]` : address);
  return { type: check.Type, address, port: Number(port), path: pathOf(check.ResourcePath), host };
}

/** "Route 53 automatically adds the DNS name for the service": where it has none, the address is the host. */
function hostOf(namespace: NamespaceRecord | undefined, { DnsConfig, Name }: ServiceRecord): string | undefined {
  if (namespace === undefined || DnsConfig === undefined) return undefined;
  return Name === "." ? namespace.Name : `${Name}.${namespace.Name}`;
}

/** A path that can be sent: from the root, and without what would end the line that it is sent in. */
function pathOf(path = "/"): string {
  const sendable = path.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent);
  return sendable.startsWith("/") ? sendable : `/${sendable}`;
}
