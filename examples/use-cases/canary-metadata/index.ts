// Discovery by metadata: clients ask the API for the canary only, or weigh the groups by their attribute.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

/** The canary's share in percent: `pulumi config set canary 50`, and only the instances' weights change. */
const canary = new pulumi.Config().getNumber("canary") ?? 10;

const catalog = new cloudmap.DiscoverableService("catalog", {
  namespace: { type: "HTTP", name: "canary" },
  attributes: { AWS_INSTANCE_PORT: "8080", stage: "production" },
  groups: {
    stable: {
      weight: 100 - canary,
      attributes: { version: "v1" },
      instances: {
        "catalog-1": { AWS_INSTANCE_IPV4: "10.0.1.31", zone: "us-east-1a" },
        "catalog-2": { AWS_INSTANCE_IPV4: "10.0.2.32", zone: "us-east-1b" },
      },
    },
    canary: {
      weight: canary,
      attributes: { version: "v2" },
      instances: { "catalog-3": { AWS_INSTANCE_IPV4: "10.0.1.33", zone: "us-east-1a" } },
    },
  },
});

export const serviceId = catalog.serviceId;
