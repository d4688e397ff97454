// Inputs that break one rule each, where it is said, and what is said of it; and inputs that break none.

import type { Props } from "../../provider/casing.ts";
import { instance } from "../../provider/instance.ts";
import type { CheckRequest, Kind } from "../../provider/kind.ts";
import { httpNamespace, privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";

export const good: Readonly<Record<string, Props>> = {
  HttpNamespace: { name: "shop" },
  PrivateDnsNamespace: { name: "demo.internal", vpc: "vpc-1" },
  PublicDnsNamespace: { name: "shop.example.com" },
  Service: { name: "api", namespaceId: "ns-1" },
  Instance: { serviceId: "srv-1", instanceId: "web", attributes: {} },
};

export const attributes = (value: Props): Props => ({ ...good.Instance, attributes: value });
const many = (count: number): Props => Object.fromEntries(Array.from({ length: count }, (_, at) => [`key-${at}`, "v"]));
const alias = { AWS_ALIAS_DNS_NAME: "lb.example.com" };
const dns = (dnsConfig: Props): Props => ({ ...good.Service, dnsConfig });
const cname = { dnsRecords: [{ type: "CNAME", ttl: 1 }] };
const ec2 = { AWS_EC2_INSTANCE_ID: "i-1" };

/** Rules that no schema can say: what is wrong, where it is said, and a part of what is said. */
export const spanning: readonly (readonly [Kind, Props, string, RegExp, Partial<CheckRequest>?])[] = [
  [
    service,
    { ...good.Service, healthCheckConfig: { type: "TCP" }, healthCheckCustomConfig: {} },
    "healthCheckCustomConfig",
    /together with healthCheckConfig\. Keep one of the two\.$/,
  ],
  [
    service,
    { ...good.Service, healthCheckConfig: { type: "TCP", resourcePath: "/" } },
    "healthCheckConfig.resourcePath",
    /when type is TCP\. Leave it out\.$/,
  ],
  [
    service,
    { ...good.Service, dnsConfig: { dnsRecords: [] } },
    "dnsConfig",
    /can't include a dnsConfig element\. Leave it out, or create the service in a DNS namespace\.$/,
    { parent: { namespaceType: "HTTP" } },
  ],
  [service, { name: "api" }, "namespaceId", /^namespaceId is required\. Give the namespace itself/],
  [
    httpNamespace,
    { name: "shop", tags: { "aws:x": "1" } },
    'tags["aws:x"]',
    /reserved for AWS's own tags\. Choose another key\.$/,
  ],
  [
    service,
    { ...good.Service, tags: many(51) },
    "tags",
    /must be at most 50 together with cloudmap:defaultTags, and are 51/,
  ],
  [
    privateDnsNamespace,
    { ...good.PrivateDnsNamespace, name: "a..b" },
    "name",
    /^name must be a DNS name: labels of 1 to 63 characters, joined by dots\.$/,
  ],
  [publicDnsNamespace, { ...good.PublicDnsNamespace, vpc: "vpc-1" }, "vpc", /is not a property of this resource/],
  [httpNamespace, { name: "shop", forceDestroy: "yes" }, "forceDestroy", /must be true or false/],
  [service, { ...good.Service, forceDestroy: 1 }, "forceDestroy", /must be true or false/],
  [
    service,
    dns({
      dnsRecords: [
        { type: "A", ttl: 1 },
        { type: "SRV", ttl: 1 },
      ],
    }),
    "dnsConfig.dnsRecords",
    /must be A, AAAA, A and AAAA, SRV, or CNAME, and has A and SRV/,
  ],
  [service, dns(cname), "dnsConfig.routingPolicy", /must be WEIGHTED for CNAME records/],
  [
    service,
    { ...dns({ ...cname, routingPolicy: "WEIGHTED" }), healthCheckConfig: { type: "TCP" } },
    "healthCheckConfig",
    /cannot be given for CNAME records\. Leave it out/,
  ],
  [
    service,
    { ...dns({ dnsRecords: [{ type: "A", ttl: 1 }] }), type: "HTTP" },
    "dnsConfig",
    /cannot be given when type is HTTP/,
  ],
  [
    service,
    { ...good.Service, healthCheckConfig: { type: "TCP" } },
    "healthCheckConfig",
    /cannot probe instances in a private DNS namespace\. Use healthCheckCustomConfig/,
    { parent: { namespaceType: "DNS_PRIVATE" } },
  ],
  [
    service,
    { ...good.Service },
    "dnsConfig",
    /is required for the service api in a DNS namespace\. Give it, or type HTTP/,
    { parent: { namespaceType: "DNS_PUBLIC" } },
  ],
  [instance, attributes({ ...many(31) }), "attributes", /at most 30 custom attributes, and has 31/],
  [
    instance,
    attributes(Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`k${at}`, "v".repeat(1000)]))),
    "attributes",
    /at most 5000 characters in all keys and values, and has 5010/,
  ],
  [instance, attributes({ AWS_INSTANCE_IPV4: "300.1.1.1" }), "attributes.AWS_INSTANCE_IPV4", /must be an IPv4 address/],
  [instance, attributes({ AWS_INSTANCE_IPV6: "1.2.3.4" }), "attributes.AWS_INSTANCE_IPV6", /must be an IPv6 address/],
  [instance, attributes({ AWS_INSTANCE_PORT: "65536" }), "attributes.AWS_INSTANCE_PORT", /must be a port number/],
  [instance, attributes({ AWS_INSTANCE_CNAME: "a..b" }), "attributes.AWS_INSTANCE_CNAME", /must be a domain name/],
  [instance, attributes({ AWS_ALIAS_DNS_NAME: "a..b" }), "attributes.AWS_ALIAS_DNS_NAME", /must be the domain name/],
  [
    instance,
    attributes({ AWS_INIT_HEALTH_STATUS: "SICK" }),
    "attributes.AWS_INIT_HEALTH_STATUS",
    /must be HEALTHY or UNHEALTHY/,
  ],
  [
    instance,
    attributes({ ...alias, AWS_INSTANCE_PORT: "80" }),
    "attributes.AWS_INSTANCE_PORT",
    /together with AWS_ALIAS_DNS_NAME/,
  ],
  [instance, attributes({ ...ec2, zone: "a" }), "attributes.zone", /together with AWS_EC2_INSTANCE_ID/],
  [
    instance,
    attributes(alias),
    "attributes.AWS_ALIAS_DNS_NAME",
    /needs a service with A or AAAA records and the WEIGHTED/,
    { parent: { namespaceType: "HTTP" } },
  ],
  [
    instance,
    attributes(ec2),
    "attributes.AWS_EC2_INSTANCE_ID",
    /only be given in a service of an HTTP namespace/,
    { parent: { dnsConfig: { dnsRecords: [{ type: "A", ttl: 1 }] } } },
  ],
];
