// A program as it is written for pulumi-aws's servicediscovery, with every property; only its import is another.
import * as pulumi from "@pulumi/pulumi";
import * as servicediscovery from "pulumi-cloudmap";

const region = "us-east-1";
const tags: { [key: string]: string } = { team: "web" };
const records: { type: string; ttl: number }[] = [{ type: "A", ttl: 10 }];

const shop = new servicediscovery.HttpNamespace("shop", { name: "shop", description: "the shop", tags, region });
const demo = new servicediscovery.PrivateDnsNamespace(
  "demo",
  { name: "demo.internal", vpc: pulumi.output("vpc-1"), description: "inside", tags, region },
  { protect: false },
);
const open = new servicediscovery.PublicDnsNamespace("open", {
  name: "demo.example.com",
  description: "outside",
  tags,
  region,
});

const dnsConfig: servicediscovery.ServiceArgs["dnsConfig"] = {
  namespaceId: demo.id,
  dnsRecords: records,
  routingPolicy: "MULTIVALUE",
};
const payments = new servicediscovery.Service("payments", {
  name: "payments",
  description: "takes the money",
  dnsConfig,
  healthCheckCustomConfig: { failureThreshold: 1 },
  forceDestroy: true,
  tags,
  region,
});
const site = new servicediscovery.Service("site", {
  name: "site",
  dnsConfig: { namespaceId: open.id, dnsRecords: [{ type: "A", ttl: 60 }], routingPolicy: "WEIGHTED" },
  healthCheckConfig: { failureThreshold: 3, resourcePath: "/health", type: "HTTP" },
});
const api = new servicediscovery.Service("api", { name: "api", namespaceId: shop.id, type: "HTTP" });

const attributes: { [key: string]: pulumi.Input<string> } = {
  AWS_INSTANCE_IPV4: "172.18.0.1",
  custom_attribute: "custom",
};
const one = new servicediscovery.Instance("one", { instanceId: "one", serviceId: payments.id, attributes, region });

const readShop = servicediscovery.HttpNamespace.get("read-shop", shop.id, { name: "shop" }, { dependsOn: [shop] });
const readDemo = servicediscovery.PrivateDnsNamespace.get("read-demo", demo.id, { vpc: "vpc-1" });
const readOpen = servicediscovery.PublicDnsNamespace.get("read-open", open.id);
const readApi = servicediscovery.Service.get("read-api", api.id, undefined, { dependsOn: api });
const readOne = servicediscovery.Instance.get(
  "read-one",
  pulumi.interpolate`${payments.id}/one`,
  {},
  { dependsOn: one },
);

const foundShop = servicediscovery.getHttpNamespaceOutput({ name: shop.name, region });
const foundDemo = servicediscovery.getDnsNamespaceOutput({ name: demo.name, type: "DNS_PRIVATE", region });
const found = servicediscovery.getServiceOutput({ name: payments.name, namespaceId: demo.id, region });
const probed = servicediscovery.getServiceOutput({ name: site.name, namespaceId: open.id });

const text = (value: pulumi.Output<string>): pulumi.Output<string> => value;
const maybe = (value: pulumi.Output<string | undefined>): pulumi.Output<string | undefined> => value;
const map = (value: pulumi.Output<{ [key: string]: string }>): pulumi.Output<{ [key: string]: string }> => value;

export const texts = [
  ...[shop.id, shop.arn, shop.name, shop.httpName, shop.region].map(text),
  ...[demo.id, demo.arn, demo.name, demo.hostedZone, demo.vpc, demo.region].map(text),
  ...[open.id, open.arn, open.name, open.hostedZone, open.region].map(text),
  ...[payments.id, payments.arn, payments.name, payments.namespaceId, payments.type, payments.region].map(text),
  ...[one.id, one.instanceId, one.serviceId, one.region].map(text),
];
export const descriptions = [shop, demo, open, payments].map(({ description }) => maybe(description));
export const tagsAll = [shop, demo, open, payments, site, api].map((each) => map(each.tagsAll));
export const tagged = payments.tags.apply((own) => own?.team);
export const forced: pulumi.Output<boolean | undefined> = payments.forceDestroy;
export const ttl: pulumi.Output<number | undefined> = payments.dnsConfig.apply((dns) => dns?.dnsRecords[0]?.ttl);
export const path: pulumi.Output<string | undefined> = site.healthCheckConfig.apply((check) => check?.resourcePath);
export const custom: pulumi.Output<boolean> = payments.healthCheckCustomConfig.apply((check) => check !== undefined);
export const address: pulumi.Output<string | undefined> = one.attributes.apply((all) => all.AWS_INSTANCE_IPV4);
export const read = [
  ...[readShop.httpName, readDemo.vpc, readOpen.hostedZone, readApi.name, readOne.instanceId].map(text),
];
export const answers = pulumi
  .all([foundShop, foundDemo, found, probed])
  .apply(([http, dns, service, other]) => [
    ...[http.id, http.arn, http.name, http.description, http.httpName, http.region, http.tags.team],
    ...[dns.id, dns.arn, dns.name, dns.description, dns.hostedZone, dns.region, dns.type, dns.tags.team],
    ...[
      service.id,
      service.arn,
      service.name,
      service.namespaceId,
      service.description,
      service.region,
      service.tagsAll.team,
    ],
    ...service.dnsConfigs.flatMap((dnsConfig) => [
      dnsConfig.namespaceId,
      dnsConfig.routingPolicy,
      dnsConfig.dnsRecords[0]?.type,
    ]),
    ...service.healthCheckCustomConfigs.map(({ failureThreshold }) => failureThreshold),
    ...other.healthCheckConfigs.flatMap((check) => [check.type, check.resourcePath, check.failureThreshold]),
  ]);
export const kinds = [
  servicediscovery.HttpNamespace.isInstance(shop) && !servicediscovery.HttpNamespace.isInstance(demo),
  servicediscovery.PrivateDnsNamespace.isInstance(demo) && !servicediscovery.PrivateDnsNamespace.isInstance(open),
  servicediscovery.PublicDnsNamespace.isInstance(open) && !servicediscovery.PublicDnsNamespace.isInstance(shop),
  servicediscovery.Service.isInstance(api) && !servicediscovery.Service.isInstance(one),
  servicediscovery.Instance.isInstance(one) && !servicediscovery.Instance.isInstance(api),
];
