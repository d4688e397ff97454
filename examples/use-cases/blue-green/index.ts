// Blue and green: two services, and a name for the one that is live; `pulumi config set live green` cuts over.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";
const live = new pulumi.Config().get("live") ?? "blue";

const shop = new cloudmap.PrivateDnsNamespace("shop", { name: "shop.internal", vpc });

const releases = { blue: { version: "1.4.2", host: "10.0.1.51" }, green: { version: "1.5.0", host: "10.0.1.52" } };
for (const [colour, { version, host }] of Object.entries(releases)) {
  const dnsConfig = { dnsRecords: [{ type: "A" as const, ttl: 5 }] };
  const service = new cloudmap.Service(`cart-${colour}`, { namespaceId: shop, dnsConfig });
  const attributes = { AWS_INSTANCE_IPV4: host, AWS_INSTANCE_PORT: "8080", version };
  new cloudmap.Instance(`cart-${colour}-1`, { serviceId: service, attributes });
}

// cart.shop.internal is another name for what is live. A CNAME record is answered alone: WEIGHTED.
const cart = new cloudmap.Service("cart", {
  namespaceId: shop,
  dnsConfig: { routingPolicy: "WEIGHTED", dnsRecords: [{ type: "CNAME", ttl: 5 }] },
});
new cloudmap.Instance("live", {
  serviceId: cart,
  attributes: { AWS_INSTANCE_CNAME: pulumi.interpolate`cart-${live}.${shop.name}`, live },
});

export const name = "cart.shop.internal";
