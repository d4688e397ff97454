// A service with all that makes it discoverable, as one component: its namespace, its instances in groups, their weights.
import * as pulumi from "@pulumi/pulumi";
import { type InstanceGroup, type InstanceHealth, type InstancesById, isWeighted, placed } from "./group.ts";
import { Instance, type InstanceAttributes } from "./instance.ts";
import {
  type AnyNamespace,
  HttpNamespace,
  type HttpNamespaceArgs,
  PrivateDnsNamespace,
  type PrivateDnsNamespaceArgs,
  PublicDnsNamespace,
  type PublicDnsNamespaceArgs,
} from "./namespace.ts";
import type { Parent } from "./resource.ts";
import { Service, type ServiceArgs, type ServiceDnsConfig } from "./service.ts";

/** A namespace that the component makes for its service. */
export type OwnNamespace =
  | ({ readonly type: "HTTP" } & HttpNamespaceArgs)
  | ({ readonly type: "DNS_PRIVATE" } & PrivateDnsNamespaceArgs)
  | ({ readonly type: "DNS_PUBLIC" } & PublicDnsNamespaceArgs);

/** What a discoverable service is made of. */
export interface DiscoverableServiceArgs
  extends Pick<
    ServiceArgs,
    | "name"
    | "description"
    | "type"
    | "healthCheckConfig"
    | "healthCheckCustomConfig"
    | "tags"
    | "forceDestroy"
    | "region"
  > {
  /** A namespace that is there: the resource itself, or its id (`ns-…`) or ARN. Either this or `namespace`. */
  readonly namespaceId?: Parent<AnyNamespace> | undefined;
  /** A namespace to make: its type, and what such a namespace is made of. Either this or `namespaceId`. */
  readonly namespace?: OwnNamespace | undefined;
  /** The DNS records of the instances; only in DNS namespaces. `routingPolicy` is `WEIGHTED` by default where there are `groups`. */
  readonly dnsConfig?: ServiceDnsConfig | undefined;
  /** What is known of the service as a whole; see the `attributes` of a `Service`. `attributes` are those of its instances. */
  readonly serviceAttributes?: ServiceArgs["attributes"];
  /**
   * Whether a service of this name, and instances of these ids, that exist already are taken over instead of refused. Of
   * the namespace its own `adopt` says that.
   *
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /**
   * The status that the service's `healthCheckCustomConfig` is told: of all instances, or by their ids. Where none is
   * given, health is the business of those who report it; see the `customHealthStatus` of an `Instance`.
   */
  readonly customHealthStatus?: InstanceHealth | undefined;
  /**
   * Whether making and changing an instance waits until its health check finds it healthy.
   *
   * @default false
   */
  readonly waitUntilHealthy?: pulumi.Input<boolean> | undefined;
  /** Attributes of every instance; those of its group and its own go before them. */
  readonly attributes?: InstanceAttributes | undefined;
  /** The instances by their ids, where they are all alike. */
  readonly instances?: InstancesById | undefined;
  /** The instances in groups, by the names of the groups; each gets the attribute `group`, by which clients can ask. */
  readonly groups?: { readonly [group: string]: InstanceGroup } | undefined;
}

/**
 * A service that can be discovered: its namespace, itself and its instances as one component. For blue and green, or a
 * canary, put the instances into groups and change the weights.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const orders = new cloudmap.DiscoverableService("orders", {
 *   namespace: { type: "DNS_PRIVATE", name: "corp.internal", vpc: "vpc-0a1b2c3d" },
 *   dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
 *   attributes: { AWS_INSTANCE_PORT: "8080" },
 *   groups: {
 *     blue: { weight: 90, instances: { "orders-1": { AWS_INSTANCE_IPV4: "10.0.1.11" } } },
 *     green: { weight: 10, instances: { "orders-2": { AWS_INSTANCE_IPV4: "10.0.1.12" } } },
 *   },
 * });
 * export const serviceId = orders.serviceId;
 * ```
 */
