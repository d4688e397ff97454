// What the policies of examples/policy are tried on: good and bad resources of both hosts.
import * as dynamic from "pulumi-cloudmap";
import * as plugin from "pulumi-cloudmap/plugin";

const tags = { owner: "shop" };

for (const [host, { DiscoverableService, PublicDnsNamespace, HttpNamespace }] of Object.entries({ dynamic, plugin })) {
  new PublicDnsNamespace(`${host}.example.com`, { tags });
  new HttpNamespace(`${host}-nobodys`);
  for (const [name, green] of [
    ["good", 20],
    ["bad", 30],
  ] as const) {
    new DiscoverableService(`${host}-${name}`, {
      namespace: { type: "HTTP", name: `${host}-${name}`, tags },
      tags,
      groups: {
        blue: { weight: 80, instances: { b1: {} } },
        green: { weight: green, instances: { g1: {}, g2: {} } },
      },
    });
  }
}
