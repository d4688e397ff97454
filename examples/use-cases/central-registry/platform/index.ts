// A central registry, the platform's half: its account owns the namespace; the engine's --auth file shares it with others.
import * as cloudmap from "pulumi-cloudmap";

const registry = new cloudmap.HttpNamespace("registry", { name: "registry", tags: { owner: "platform" } });

// A service of the platform: others discover it, and cannot change it.
const gateway = new cloudmap.Service("gateway", { namespaceId: registry, tags: { owner: "platform" } });
new cloudmap.Instance("gateway-1", {
  serviceId: gateway,
  attributes: { AWS_INSTANCE_IPV4: "10.7.0.1", AWS_INSTANCE_PORT: "443" },
});

// What the application accounts are told, and what the file shares (on AWS: what Resource Access Manager does).
export const namespaceArn = registry.arn;
export const namespaceId = registry.id;
