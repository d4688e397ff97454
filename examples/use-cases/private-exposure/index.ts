// Controlled exposure: db.data.internal resolves in the data VPC only, the application's names in the application's.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

const config = new pulumi.Config();
const dataVpc = config.get("dataVpc") ?? "vpc-0da7a";
const appVpc = config.get("appVpc") ?? "vpc-0a99";

const data = new cloudmap.PrivateDnsNamespace("data", { name: "data.internal", vpc: dataVpc });
const app = new cloudmap.PrivateDnsNamespace("app", { name: "app.internal", vpc: appVpc });

for (const [name, namespace, address, port] of [
  ["db", data, "10.8.0.5", "5432"],
  ["web", app, "10.9.0.5", "8080"],
] as const) {
  const service = new cloudmap.Service(name, {
    namespaceId: namespace,
    dnsConfig: { dnsRecords: [{ type: "A", ttl: 30 }] },
  });
  const attributes = { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: port };
  new cloudmap.Instance(`${name}-1`, { serviceId: service, attributes });
}

export const vpcs = { "data.internal": dataVpc, "app.internal": appVpc };
