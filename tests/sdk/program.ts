// What a program may write and what its editor refuses: checked by tsc against the package as it is installed, never run.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

const shop = new cloudmap.HttpNamespace("shop", { description: pulumi.output("x"), tags: { a: pulumi.secret("1") } });
new cloudmap.HttpNamespace("bare");
new cloudmap.HttpNamespace("protected", {}, { protect: true, customTimeouts: { create: "1m" } });
const api = new cloudmap.Service("api", { namespaceId: shop, healthCheckCustomConfig: {} });
new cloudmap.Service("by-id", { namespaceId: shop.id, forceDestroy: true, type: "HTTP" });
new cloudmap.Service("by-text", { namespaceId: "ns-1", healthCheckConfig: { type: "TCP", failureThreshold: 2 } });
new cloudmap.Service("dns", {
  dnsConfig: { namespaceId: "ns-1", routingPolicy: "WEIGHTED", dnsRecords: [{ type: "A", ttl: pulumi.output(10) }] },
});
const demo = new cloudmap.PrivateDnsNamespace("demo", {
  name: "demo.internal",
  vpc: pulumi.output("vpc-1"),
  properties: { dnsProperties: { soa: { ttl: pulumi.output(5) } } },
});
const open = new cloudmap.PublicDnsNamespace("open.example.com", { forceDestroy: true });
new cloudmap.PublicDnsNamespace("bare.example.com");
new cloudmap.Service("inside", { namespaceId: demo, dnsConfig: { dnsRecords: [{ type: "SRV", ttl: 10 }] } });
new cloudmap.Service("outside", { namespaceId: open, type: "HTTP" });
const attributes: cloudmap.InstanceAttributes = { AWS_INSTANCE_PORT: "80", own: api.arn };
new cloudmap.Instance("web", { serviceId: api, attributes });
new cloudmap.Instance("later", { serviceId: api.id, instanceId: shop.name, attributes: pulumi.output({ zone: "a" }) });

export const name: pulumi.Output<string> = shop.name;
export const hostedZone: pulumi.Output<string> = open.hostedZone;
export const vpc: pulumi.Output<string> = cloudmap.PrivateDnsNamespace.get("got", "ns-1:vpc-1").vpc;
export const generation: pulumi.Output<string | undefined> = demo.generation;
export const soa: pulumi.Output<number | undefined> = demo.properties.apply((all) => all?.dnsProperties.soa.ttl);
export const account: pulumi.Output<string | undefined> = api.account;
export const zone: pulumi.Output<string | undefined> = cloudmap.Instance.get("got", "srv-1/web").attributes.apply(
  (all) => all.zone,
);
export const records: pulumi.Output<number | undefined> = api.dnsConfig.apply((dns) => dns?.dnsRecords[0]?.ttl);

const args: cloudmap.ServiceArgs = { namespaceId: shop, name: undefined };
new cloudmap.Service("with-args", args);

// @ts-expect-error: an instance needs a service
new cloudmap.Instance("alone", { attributes: {} });
// @ts-expect-error: a private namespace needs a VPC
new cloudmap.PrivateDnsNamespace("nowhere", { name: "nowhere.internal" });
// @ts-expect-error: and a public one has none
new cloudmap.PublicDnsNamespace("somewhere", { vpc: "vpc-1" });
// @ts-expect-error: and attributes
new cloudmap.Instance("empty", { serviceId: api });
// @ts-expect-error: a misspelt property
new cloudmap.HttpNamespace("misspelt", { desciption: "x" });
// @ts-expect-error: ports are texts
new cloudmap.Instance("number", { serviceId: api, attributes: { AWS_INSTANCE_PORT: 80 } });
// @ts-expect-error: an instance is no namespace
new cloudmap.Service("wrong-parent", { namespaceId: api });
// @ts-expect-error: outputs are not for writing
shop.name = pulumi.output("other");

const grouped = new cloudmap.DiscoverableService("grouped", {
  namespace: { type: "DNS_PRIVATE", name: "corp.internal", vpc: "vpc-1" },
  groups: { blue: { weight: pulumi.output(1), instances: { a: { AWS_INSTANCE_PORT: "80" } } } },
});
new cloudmap.DiscoverableService("alike", { namespaceId: shop, instances: { a: attributes } }, { parent: grouped });
export const groupedId: pulumi.Output<string> = grouped.serviceId;
// @ts-expect-error: a private namespace needs a VPC
new cloudmap.DiscoverableService("no-vpc", { namespace: { type: "DNS_PRIVATE", name: "corp.internal" } });
// @ts-expect-error: an HTTP namespace has no VPC
new cloudmap.DiscoverableService("http", { namespace: { type: "HTTP", vpc: "vpc-1" } });
