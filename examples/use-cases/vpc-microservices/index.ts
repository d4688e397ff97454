// Microservices inside a VPC: orders.corp.internal always resolves to the current tasks of orders.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";

const corp = new cloudmap.PrivateDnsNamespace("corp", { name: "corp.internal", vpc });

const services = {
  orders: ["10.0.1.11", "10.0.2.12"],
  users: ["10.0.1.21"],
};
for (const [name, addresses] of Object.entries(services)) {
  const service = new cloudmap.Service(name, {
    namespaceId: corp,
    dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
  });
  addresses.forEach((address, index) => {
    const attributes = { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: "8080" };
    new cloudmap.Instance(`${name}-${index + 1}`, { serviceId: service, attributes });
  });
}

export const names = pulumi.output(Object.keys(services)).apply((all) => all.map((name) => `${name}.corp.internal`));
