// The region of a resource: no property of Cloud Map's, but an output of pulumi-aws's classes.
import * as pulumi from "@pulumi/pulumi";

/** `arn:aws:servicediscovery:REGION:ACCOUNT:…` */
export function regionOf(arn: pulumi.Output<string>): pulumi.Output<string> {
  return arn.apply((text) => regionIn(text) ?? "");
}

interface InRegion {
  readonly region: pulumi.Output<string>;
}

/** The region of what is in a parent: that is its region too. */
export function regionAt(
  parent: pulumi.Input<string> | InRegion,
  given: pulumi.Input<string> | undefined,
): pulumi.Output<string> {
  if (typeof parent === "object" && "region" in parent) return parent.region;
  return pulumi
    .all([parent as pulumi.Input<string>, given])
    .apply(([id, region]) => regionIn(id) ?? region ?? ownRegion());
}

export function regionIn(arn: string | undefined): string | undefined {
  return arn?.startsWith("arn:") ? arn.split(":")[3] : undefined;
}

/** In the order in which the provider looks for it. */
function ownRegion(): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  return new pulumi.Config("cloudmap").get("region") || AWS_REGION || AWS_DEFAULT_REGION || "us-east-1";
}
