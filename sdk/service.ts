// Services, as a Pulumi program makes them.
import * as pulumi from "@pulumi/pulumi";
import { type AnyNamespace, namespaceTypeOf } from "./namespace.ts";
import { regionOf } from "./region.ts";
import { type Host, idOf, type OneOf, type Parent, registrationOf } from "./resource.ts";
import { allTags, tagsAllOf } from "./tags.ts";
import { traceProgramOnly } from "./trace.ts";

/** One kind of DNS record that every instance of the service gets. */
export interface ServiceDnsRecord {
  /** `A`, `AAAA`, `SRV` or `CNAME`. */
  readonly type: pulumi.Input<OneOf<"A" | "AAAA" | "SRV" | "CNAME">>;
  /** Seconds that resolvers keep the record, 0 to 2,147,483,647. Changed in place. */
  readonly ttl: pulumi.Input<number>;
}

/** The DNS records of the instances; only for services of DNS namespaces. All but the TTLs makes a new service. */
export interface ServiceDnsConfig {
  /** @deprecated Use the service's `namespaceId`. */
  readonly namespaceId?: pulumi.Input<string> | undefined;
  /**
   * `MULTIVALUE` answers up to eight healthy instances, `WEIGHTED` one.
   *
   * @default "MULTIVALUE"
   */
  readonly routingPolicy?: pulumi.Input<OneOf<"MULTIVALUE" | "WEIGHTED">> | undefined;
  /** The records, in any order. */
  readonly dnsRecords: pulumi.Input<readonly pulumi.Input<ServiceDnsRecord>[]>;
}

/**
 * A health check that probes the instances: each needs AWS_INSTANCE_PORT and an address. Not in private DNS namespaces.
 * Changed in place in public ones, but for its type; in HTTP namespaces a change makes a new service.
 */
export interface ServiceHealthCheckConfig {
  /** How an instance is probed. */
  readonly type: pulumi.Input<OneOf<"HTTP" | "HTTPS" | "TCP">>;
  /**
   * The path that HTTP and HTTPS probes ask for, at most 255 characters; not for TCP.
   *
   * @default "/"
   */
  readonly resourcePath?: pulumi.Input<string> | undefined;
  /**
   * How many probes in a row change the status, 1 to 10.
   *
   * @default 1
   */
  readonly failureThreshold?: pulumi.Input<number> | undefined;
}

/** A health check whose status you report yourself, with UpdateInstanceCustomHealthStatus: `{}` is all it needs. */
export interface ServiceHealthCheckCustomConfig {
  /** @deprecated It is always 1, whatever is given. */
  readonly failureThreshold?: pulumi.Input<number> | undefined;
}

/** What a service is made of. */
export interface ServiceArgs {
  /** The namespace of the service: the resource itself, or its id (`ns-…`) or ARN. Changing it makes a new service. */
  readonly namespaceId?: Parent<AnyNamespace> | undefined;
  /**
   * The name of the service: 1 to 127 characters, labels of letters, digits, `-` and `_` joined by dots, each at most 63
   * long. Unique in the namespace. Changing it makes a new service.
   *
   * @default the resource's name, as it is
   */
  readonly name?: pulumi.Input<string> | undefined;
  /**
   * A description for people, at most 1,024 characters. Changed in place in a DNS namespace; in an HTTP namespace it makes
   * a new service, for the API cannot change it.
   */
  readonly description?: pulumi.Input<string> | undefined;
  /** `HTTP`: discovered by API calls only, also in a DNS namespace. Changing it makes a new service. */
  readonly type?: pulumi.Input<OneOf<"HTTP">> | undefined;
  /** The DNS records of the instances; only in DNS namespaces. */
  readonly dnsConfig?: pulumi.Input<ServiceDnsConfig> | undefined;
  /** A health check that probes the instances; not together with `healthCheckCustomConfig`. */
  readonly healthCheckConfig?: pulumi.Input<ServiceHealthCheckConfig> | undefined;
  /** A health check whose status you report yourself: `{}`; not together with `healthCheckConfig`. */
  readonly healthCheckCustomConfig?: pulumi.Input<ServiceHealthCheckCustomConfig> | undefined;
  /**
   * What is known of the service as a whole: at most 30 attributes, keys 1 to 255, values up to 1,024 characters. Changed in
   * place. Where they are given, all that the service has are the program's; where none are, they are others' business.
   */
  readonly attributes?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
  /** Tags of the service, at most 50 together with `cloudmap:defaultTags`; keys 1 to 128, values 0 to 256 characters. */
  readonly tags?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
  /**
   * Whether deleting the service first deregisters all instances that are still in it, whoever registered them. It takes
   * effect with the `pulumi up` that sets it.
   *
   * @default false: deleting waits until the service is empty, and says what is in the way
   */
  readonly forceDestroy?: pulumi.Input<boolean> | undefined;
  /**
   * Whether a service of this name that exists already is taken over instead of refused, and from then on belongs to the
   * stack, which also deletes it. Never one that another stack has made: `cloudmap:adopt` with its id allows that.
   *
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /** For programs that come from pulumi-aws: the provider's own region, or the preview refuses it. */
  readonly region?: pulumi.Input<string> | undefined;
}

