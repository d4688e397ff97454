// An auto-scaling group: the stack has the service, and lifecycle hooks register the nodes; the stack leaves these alone.
import * as cloudmap from "pulumi-cloudmap";

const fleet = new cloudmap.HttpNamespace("fleet", { name: "fleet" });

// The hooks' instances are not the stack's: `up` and `refresh` do not see them, and only forceDestroy removes them.
const cache = new cloudmap.Service("cache", { namespaceId: fleet, healthCheckCustomConfig: {}, forceDestroy: true });

// What the hook on launch runs; the one on terminate runs deregister-instance.
export const serviceId = cache.id;
export const onLaunch = [
  "aws servicediscovery register-instance",
  "--service-id SERVICE --instance-id EC2_INSTANCE_ID",
  "--attributes AWS_INSTANCE_IPV4=ADDRESS,AWS_INSTANCE_PORT=11211",
].join(" ");
