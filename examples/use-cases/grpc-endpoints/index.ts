// Endpoints of a gRPC service: clients resolve dns:///users.grpc.internal and balance over all addresses.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";

const grpc = new cloudmap.PrivateDnsNamespace("grpc", { name: "grpc.internal", vpc });

// MULTIVALUE answers up to eight instances at once; a short TTL lets clients see new ones soon.
const users = new cloudmap.Service("users-grpc", {
  name: "users",
  namespaceId: grpc,
  dnsConfig: {
    routingPolicy: "MULTIVALUE",
    dnsRecords: [
      { type: "A", ttl: 5 },
      { type: "AAAA", ttl: 5 },
    ],
  },
});

for (const host of [41, 42, 43]) {
  new cloudmap.Instance(`users-${host}`, {
    serviceId: users,
    attributes: { AWS_INSTANCE_IPV4: `10.0.1.${host}`, AWS_INSTANCE_IPV6: `fd00::${host}`, AWS_INSTANCE_PORT: "50051" },
  });
}

export const target = pulumi.interpolate`dns:///${users.name}.${grpc.name}:50051`;
