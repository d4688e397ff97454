// Availability zones: a client asks for its own zone as an optional parameter, and gets the others where it has none.
import * as cloudmap from "pulumi-cloudmap";

const zones = new cloudmap.HttpNamespace("zones", { name: "zones" });
const search = new cloudmap.Service("search", { namespaceId: zones });

for (const [az, host] of [
  ["us-east-1a", "10.0.1.61"],
  ["us-east-1a", "10.0.1.62"],
  ["us-east-1b", "10.0.2.63"],
] as const) {
  new cloudmap.Instance(`search-${host.split(".").at(-1)}`, {
    serviceId: search,
    attributes: { AWS_INSTANCE_IPV4: host, AWS_INSTANCE_PORT: "9200", az },
  });
}

// What a client in us-east-1a asks: its own zone if it has instances, any other if not.
export const question = {
  namespaceName: zones.httpName,
  serviceName: search.name,
  optionalParameters: { az: "us-east-1a" },
};
