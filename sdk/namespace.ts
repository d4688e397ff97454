// Namespaces, as a Pulumi program makes them.
import * as pulumi from "@pulumi/pulumi";
import { regionOf } from "./region.ts";
import { type Host, type KindName, registrationOf } from "./resource.ts";
import { allTags, tagsAllOf } from "./tags.ts";
import { traceProgramOnly } from "./trace.ts";

/** What every namespace can be told. */
interface NamespaceArgs {
  /** A description for people, at most 1,024 characters. Changed in place. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Tags of the namespace, at most 50 together with `cloudmap:defaultTags`; keys 1 to 128, values 0 to 256 characters. */
  readonly tags?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
  /**
   * Whether deleting the namespace first removes all services that are still in it, with all their instances, whoever
   * made them. It takes effect with the `pulumi up` that sets it.
   *
   * @default false: deleting waits until the namespace is empty, and says what is in the way
   */
  readonly forceDestroy?: pulumi.Input<boolean> | undefined;
  /**
   * Whether a namespace of this name that exists already is taken over instead of refused, and from then on belongs to
   * the stack, which also deletes it. Never one that another stack has made: `cloudmap:adopt` with its id allows that.
   *
   * @default false
   */
  readonly adopt?: pulumi.Input<boolean> | undefined;
  /** For programs that come from pulumi-aws: the provider's own region, or the preview refuses it. */
  readonly region?: pulumi.Input<string> | undefined;
}

/** What an HTTP namespace is made of. */
export interface HttpNamespaceArgs extends NamespaceArgs {
  /**
   * The name of the namespace, by which its services are discovered: 1 to 1,024 printable ASCII characters without
   * blanks, not beginning with `arn:`. Unique in the account and region. Changing it makes a new namespace.
   *
   * @default the resource's name and a suffix that is always the same for this stack: `shop-3f2a91c`
   */
  readonly name?: pulumi.Input<string> | undefined;
}

/** Properties of a DNS namespace's zone. */
export interface NamespaceProperties {
  readonly dnsProperties: pulumi.Input<{
    /** The Start of Authority record of the zone. */
    readonly soa: pulumi.Input<{
      /** Seconds that resolvers remember that a name does not exist, 0 to 2,147,483,647. Changed in place. */
      readonly ttl: pulumi.Input<number>;
    }>;
  }>;
}

/** What a private DNS namespace is made of. */
export interface PrivateDnsNamespaceArgs extends NamespaceArgs {
  /**
   * The DNS name of the namespace, the end of its services' names: `demo.internal`. At most 253 characters, labels of at
   * most 63. Unique in its VPC. Changing it makes a new namespace.
   *
   * @default the resource's name, as it is
   */
  readonly name?: pulumi.Input<string> | undefined;
  /** The id of the VPC in which the names resolve: `vpc-…`. Changing it makes a new namespace. */
  readonly vpc: pulumi.Input<string>;
  /**
   * Properties of the zone.
   *
   * @default an SOA record with a TTL of 15 seconds
   */
  readonly properties?: pulumi.Input<NamespaceProperties> | undefined;
}

/** What a public DNS namespace is made of. */
export interface PublicDnsNamespaceArgs extends NamespaceArgs {
  /**
   * The DNS name of the namespace, the end of its services' names: `services.example.com`. Two labels or more, each of at
   * most 63 letters, digits and `-`; at most 253 characters. Changing it makes a new namespace.
   *
   * @default the resource's name, as it is
   */
  readonly name?: pulumi.Input<string> | undefined;
  /**
   * Properties of the zone.
   *
   * @default an SOA record with a TTL of 60 seconds
   */
  readonly properties?: pulumi.Input<NamespaceProperties> | undefined;
}

/** What a program may say beside the id of a namespace that it reads, as pulumi-aws lets it; the id says all. */
export interface HttpNamespaceState extends HttpNamespaceArgs {
  readonly arn?: pulumi.Input<string> | undefined;
  readonly httpName?: pulumi.Input<string> | undefined;
  readonly tagsAll?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
}

interface ZoneState {
  readonly arn?: pulumi.Input<string> | undefined;
  readonly hostedZone?: pulumi.Input<string> | undefined;
  readonly tagsAll?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
}

/** What a program may say beside the id of a namespace that it reads: its VPC, which the API does not tell. */
export interface PrivateDnsNamespaceState extends Partial<PrivateDnsNamespaceArgs>, ZoneState {}

/** What a program may say beside the id of a namespace that it reads, as pulumi-aws lets it; the id says all. */
export interface PublicDnsNamespaceState extends PublicDnsNamespaceArgs, ZoneState {}

/** What all namespaces have, and how they register. */
abstract class Namespace extends pulumi.CustomResource {
  /** @internal */
  static readonly host: Host = "dynamic";
  /** The name of the namespace. */
  declare readonly name: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string | undefined>;
  declare readonly tags: pulumi.Output<{ readonly [key: string]: string } | undefined>;
  /** The tags with those of `cloudmap:defaultTags`. */
  declare readonly tagsAll: pulumi.Output<{ readonly [key: string]: string }>;
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** The region that the ARN names. */
  declare readonly region: pulumi.Output<string>;
  /** `arn:aws:servicediscovery:REGION:ACCOUNT:namespace/ns-…` */
  declare readonly arn: pulumi.Output<string>;
  /** When it was made: another text once it was made anew under the same name. */
  declare readonly generation: pulumi.Output<string | undefined>;
  /** The account number of the registry; undefined where the endpoint does not tell. */
  declare readonly account: pulumi.Output<string | undefined>;

