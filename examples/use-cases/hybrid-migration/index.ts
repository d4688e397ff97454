// A migration: an on-premises machine and new containers under one name; the weights move traffic from one to the other.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";
/** The containers' share in percent: 20, 50, 100, and then the legacy group can go. */
const moved = new pulumi.Config().getNumber("moved") ?? 20;

const inventory = new cloudmap.DiscoverableService("inventory", {
  namespace: { type: "DNS_PRIVATE", name: "migration.internal", vpc },
  dnsConfig: { dnsRecords: [{ type: "A", ttl: 5 }] },
  groups: {
    // An address outside the VPC stands in for the machine; in AWS it is reached by VPN or Direct Connect.
    legacy: {
      weight: 100 - moved,
      attributes: { AWS_INSTANCE_PORT: "7001", platform: "on-premises" },
      instances: { "inventory-vm": { AWS_INSTANCE_IPV4: "172.16.4.10" } },
    },
    containers: {
      weight: moved,
      attributes: { AWS_INSTANCE_PORT: "8080", platform: "containers" },
      instances: {
        "inventory-1": { AWS_INSTANCE_IPV4: "10.0.1.71" },
        "inventory-2": { AWS_INSTANCE_IPV4: "10.0.2.72" },
      },
    },
  },
});

export const serviceId = inventory.serviceId;
