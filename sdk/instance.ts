// Instances, as a Pulumi program registers them.
import * as pulumi from "@pulumi/pulumi";
import { parseInstanceId, shortId } from "../provider/ids.ts";
import { eitherOf } from "./known.ts";
import { regionAt } from "./region.ts";
import { type Host, idOf, type OneOf, type Parent, registrationOf } from "./resource.ts";
import { warnOfSecrets } from "./secret.ts";
import { type Service, shapeOf } from "./service.ts";
import { traceNothing } from "./trace.ts";

/**
 * What is known of an instance: Cloud Map's own attributes, and up to 30 of yours. Keys have 1 to 255, values up to 1,024
 * printable ASCII characters, all together at most 5,000. Everybody who can discover the service reads them.
 */
export interface InstanceAttributes {
  /** The IPv4 address of the instance: `192.0.2.44`. Required by A records, and by SRV records without an IPv6 address. */
  readonly AWS_INSTANCE_IPV4?: pulumi.Input<string> | undefined;
  /** The IPv6 address of the instance: `2001:db8::1`. Required by AAAA records. */
  readonly AWS_INSTANCE_IPV6?: pulumi.Input<string> | undefined;
  /** The port of the instance, 0 to 65535, as text: `"8080"`. Required by SRV records and by a `healthCheckConfig`. */
  readonly AWS_INSTANCE_PORT?: pulumi.Input<string> | undefined;
  /** The domain name that CNAME records of the service answer. */
  readonly AWS_INSTANCE_CNAME?: pulumi.Input<string> | undefined;
  /** The DNS name of the load balancer that traffic is routed to; excludes all AWS_INSTANCE_ attributes. */
  readonly AWS_ALIAS_DNS_NAME?: pulumi.Input<string> | undefined;
  /** The id of an EC2 instance, in HTTP namespaces: its private IPv4 address is filled in. */
  readonly AWS_EC2_INSTANCE_ID?: pulumi.Input<string> | undefined;
  /**
   * The first status under a `healthCheckCustomConfig`.
   *
   * @default "HEALTHY"
   */
  readonly AWS_INIT_HEALTH_STATUS?: pulumi.Input<OneOf<"HEALTHY" | "UNHEALTHY">> | undefined;
  readonly [key: string]: pulumi.Input<string> | undefined;
}

/** What an instance is made of. */
export interface InstanceArgs {
  /** The service of the instance: the resource itself, or its id (`srv-…`) or ARN. Changing it makes a new instance. */
  readonly serviceId: Parent<Service>;
  /**
   * The id of the instance, unique in its service: 1 to 64 letters, digits and `_ / : . @ -`. It is part of the names
   * that SRV records answer. Changing it makes a new instance.
   *
   * @default the resource's name, as it is
   */
  readonly instanceId?: pulumi.Input<string> | undefined;
  /** What is known of the instance. Changed in place, all at once. */
  readonly attributes: pulumi.Input<InstanceAttributes>;
  /**
   * The status that the service's `healthCheckCustomConfig` is told. Where it is given, it is the program's: another one that
   * is reported is drift. Where it is not, health is the business of those who report it. UNHEALTHY takes effect after 30
   * seconds, which are waited for.
   */
  readonly customHealthStatus?: pulumi.Input<OneOf<"HEALTHY" | "UNHEALTHY">> | undefined;
  /**
   * Whether making and changing the instance waits until its health check finds it healthy, up to the time-out
   * (`customTimeouts`; 2 minutes), and fails if it is not by then; the instance stays registered.
   *
   * @default false
   */
  readonly waitUntilHealthy?: pulumi.Input<boolean> | undefined;
  /**
   * Whether an instance of this id that is registered already is taken over instead of refused, with the attributes that
   * are given here. Never one that another stack has registered: `cloudmap:adopt` with `srv-…/instance-id` allows that.
   *
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /** For programs that come from pulumi-aws: the provider's own region, or the preview refuses it. */
  readonly region?: pulumi.Input<string> | undefined;
}

/** What a program may say beside the id of an instance that it reads, as pulumi-aws lets it; the id says all. */
export interface InstanceState extends Partial<InstanceArgs> {}

/**
 * An instance: one place where a service can be reached.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const shop = new cloudmap.HttpNamespace("shop");
 * const api = new cloudmap.Service("api", { namespaceId: shop });
 * const first = new cloudmap.Instance("api-1", {
 *   serviceId: api,
 *   attributes: { AWS_INSTANCE_IPV4: "192.0.2.44", AWS_INSTANCE_PORT: "8080", zone: "a" },
 * });
 * ```
 */
export class Instance extends pulumi.CustomResource {
  /** @internal */
  static readonly host: Host = "dynamic";
  declare readonly serviceId: pulumi.Output<string>;
  /** The id of the instance in its service; `id` has the service's id before it: `srv-…/instance-id`. */
  declare readonly instanceId: pulumi.Output<string>;
  declare readonly attributes: pulumi.Output<{ readonly [key: string]: string }>;
  declare readonly customHealthStatus: pulumi.Output<string | undefined>;
  declare readonly waitUntilHealthy: pulumi.Output<boolean | undefined>;
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** The region of its service; of one that is only named by an id, that of the stack's provider. */
  declare readonly region: pulumi.Output<string>;
  /** The account number of the registry; undefined where the endpoint does not tell. */
  declare readonly account: pulumi.Output<string | undefined>;

  constructor(name: string, args: InstanceArgs, options: pulumi.CustomResourceOptions = {}) {
    const { serviceId: service, attributes } = args;
    const inputs = { ...blank, ...args, serviceId: idOf(service), attributes };
    const parent = shapeOf(service);
    const { host } = new.target;
    const own = { host, kind: "Instance", name, inputs, autoName: "verbatim", parent, options } as const;
    const restore = traceNothing();
    try {
      super(...registrationOf(own));
    } finally {
      restore();
    }
    this.serviceId = addressed("serviceId", this.id, this.serviceId);
    this.instanceId = addressed("instanceId", this.id, this.instanceId);
    this.region = regionAt(service, args.region);
    warnOfSecrets(attributes, this);
  }

  /** An instance that exists already, by `srv-…/instance-id`; it is read, never changed. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    _state?: InstanceState,
    options: pulumi.CustomResourceOptions = {},
  ): Instance {
    return new this(name, nothing, { ...options, id });
  }

  static override isInstance(value: unknown): value is Instance {
    return value instanceof Instance;
  }
}

/** Every property has to be among the inputs to be an output. */
const blank = {
  instanceId: undefined,
  customHealthStatus: undefined,
  waitUntilHealthy: undefined,
  adopt: undefined,
  account: undefined,
};

/** The state does not repeat what the id says, and of an instance that a preview leaves as it is Pulumi gives the state only. */
function addressed(
  part: "serviceId" | "instanceId",
  id: pulumi.Output<string>,
  given: pulumi.Output<string | undefined>,
): pulumi.Output<string> {
  const said = id.apply((whole) => pulumi.output(parseInstanceId(whole)?.[part] ?? given));
  const isSame = (own: string | undefined, other: string | undefined) => other !== undefined && shortId(other) === own;
  return eitherOf(said, given, (own, other) => (isSame(own, other) ? other : own)) as pulumi.Output<string>; // an ARN stays one
}

/** Of an instance that is only read, the id says all. */
const nothing = { serviceId: undefined, attributes: undefined } as unknown as InstanceArgs; // get fills both
