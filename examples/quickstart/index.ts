// The quickstart: a namespace, a service whose instances report their own health, and three instances, one the canary.
import * as cloudmap from "pulumi-cloudmap";

const demo = new cloudmap.HttpNamespace("demo", {
  name: "demo",
  description: "What the quickstart made",
});

const payments = new cloudmap.Service("payments", {
  name: "payments",
  namespaceId: demo.id,
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
    serviceId: payments.id,
    attributes: { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: "8443", zone, version, track },
  });
}

export const namespace = demo.name;
export const service = payments.name;
