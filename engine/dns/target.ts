/** An instance as DNS sees it: the octets of its records, and its name as the target of SRV records. */
import { createHash } from "node:crypto";
import type { HealthRecord } from "../records.ts";
import type { DnsInstance } from "./change.ts";
import { encodeName, fitting, folded, octetsOfIPv4, octetsOfIPv6, uint16, type WireName } from "./wire.ts";

export interface Target {
  readonly ipv4: string;
  readonly ipv6: string;
  /** The data of its SRV record up to the target's name: "1 1 <port>". */
  readonly srv: string;
  readonly cname: WireName | undefined;
  readonly alias: WireName | undefined;
  readonly weight: number;
  /** Its labels before the service's name. */
  readonly labels: WireName;
  readonly health: HealthRecord | undefined;
  /** Seconds that its addresses are kept. */
  readonly ttl: number;
}

const priorityAndWeight = uint16(1) + uint16(1);

export function targetOf(id: string, { attributes, health }: DnsInstance, service: WireName, ttl: number): Target {
  const { AWS_INSTANCE_IPV4, AWS_INSTANCE_IPV6, AWS_INSTANCE_PORT, AWS_INSTANCE_CNAME } = attributes;
  const { AWS_ALIAS_DNS_NAME, CLOUDMAP_WEIGHT } = attributes;
  return {
    ipv4: AWS_INSTANCE_IPV4 ? octetsOfIPv4(AWS_INSTANCE_IPV4) : "",
    ipv6: AWS_INSTANCE_IPV6 ? octetsOfIPv6(AWS_INSTANCE_IPV6) : "",
    srv: AWS_INSTANCE_PORT ? priorityAndWeight + uint16(Number(AWS_INSTANCE_PORT)) : "",
    cname: AWS_INSTANCE_CNAME ? encodeName(AWS_INSTANCE_CNAME) : undefined,
    alias: AWS_ALIAS_DNS_NAME ? encodeName(AWS_ALIAS_DNS_NAME) : undefined,
    weight: weightOf(CLOUDMAP_WEIGHT),
    labels: labelsOf(id, service),
    health,
    ttl,
  };
}

/** Route 53's weights are 0 to 255; what is none counts as 1, as on AWS where all weights are equal. */
function weightOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Math.min(255, Number(text)) : 1;
}

/** An instance id may be what no name can be, such as one of 64 characters: a digest of it stands in its place. */
function labelsOf(id: string, service: WireName): WireName {
  const labels = encodeName(id);
  if (labels !== undefined && !id.endsWith(".") && fitting(labels + service) !== undefined) return labels;
  const digest = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `\x12i-${digest}`;
}

export function targetName(labels: WireName, service: WireName): WireName {
  return folded(labels + service);
}