/** What a program may say beside the id of a service that it reads, as pulumi-aws lets it; the id says all. */
export interface ServiceState extends ServiceArgs {
  readonly arn?: pulumi.Input<string> | undefined;
  readonly tagsAll?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
}

/**
 * A service: a name in a namespace under which instances are registered and discovered.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const shop = new cloudmap.HttpNamespace("shop");
 * const api = new cloudmap.Service("api", { namespaceId: shop, healthCheckCustomConfig: {} });
 * ```
 */
export class Service extends pulumi.CustomResource {
  /** @internal */
  static readonly host: Host = "dynamic";
  declare readonly namespaceId: pulumi.Output<string>;
  /** The name of the service. */
  declare readonly name: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string | undefined>;
  /** `HTTP`, `DNS_HTTP` or `DNS`: how its instances can be discovered. */
  declare readonly type: pulumi.Output<string>;
  declare readonly dnsConfig: pulumi.Output<pulumi.Unwrap<ServiceDnsConfig> | undefined>;
  declare readonly healthCheckConfig: pulumi.Output<pulumi.Unwrap<ServiceHealthCheckConfig> | undefined>;
  declare readonly healthCheckCustomConfig: pulumi.Output<pulumi.Unwrap<ServiceHealthCheckCustomConfig> | undefined>;
  declare readonly tags: pulumi.Output<{ readonly [key: string]: string } | undefined>;
  /** The tags with those of `cloudmap:defaultTags`. */
  declare readonly tagsAll: pulumi.Output<{ readonly [key: string]: string }>;
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  declare readonly attributes: pulumi.Output<{ readonly [key: string]: string } | undefined>;
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** The region that the ARN names. */
  declare readonly region: pulumi.Output<string>;
  /** `arn:aws:servicediscovery:REGION:ACCOUNT:service/srv-…` */
  declare readonly arn: pulumi.Output<string>;
  /** The type of its namespace, `HTTP`, `DNS_PRIVATE` or `DNS_PUBLIC`; told only where the service's own type is `HTTP`. */
  declare readonly namespaceType: pulumi.Output<string | undefined>;
  /** When it was made: another text once it was made anew, also where its id is the same again. */
  declare readonly generation: pulumi.Output<string | undefined>;
  /** The account number of the registry; undefined where the endpoint does not tell. */
  declare readonly account: pulumi.Output<string | undefined>;

  constructor(name: string, args: ServiceArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    const { namespaceId: namespace, tags } = args;
    const inputs = { ...blank, ...args, namespaceId: idOf(namespace), tags, tagsAll: tagsAllOf(tags) };
    const namespaceType = namespaceTypeOf(namespace);
    const parent = namespaceType === undefined ? {} : { namespaceType };
    const { host } = new.target;
    const own = { host, kind: "Service", name, inputs, autoName: "verbatim", parent, options } as const;
    const restore = traceProgramOnly();
    try {
      super(...registrationOf(own));
    } finally {
      restore();
    }
    if (options.id === undefined) shapes.set(this, { ...parent, ...shape(args) });
    if (namespaceType !== undefined) this.arn = arnIn(namespace as AnyNamespace, this.id);
    this.region = regionOf(this.arn);
    this.tagsAll = allTags(this, tags);
  }

  /** A service that exists already, by its id (`srv-…`); it is read, never changed. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    _state?: ServiceState,
    options: pulumi.CustomResourceOptions = {},
  ): Service {
    return new this(name, {}, { ...options, id });
  }

  static override isInstance(value: unknown): value is Service {
    return value instanceof Service;
  }
}

/** Pulumi previews an update without what the update will answer; the ARN follows from what is known before. */
function arnIn(namespace: AnyNamespace, id: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.all([namespace.arn, id]).apply(([arn, own]) => arn.replace(/namespace\/[^/]*$/, `service/${own}`));
}

/** Every property has to be among the inputs to be an output. */
const blank = {
  name: undefined,
  description: undefined,
  dnsConfig: undefined,
  healthCheckConfig: undefined,
  healthCheckCustomConfig: undefined,
  attributes: undefined,
  forceDestroy: undefined,
  adopt: undefined,
  type: undefined,
  arn: undefined,
  namespaceType: undefined,
  generation: undefined,
  account: undefined,
};

const shapes = new WeakMap<Service, pulumi.Inputs>();

/** What instances of a service are judged by at preview; of one that the program only reads nothing is known. */
export function shapeOf(service: unknown): pulumi.Inputs | undefined {
  return service instanceof Service ? shapes.get(service) : undefined;
}

function shape({ dnsConfig, healthCheckConfig, healthCheckCustomConfig }: ServiceArgs): pulumi.Inputs {
  return {
    ...(dnsConfig !== undefined && { dnsConfig }),
    ...(healthCheckConfig !== undefined && { healthCheckConfig }),
    ...(healthCheckCustomConfig !== undefined && { healthCheckCustomConfig }),
  };
}