  constructor(
    kind: KindName,
    name: string,
    args: NamespaceArgs,
    own: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    const inputs = { ...blank, ...own, ...args, tagsAll: tagsAllOf(args.tags) };
    // A random suffix would end in every name that is resolved: only where none is, names may have one.
    const autoName = kind === "HttpNamespace" ? "suffixed" : "verbatim";
    const { host } = new.target;
    const restore = traceProgramOnly();
    try {
      super(...registrationOf({ host, kind, name, inputs, autoName, options }));
    } finally {
      restore();
    }
    this.region = regionOf(this.arn);
    this.tagsAll = allTags(this, args.tags);
  }
}

/** Every property has to be among the inputs to be an output. */
const blank = {
  name: undefined,
  description: undefined,
  tags: undefined,
  forceDestroy: undefined,
  adopt: undefined,
  arn: undefined,
  generation: undefined,
  account: undefined,
};

/**
 * An HTTP namespace: a group of services that are discovered by API calls (DiscoverInstances), not by DNS.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const shop = new cloudmap.HttpNamespace("shop", { description: "The shop's services" });
 * export const namespace = shop.name;
 * ```
 */
export class HttpNamespace extends Namespace {
  /** The name to give DiscoverInstances: the name, or the name and a suffix where it was taken. */
  declare readonly httpName: pulumi.Output<string>;

  constructor(name: string, args: HttpNamespaceArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    super("HttpNamespace", name, args, { httpName: undefined }, options);
  }

  /** A namespace that exists already, by its id (`ns-…`) or ARN; it is read, never changed. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    _state?: HttpNamespaceState,
    options: pulumi.CustomResourceOptions = {},
  ): HttpNamespace {
    return new this(name, {}, { ...options, id });
  }

  static override isInstance(value: unknown): value is HttpNamespace {
    return value instanceof HttpNamespace;
  }
}

const zone = { properties: undefined, hostedZone: undefined };

/**
 * A private DNS namespace: a zone whose names resolve in one VPC. Its services are discovered by DNS and by API calls.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const demo = new cloudmap.PrivateDnsNamespace("demo", { name: "demo.internal", vpc: "vpc-0a1b2c3d" });
 * const payments = new cloudmap.Service("payments", {
 *   namespaceId: demo,
 *   dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
 * });
 * ```
 */
export class PrivateDnsNamespace extends Namespace {
  /** The VPC in which the names resolve; of one that is only read, what its id (`ns-…:vpc-…`) or Route 53 tells. */
  declare readonly vpc: pulumi.Output<string>;
  declare readonly properties: pulumi.Output<pulumi.Unwrap<NamespaceProperties> | undefined>;
  /** The id of the hosted zone that was made for the namespace. */
  declare readonly hostedZone: pulumi.Output<string>;

  constructor(name: string, args: PrivateDnsNamespaceArgs, options: pulumi.CustomResourceOptions = {}) {
    super("PrivateDnsNamespace", name, args, { ...zone, vpc: undefined }, options);
  }

  /**
   * A namespace that exists already, by its id (`ns-…`, or with its VPC `ns-…:vpc-…`) or ARN; it is read, never changed.
   * Of a `state` only the `vpc` is taken, which the API does not tell.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    { vpc }: PrivateDnsNamespaceState = {},
    options: pulumi.CustomResourceOptions = {},
  ): PrivateDnsNamespace {
    return new this(name, { vpc } as PrivateDnsNamespaceArgs, { ...options, id }); // nothing is made of it
  }

  static override isInstance(value: unknown): value is PrivateDnsNamespace {
    return value instanceof PrivateDnsNamespace;
  }
}

/**
 * A public DNS namespace: a zone whose names resolve everywhere. Its services are discovered by DNS and by API calls.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap";
 *
 * const shop = new cloudmap.PublicDnsNamespace("shop", { name: "shop.example.com" });
 * export const delegation = shop.nameServers;
 * ```
 */
export class PublicDnsNamespace extends Namespace {
  declare readonly properties: pulumi.Output<pulumi.Unwrap<NamespaceProperties> | undefined>;
  /** The id of the hosted zone that was made for the namespace. */
  declare readonly hostedZone: pulumi.Output<string>;
  /** The name servers of the zone, for its delegation; undefined where Route 53 does not tell them to the caller. */
  declare readonly nameServers: pulumi.Output<readonly string[] | undefined>;

  constructor(name: string, args: PublicDnsNamespaceArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    super("PublicDnsNamespace", name, args, { ...zone, nameServers: undefined }, options);
  }

  /** A namespace that exists already, by its id (`ns-…`) or ARN; it is read, never changed. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    _state?: PublicDnsNamespaceState,
    options: pulumi.CustomResourceOptions = {},
  ): PublicDnsNamespace {
    return new this(name, {}, { ...options, id });
  }

  static override isInstance(value: unknown): value is PublicDnsNamespace {
    return value instanceof PublicDnsNamespace;
  }
}

/** A namespace of any type. */
export type AnyNamespace = HttpNamespace | PrivateDnsNamespace | PublicDnsNamespace;

/** The type of a namespace that a program hands over; undefined of one that it only names. */
export function namespaceTypeOf(namespace: unknown): "HTTP" | "DNS_PRIVATE" | "DNS_PUBLIC" | undefined {
  if (namespace instanceof HttpNamespace) return "HTTP";
  if (namespace instanceof PrivateDnsNamespace) return "DNS_PRIVATE";
  return namespace instanceof PublicDnsNamespace ? "DNS_PUBLIC" : undefined;
}
