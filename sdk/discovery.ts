// Instances as a program asks for them: those of a service with their health, or as its clients discover them.
import type * as pulumi from "@pulumi/pulumi";
import { ask, askOutput } from "./ask.ts";
import type { HealthStatus, Inputs } from "./functions.ts";

type Attributes = { readonly [key: string]: string };

export interface GetInstancesArgs {
  /** The id or the ARN of the service. */
  readonly serviceId: string;
  /** Only instances of this health. */
  readonly healthStatus?: HealthStatus;
}

export interface GetInstancesResult {
  readonly instances: readonly {
    readonly instanceId: string;
    readonly attributes: Attributes;
    /** `UNKNOWN` without a health check. */
    readonly healthStatus: HealthStatus;
  }[];
}

/** Lists the instances of a service, each with its health. */
export function getInstances(args: GetInstancesArgs, options?: pulumi.InvokeOptions): Promise<GetInstancesResult> {
  return ask("getInstances", args, options);
}
export function getInstancesOutput(
  args: Inputs<GetInstancesArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetInstancesResult> {
  return askOutput("getInstances", args, options);
}

/** Which service, and which of its instances. */
export interface DiscoverInstancesArgs {
  /** The namespace's `httpName`. */
  readonly namespaceName: string;
  readonly serviceName: string;
  /**
   * The most instances to answer, 1 to 1,000.
   *
   * @default 100
   */
  readonly maxResults?: number;
  /** Attributes that an instance must have. */
  readonly queryParameters?: Attributes;
  /** Attributes that an instance should have: ignored when no instance has them all. */
  readonly optionalParameters?: Attributes;
  /** @default "HEALTHY" */
  readonly healthStatus?: "HEALTHY" | "UNHEALTHY" | "ALL" | "HEALTHY_OR_ELSE_ALL";
  /** The account that owns the namespace, where it is shared. */
  readonly ownerAccount?: string;
}

export interface DiscoverInstancesResult {
  /** In random order. */
  readonly instances: readonly {
    readonly instanceId: string;
    readonly namespaceName: string;
    readonly serviceName: string;
    readonly healthStatus: HealthStatus;
    readonly attributes: Attributes;
  }[];
  readonly instancesRevision: number;
}

/** Discovers the instances of a service by its name and its namespace's, as its clients do. */
export function discoverInstances(
  args: DiscoverInstancesArgs,
  options?: pulumi.InvokeOptions,
): Promise<DiscoverInstancesResult> {
  return ask("discoverInstances", args, options);
}
export function discoverInstancesOutput(
  args: Inputs<DiscoverInstancesArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<DiscoverInstancesResult> {
  return askOutput("discoverInstances", args, options);
}

/** Which service, by its name and its namespace's `httpName`. */
export interface DiscoverInstancesRevisionArgs {
  readonly namespaceName: string;
  readonly serviceName: string;
  /** The account that owns the namespace, where it is shared. */
  readonly ownerAccount?: string;
}

/** The revision of a service's instances: it grows with each registration and deregistration. */
export function discoverInstancesRevision(
  args: DiscoverInstancesRevisionArgs,
  options?: pulumi.InvokeOptions,
): Promise<{ readonly instancesRevision: number }> {
  return ask("discoverInstancesRevision", args, options);
}
export function discoverInstancesRevisionOutput(
  args: Inputs<DiscoverInstancesRevisionArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<{ readonly instancesRevision: number }> {
  return askOutput("discoverInstancesRevision", args, options);
}
