// The questions that a program can ask a registry; each also in a form that takes outputs and gives one.
import type * as pulumi from "@pulumi/pulumi";
import { ask, askOutput } from "./ask.ts";

export type Tags = { readonly [key: string]: string };
export type NamespaceType = "HTTP" | "DNS_PRIVATE" | "DNS_PUBLIC";
export type HealthStatus = "HEALTHY" | "UNHEALTHY" | "UNKNOWN";

/** The arguments of a function, any of which may be an output. */
export type Inputs<A> = { readonly [K in keyof A]: pulumi.Input<A[K]> };

/** What is known of a namespace. */
export interface NamespaceResult {
  /** `ns-…` */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly type: NamespaceType;
  readonly description?: string;
  /** The name by which DiscoverInstances finds the namespace. */
  readonly httpName: string;
  /** The id of the hosted zone of a DNS namespace. */
  readonly hostedZone?: string;
  readonly tags: Tags;
}

/** Which namespace: by its id, its ARN or its name; of several of one name, the type tells them apart. */
export interface GetNamespaceArgs {
  readonly id?: string;
  readonly arn?: string;
  readonly name?: string;
  readonly type?: NamespaceType;
}

/** Finds a namespace. None, or more than one, is an error that says what there is. */
export function getNamespace(args: GetNamespaceArgs, options?: pulumi.InvokeOptions): Promise<NamespaceResult> {
  return ask("getNamespace", args, options);
}
export function getNamespaceOutput(
  args: Inputs<GetNamespaceArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<NamespaceResult> {
  return askOutput("getNamespace", args, options);
}

/** Which namespaces: all, or those of a name or a type. */
export interface GetNamespacesArgs {
  readonly name?: string;
  readonly type?: NamespaceType;
}

export interface GetNamespacesResult {
  readonly namespaces: readonly (Omit<NamespaceResult, "tags"> & { readonly serviceCount: number })[];
}

/** Lists namespaces. */
export function getNamespaces(
  args: GetNamespacesArgs = {},
  options?: pulumi.InvokeOptions,
): Promise<GetNamespacesResult> {
  return ask("getNamespaces", args, options);
}
export function getNamespacesOutput(
  args: Inputs<GetNamespacesArgs> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetNamespacesResult> {
  return askOutput("getNamespaces", args, options);
}

/** What is known of a service. */
export interface ServiceProperties {
  /** `srv-…` */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly type: "HTTP" | "DNS_HTTP" | "DNS";
  readonly description?: string;
  readonly dnsConfig?: {
    readonly routingPolicy?: "MULTIVALUE" | "WEIGHTED";
    readonly dnsRecords: readonly { readonly type: "A" | "AAAA" | "SRV" | "CNAME"; readonly ttl: number }[];
  };
  readonly healthCheckConfig?: {
    readonly type: "HTTP" | "HTTPS" | "TCP";
    readonly resourcePath?: string;
    readonly failureThreshold?: number;
  };
  readonly healthCheckCustomConfig?: { readonly failureThreshold?: number };
  readonly tags: Tags;
}

export interface GetServicesResult {
  readonly services: readonly (Omit<ServiceProperties, "tags" | "namespaceId"> & { readonly instanceCount: number })[];
}

/** Lists services, all or those of a namespace. */
export function getServices(
  args: { readonly namespaceId?: string } = {},
  options?: pulumi.InvokeOptions,
): Promise<GetServicesResult> {
  return ask("getServices", args, options);
}
export function getServicesOutput(
  args: Inputs<{ readonly namespaceId?: string }> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetServicesResult> {
  return askOutput("getServices", args, options);
}
