// A central registry, an application's half: in the namespace of another account it makes and fills services of its own.
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

/** The ARN of the platform's namespace: an id would mean one of this account's own. */
const namespaceArn = new pulumi.Config().require("namespaceArn");

const billing = new cloudmap.Service("billing", { namespaceId: namespaceArn });
new cloudmap.Instance("billing-1", {
  serviceId: billing.arn,
  attributes: { AWS_INSTANCE_IPV4: "10.7.1.1", AWS_INSTANCE_PORT: "8080" },
});

export const serviceArn = billing.arn;