export class DiscoverableService extends pulumi.ComponentResource {
  /** @internal */
  static readonly kinds: Kinds = { HttpNamespace, PrivateDnsNamespace, PublicDnsNamespace, Service, Instance };
  /** The namespace that the component made; undefined where one was given. */
  readonly namespace: AnyNamespace | undefined;
  readonly service: Service;
  /** The instances by their ids. */
  readonly instances: { readonly [instanceId: string]: Instance };
  readonly namespaceId: pulumi.Output<string>;
  readonly serviceId: pulumi.Output<string>;

  constructor(name: string, args: DiscoverableServiceArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("cloudmap:index:DiscoverableService", name, {}, options);
    const { kinds } = new.target;
    const own = { parent: this };
    refuse(name, args);
    const { region, adopt, waitUntilHealthy } = args;
    this.namespace = args.namespace && makeNamespace(kinds, name, { region, ...args.namespace }, own);
    const namespaceId = this.namespace ?? args.namespaceId;
    this.service = new kinds.Service(name, { ...serviceArgs(name, args), namespaceId }, own);
    const shared = { serviceId: this.service, waitUntilHealthy, adopt, region };
    const made = placed(name, args).map(
      (each) =>
        [each.instanceId, new kinds.Instance(`${name}-${each.instanceId}`, { ...shared, ...each }, own)] as const,
    );
    this.instances = Object.fromEntries(made);
    if (isWeighted(args) && args.dnsConfig?.routingPolicy === "MULTIVALUE") {
      pulumi.log.warn("With MULTIVALUE, DNS answers its instances alike, whatever the groups weigh.", this);
    }
    this.namespaceId = this.service.namespaceId;
    this.serviceId = this.service.id;
    this.registerOutputs({ namespaceId: this.namespaceId, serviceId: this.serviceId });
  }
}

interface Kinds {
  readonly HttpNamespace: typeof HttpNamespace;
  readonly PrivateDnsNamespace: typeof PrivateDnsNamespace;
  readonly PublicDnsNamespace: typeof PublicDnsNamespace;
  readonly Service: typeof Service;
  readonly Instance: typeof Instance;
}

function refuse(name: string, { namespaceId, namespace, instances, groups }: DiscoverableServiceArgs): void {
  if ((namespace === undefined) === (namespaceId === undefined)) {
    throw new Error(`${name} needs either namespaceId, a namespace that is there, or namespace, one to make.`);
  }
  if (instances !== undefined && groups !== undefined) {
    throw new Error(`${name} has both instances and groups: put all instances into groups.`);
  }
}

function makeNamespace(kinds: Kinds, name: string, own: OwnNamespace, options: pulumi.CustomResourceOptions) {
  const { type, ...args } = own;
  if (type === "HTTP") return new kinds.HttpNamespace(name, args, options);
  if (type === "DNS_PUBLIC") return new kinds.PublicDnsNamespace(name, args, options);
  return new kinds.PrivateDnsNamespace(name, args as PrivateDnsNamespaceArgs, options); // of that type, by its union
}

/** The name is the component's as it is: a DNS name ends in it. */
function serviceArgs(name: string, args: DiscoverableServiceArgs): ServiceArgs {
  const { description, type, dnsConfig, healthCheckConfig, healthCheckCustomConfig, tags, forceDestroy } = args;
  const { adopt, region, serviceAttributes: attributes } = args;
  const routingPolicy = args.groups === undefined ? undefined : "WEIGHTED";
  return {
    ...{ name: args.name ?? name, description, type, healthCheckConfig, healthCheckCustomConfig, tags, forceDestroy },
    ...{ attributes, adopt, region },
    ...(dnsConfig !== undefined && { dnsConfig: routingPolicy ? { routingPolicy, ...dnsConfig } : dnsConfig }),
  };
}
