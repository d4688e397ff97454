// The quickstart: a private DNS namespace, a service whose instances report their own health, and three instances, one the canary.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve. The local engine answers this machine for every VPC; for AWS, set one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-quickstart";

const demo = new cloudmap.PrivateDnsNamespace("demo", {
  name: "demo.internal",
  vpc,
  description: "What the quickstart made",
});

const payments = new cloudmap.Service("payments", {
  name: "payments",
  namespaceId: demo,
  dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
  healthCheckCustomConfig: {},
});

const releases = [
  { id: "payments-1", address: "10.0.1.11", zone: "a", version: "1.4.2", track: "stable" },
  { id: "payments-2", address: "10.0.2.12", zone: "b", version: "1.4.2", track: "stable" },
  { id: "payments-3", address: "10.0.1.13", zone: "a", version: "1.5.0", track: "canary" },
];
for (const { id, address, zone, version, track } of releases) {
  new cloudmap.Instance(id, {
    instanceId: id,
    serviceId: payments,
    attributes: { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: "8443", zone, version, track },
  });
}

export const namespace = demo.name;
export const service = payments.name;
