// What others can do to namespaces.
import type { Drifts, KindDrifts, Target } from "./table.ts";
import { adopt, forceDestroy, tags } from "./tags.ts";

type Update = "UpdateHttpNamespace" | "UpdatePrivateDnsNamespace" | "UpdatePublicDnsNamespace";

const gone: Drifts = [
  {
    others: "delete it",
    meddle: ({ id, call }) => call("DeleteNamespace", { Id: id }),
    refresh: "delete",
  },
];

function description(update: Update): Drifts {
  const set =
    (Description: string) =>
    ({ id, call }: Target) =>
      call(update, { Id: id, Namespace: { Description } });
  return [
    {
      others: "set another",
      declares: { description: "declared" },
      meddle: set("theirs"),
      refresh: "update description",
    },
    { others: "clear it", declares: { description: "declared" }, meddle: set(""), refresh: "update description" },
    { others: "set one where the program has none", meddle: set("theirs"), refresh: "update description" },
  ];
}

function soaTtl(update: "UpdatePrivateDnsNamespace" | "UpdatePublicDnsNamespace", otherwise: number): Drifts {
  const set =
    (TTL: number) =>
    ({ id, call }: Target) =>
      call(update, { Id: id, Namespace: { Properties: { DnsProperties: { SOA: { TTL } } } } });
  const declares = { properties: { dnsProperties: { soa: { ttl: 30 } } } };
  const refresh = "update properties.dnsProperties.soa.ttl";
  return [
    { others: "set another TTL", declares, meddle: set(77), refresh },
    { others: "set it back to the default", declares, meddle: set(otherwise), refresh },
    { others: "set a TTL where the program has none", meddle: set(77), refresh: "update properties" },
  ];
}

function common(update: Update): KindDrifts {
  return {
    "": gone,
    name: { never: "the API cannot change it" },
    description: description(update),
    tags,
    tagsAll: { never: "`tags` are a part of it, and reported with it" },
    forceDestroy,
    adopt,
  };
}

export const httpNamespaces: KindDrifts = common("UpdateHttpNamespace");

export const privateDnsNamespaces: KindDrifts = {
  ...common("UpdatePrivateDnsNamespace"),
  vpc: { never: "the API neither changes nor tells it" },
  properties: soaTtl("UpdatePrivateDnsNamespace", 15),
};

export const publicDnsNamespaces: KindDrifts = {
  ...common("UpdatePublicDnsNamespace"),
  properties: soaTtl("UpdatePublicDnsNamespace", 60),
};
