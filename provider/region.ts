// The `region` that programs of pulumi-aws give each resource: here it is the provider's, and only said again.
import type { Props } from "./casing.ts";
import type { ReadConfig } from "./config.ts";
import type { CheckFailure } from "./kind.ts";
import { unknown } from "./unknown.ts";

interface InRegion {
  /** Without the region: it is the same for all that the provider makes. */
  readonly inputs: Props;
  readonly failures: readonly CheckFailure[];
}

/** Whether what a program says of the region is true; a registry, like AWS's endpoint, is of one region. */
export function inRegion(
  { region, ...inputs }: Props,
  config: ReadConfig,
  env: Readonly<Record<string, string | undefined>> = process.env,
): InRegion {
  const own = config("cloudmap:region")?.trim() || env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
  if (region === undefined || region === unknown || region === own) return { inputs, failures: [] };
  const remedy =
    "Leave it out, set cloudmap:region, or give the resource a Provider of that region (pulumi-cloudmap/plugin).";
  return {
    inputs,
    failures: [
      {
        property: "region",
        reason: `region is ${JSON.stringify(region)}, and the provider works in ${own}. ${remedy}`,
      },
    ],
  };
}
