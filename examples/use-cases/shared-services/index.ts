// Services of a platform: auth, config and the like under names that stay; unhealthy instances leave DNS by themselves.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";

const platform = new cloudmap.PrivateDnsNamespace("platform", {
  name: "platform.internal",
  vpc,
  tags: { owner: "platform" },
});

const services = { auth: ["10.0.9.11", "10.0.9.12"], settings: ["10.0.9.21"] };
for (const [name, hosts] of Object.entries(services)) {
  const service = new cloudmap.Service(name, {
    namespaceId: platform,
    description: `${name}, run by the platform team`,
    dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
    healthCheckCustomConfig: {}, // the platform's monitoring reports it
    tags: { owner: "platform" },
  });
  for (const host of hosts) {
    const attributes = { AWS_INSTANCE_IPV4: host, AWS_INSTANCE_PORT: "443" };
    new cloudmap.Instance(`${name}-${host.split(".").at(-1)}`, { serviceId: service, attributes });
  }
}

export const zone = platform.hostedZone;
