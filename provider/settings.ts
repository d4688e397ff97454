// What the provider needs to call a registry: endpoint, region, credentials, limits; and where each of them came from.

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Settings {
  readonly endpoint: string;
  /** Where GetCallerIdentity is answered: AWS has a host of its own for it. */
  readonly stsEndpoint: string;
  /** Where GetHostedZone is answered, where that is another host. */
  readonly route53Endpoint?: string;
  /** What named the endpoint, for messages: `cloudmap:endpoint`. */
  readonly endpointFrom: string;
  readonly region: string;
  readonly regionFrom: string;
  /** AWS itself: an account has a registry in each region. */
  readonly regional?: boolean;
  /** The account number that the registry must have, and no other, where one is configured. */
  readonly account?: string;
  readonly credentials: Credentials;
  /** Where credentials end: those that are valid now. */
  readonly renew?: () => Promise<Credentials>;
  readonly credentialsFrom: string;
  /** How often a request is sent again, at most. */
  readonly maxRetries: number;
  /** Milliseconds that one request may take. */
  readonly requestTimeout: number;
}
