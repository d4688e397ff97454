// Tasks of a container scheduler: `tasks` stands in for the desired count of an ECS service, this program for ECS, which registers them.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

// The VPC in which the names resolve; for AWS, one that you have.
const vpc = new pulumi.Config().get("vpc") ?? "vpc-0a1b2c3d";
/** How many tasks run: `pulumi config set tasks 3` scales. */
const tasks = new pulumi.Config().getNumber("tasks") ?? 2;

const cluster = new cloudmap.PrivateDnsNamespace("cluster", { name: "ecs.internal", vpc });

// Tasks in bridge mode share hosts: an SRV record tells the port beside the address.
const payments = new cloudmap.Service("payments", {
  namespaceId: cluster,
  dnsConfig: { dnsRecords: [{ type: "SRV", ttl: 10 }] },
  healthCheckCustomConfig: {}, // ECS reports the health of its containers
});

// ECS gives an instance its task's id, and attributes of these names.
for (let task = 1; task <= tasks; task++) {
  new cloudmap.Instance(`task-${task}`, {
    serviceId: payments,
    attributes: {
      AWS_INSTANCE_IPV4: `10.0.${task % 2}.${10 + task}`,
      AWS_INSTANCE_PORT: String(32_768 + task),
      AVAILABILITY_ZONE: task % 2 === 1 ? "us-east-1a" : "us-east-1b",
      ECS_CLUSTER_NAME: "demo",
      ECS_SERVICE_NAME: "payments",
    },
  });
}

export const service = payments.name;
