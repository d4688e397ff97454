// An explicit provider: where the registry of some resources is, and who calls it. Only the plugin takes one.
import * as pulumi from "@pulumi/pulumi";

/** What a provider is configured by; what is not given comes from the environment, as for the default one. */
export interface ProviderArgs {
  /** The URL of the registry, such as `http://127.0.0.1:7700`; `aws` means AWS Cloud Map itself. */
  readonly endpoint?: pulumi.Input<string> | undefined;
  /**
   * The region that requests are signed for.
   *
   * @default us-east-1; required with `endpoint: "aws"`
   */
  readonly region?: pulumi.Input<string> | undefined;
  readonly accessKey?: pulumi.Input<string> | undefined;
  /** Kept as a secret. */
  readonly secretKey?: pulumi.Input<string> | undefined;
  /** The session token of temporary credentials; kept as a secret. */
  readonly token?: pulumi.Input<string> | undefined;
  /** The profile of the AWS configuration files whose credentials are used. */
  readonly profile?: pulumi.Input<string> | undefined;
  /** Tags that every resource that takes tags gets, unless it has a tag of the same key. */
  readonly defaultTags?: pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }> | undefined;
  /**
   * How often a request that may be sent again is, at most.
   *
   * @default 8
   */
  readonly maxRetries?: pulumi.Input<number> | undefined;
  /**
   * How long one request may take.
   *
   * @default `30s`
   */
  readonly requestTimeout?: pulumi.Input<string> | undefined;
  /** Ids of resources that may be taken over although others made them. */
  readonly adopt?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** The account number of the registry: any other is refused before anything is asked of it or made there. */
  readonly account?: pulumi.Input<string> | undefined;
  /** Which stacks belong together: what one of them left half made, another takes over. */
  readonly owner?: pulumi.Input<string> | undefined;
}

/**
 * A registry to work with: several providers in one program are several environments.
 *
 * @example
 * ```typescript
 * import * as cloudmap from "pulumi-cloudmap/plugin";
 *
 * const staging = new cloudmap.Provider("staging", { endpoint: "https://registry.staging.example.com" });
 * const shop = new cloudmap.HttpNamespace("shop", {}, { provider: staging });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options: pulumi.ResourceOptions = {}) {
    const { secretKey, token, defaultTags, maxRetries, adopt, ...rest } = args;
    super(
      "cloudmap",
      name,
      {
        ...rest,
        secretKey: secretKey === undefined ? undefined : pulumi.secret(secretKey),
        token: token === undefined ? undefined : pulumi.secret(token),
        // Pulumi keeps what is no text as its JSON.
        defaultTags: defaultTags === undefined ? undefined : pulumi.jsonStringify(defaultTags),
        maxRetries: maxRetries === undefined ? undefined : pulumi.output(maxRetries).apply(String),
        adopt: adopt === undefined ? undefined : pulumi.output(adopt).apply((ids) => ids.join(",")),
      },
      options,
    );
  }
}
