// HTTP namespaces, as a Pulumi program makes them.
import * as pulumi from "@pulumi/pulumi";
import { registrationInputs, typeOf } from "./resource.ts";
import { traceProgramOnly } from "./trace.ts";

/** What an HTTP namespace is made of. */
export interface HttpNamespaceArgs {
  /**
   * The name of the namespace, by which its services are discovered: 1 to 1,024 printable ASCII characters without
   * blanks, not beginning with `arn:`. Unique in the account and region. Changing it makes a new namespace.
   *
   * @default the resource's name and a suffix that is always the same for this stack: `shop-3f2a91c`
   */
  readonly name?: pulumi.Input<string> | undefined;
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
}

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
export class HttpNamespace extends pulumi.CustomResource {
  /** The name of the namespace. */
  declare readonly name: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string | undefined>;
  declare readonly tags: pulumi.Output<{ readonly [key: string]: string } | undefined>;
  /** The tags with those of `cloudmap:defaultTags`. */
  declare readonly tagsAll: pulumi.Output<{ readonly [key: string]: string } | undefined>;
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  /** `arn:aws:servicediscovery:REGION:ACCOUNT:namespace/ns-…` */
  declare readonly arn: pulumi.Output<string>;
  /** The name to give DiscoverInstances: the name, or the name and a suffix where it was taken. */
  declare readonly httpName: pulumi.Output<string>;
  /** The account number of the registry; undefined where the endpoint does not tell. */
  declare readonly account: pulumi.Output<string | undefined>;

  constructor(name: string, args: HttpNamespaceArgs = {}, options: pulumi.CustomResourceOptions = {}) {
    const inputs = { ...blank, ...args, tagsAll: args.tags };
    const registered = registrationInputs({ kind: "HttpNamespace", name, inputs, autoName: "suffixed", options });
    const restore = traceProgramOnly();
    try {
      super(typeOf("HttpNamespace"), name, registered, options);
    } finally {
      restore();
    }
  }

  /** A namespace that exists already, by its id (`ns-…`); it is read, never changed. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options: pulumi.CustomResourceOptions = {}): HttpNamespace {
    return new HttpNamespace(name, {}, { ...options, id });
  }
}

/** Every property has to be among the inputs to be an output. */
const blank = {
  name: undefined,
  description: undefined,
  forceDestroy: undefined,
  arn: undefined,
  httpName: undefined,
  account: undefined,
};
