// What `import * as cloudmap from "pulumi-cloudmap"` gives a Pulumi program.
export { Instance, type InstanceArgs, type InstanceAttributes } from "./instance.ts";
export {
  HttpNamespace,
  type HttpNamespaceArgs,
  type NamespaceProperties,
  PrivateDnsNamespace,
  type PrivateDnsNamespaceArgs,
  PublicDnsNamespace,
  type PublicDnsNamespaceArgs,
} from "./namespace.ts";
export {
  Service,
  type ServiceArgs,
  type ServiceDnsConfig,
  type ServiceDnsRecord,
  type ServiceHealthCheckConfig,
  type ServiceHealthCheckCustomConfig,
} from "./service.ts";
