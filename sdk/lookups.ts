// The three functions that pulumi-aws has too: with its arguments, and with all that its answers have.
import * as pulumi from "@pulumi/pulumi";
import { ask, askOutput } from "./ask.ts";
import type { Inputs, NamespaceResult, ServiceProperties, Tags } from "./functions.ts";
import { regionIn } from "./region.ts";

/** What programs of pulumi-aws may say beside. */
interface Said {
  /** The provider's own region, or it is refused. */
  readonly region?: string;
  /** @deprecated It means nothing: what is found has the tags that it has. */
  readonly tags?: Tags;
}

/** Which HTTP namespace. */
export interface GetHttpNamespaceArgs extends Said {
  readonly name: string;
}
export type GetHttpNamespaceOutputArgs = Inputs<GetHttpNamespaceArgs>;

/** What is known of an HTTP namespace. */
export interface GetHttpNamespaceResult extends NamespaceResult {
  /** Empty where it has none. */
  readonly description: string;
  readonly region: string;
}

/** Finds an HTTP namespace by its name. */
export async function getHttpNamespace(
  { tags: _, ...args }: GetHttpNamespaceArgs,
  options?: pulumi.InvokeOptions,
): Promise<GetHttpNamespaceResult> {
  return httpResult(await ask("getHttpNamespace", args, options));
}
export function getHttpNamespaceOutput(
  { tags: _, ...args }: GetHttpNamespaceOutputArgs,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetHttpNamespaceResult> {
  return withResult(askOutput<NamespaceResult>("getHttpNamespace", args, options), httpResult);
}

/** Which DNS namespace: two of one name differ in their type. */
export interface GetDnsNamespaceArgs extends Said {
  readonly name: string;
  /** `DNS_PRIVATE` or `DNS_PUBLIC`. */
  readonly type: "DNS_PRIVATE" | "DNS_PUBLIC" | (string & {});
}
export type GetDnsNamespaceOutputArgs = Inputs<GetDnsNamespaceArgs>;

/** What is known of a DNS namespace. */
export interface GetDnsNamespaceResult extends GetHttpNamespaceResult {
  /** The id of its hosted zone. */
  readonly hostedZone: string;
}

/** Finds a DNS namespace by its name and type. */
export async function getDnsNamespace(
  { tags: _, ...args }: GetDnsNamespaceArgs,
  options?: pulumi.InvokeOptions,
): Promise<GetDnsNamespaceResult> {
  return dnsResult(await ask("getDnsNamespace", args, options));
}
export function getDnsNamespaceOutput(
  { tags: _, ...args }: GetDnsNamespaceOutputArgs,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetDnsNamespaceResult> {
  return withResult(askOutput<NamespaceResult>("getDnsNamespace", args, options), dnsResult);
}

/** Which service: by its id, its ARN, or its name and its namespace's id. */
export interface GetServiceArgs extends Said {
  readonly id?: string;
  readonly arn?: string;
  readonly name?: string;
  readonly namespaceId?: string;
  /** @deprecated It means nothing. */
  readonly tagsAll?: Tags;
}
export type GetServiceOutputArgs = Inputs<GetServiceArgs>;

/** What is known of a service: the names of pulumi-aws's lists beside our own. */
export interface ServiceResult extends ServiceProperties {
  /** Empty where it has none. */
  readonly description: string;
  readonly region: string;
  /** `dnsConfig` as a list of one, or of none. */
  readonly dnsConfigs: {
    readonly dnsRecords: { readonly ttl: number; readonly type: string }[];
    readonly namespaceId: string;
    readonly routingPolicy: string;
  }[];
  /** `healthCheckConfig` as a list of one, or of none. */
  readonly healthCheckConfigs: {
    readonly failureThreshold: number;
    readonly resourcePath: string;
    readonly type: string;
  }[];
  /** `healthCheckCustomConfig` as a list of one, or of none. */
  readonly healthCheckCustomConfigs: { readonly failureThreshold: number }[];
  /** @deprecated The same as `tags`. */
  readonly tagsAll: Tags;
}
export type GetServiceResult = ServiceResult;

/** Finds a service. None is an error that says what there is. */
export async function getService(
  { tags: _, tagsAll: __, ...args }: GetServiceArgs,
  options?: pulumi.InvokeOptions,
): Promise<ServiceResult> {
  return serviceResult(await ask("getService", args, options));
}
export function getServiceOutput(
  { tags: _, tagsAll: __, ...args }: GetServiceOutputArgs,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<ServiceResult> {
  return withResult(askOutput<ServiceProperties>("getService", args, options), serviceResult);
}

function httpResult(found: NamespaceResult): GetHttpNamespaceResult {
  return { ...found, description: found.description ?? "", region: regionIn(found.arn) ?? "" };
}

function dnsResult(found: NamespaceResult): GetDnsNamespaceResult {
  return { ...httpResult(found), hostedZone: found.hostedZone ?? "" };
}

function serviceResult(found: ServiceProperties): ServiceResult {
  const { arn, namespaceId, description = "", tags, dnsConfig, healthCheckConfig, healthCheckCustomConfig } = found;
  const { routingPolicy = "MULTIVALUE", dnsRecords = [] } = dnsConfig ?? {};
  const { type = "", resourcePath = "", failureThreshold = 1 } = healthCheckConfig ?? {};
  const { failureThreshold: threshold = 1 } = healthCheckCustomConfig ?? {};
  return {
    ...found,
    description,
    region: regionIn(arn) ?? "",
    dnsConfigs: dnsConfig === undefined ? [] : [{ dnsRecords: [...dnsRecords], namespaceId, routingPolicy }],
    healthCheckConfigs: healthCheckConfig === undefined ? [] : [{ failureThreshold, resourcePath, type }],
    healthCheckCustomConfigs: healthCheckCustomConfig === undefined ? [] : [{ failureThreshold: threshold }],
    tagsAll: tags,
  };
}

/** The output of what follows from an answer. */
function withResult<A, R extends object>(answer: pulumi.Output<A>, result: (found: A) => R): pulumi.Output<R> {
  return pulumi.output(answer).apply((found) => result(found as A)) as pulumi.Output<R>; // an answer holds no outputs
}
