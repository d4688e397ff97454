// One program for all environments: names, registry, tags and sizes come from the configuration of the stack.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

const config = new pulumi.Config();
const replicas = config.requireNumber("replicas");

// orders.dev.corp.internal, orders.staging.corp.internal, orders.production.corp.internal
const orders = new cloudmap.DiscoverableService("orders", {
  namespace: { type: "DNS_PRIVATE", name: `${pulumi.getStack()}.corp.internal`, vpc: config.require("vpc") },
  dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
  attributes: { AWS_INSTANCE_PORT: "8080" },
  instances: Object.fromEntries(
    Array.from({ length: replicas }, (_, index) => [
      `orders-${index + 1}`,
      { AWS_INSTANCE_IPV4: `10.0.1.${11 + index}` },
    ]),
  ),
});

export const serviceId = orders.serviceId;
export const tags = orders.service.tagsAll;
