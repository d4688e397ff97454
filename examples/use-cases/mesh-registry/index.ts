// The registry behind a mesh: a virtual node names a service and attributes; the control plane asks the registry for endpoints.
import * as cloudmap from "pulumi-cloudmap";

const mesh = new cloudmap.HttpNamespace("mesh", { name: "mesh" });
const checkout = new cloudmap.Service("checkout", { namespaceId: mesh });

const instances = ["v1", "v2"].map((version, index) => {
  const attributes = { AWS_INSTANCE_IPV4: `10.0.1.${81 + index}`, AWS_INSTANCE_PORT: "8080", version };
  return new cloudmap.Instance(`checkout-${version}`, { serviceId: checkout, attributes });
});

// App Mesh's form: the spec of a virtual node.
export const virtualNode = {
  serviceDiscovery: {
    awsCloudMap: {
      namespaceName: mesh.name,
      serviceName: checkout.name,
      attributes: [{ key: "version", value: "v2" }],
    },
  },
};

// Envoy's form, as a control plane would make it of the same answer: this stands in for the mesh.
const discovered = cloudmap.discoverInstancesOutput(
  { namespaceName: mesh.httpName, serviceName: checkout.name, queryParameters: { version: "v2" } },
  { dependsOn: instances },
);
export const clusterLoadAssignment = discovered.apply(({ instances: found }) => ({
  cluster_name: "checkout-v2",
  endpoints: found.map(({ attributes: { AWS_INSTANCE_IPV4: address, AWS_INSTANCE_PORT: port } }) => ({
    lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: Number(port) } } } }],
  })),
}));
