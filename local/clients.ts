/** What clients of AWS need to be told of an engine that is not at AWS: printed wherever an engine is offered to them. */

/**
 * The SDKs put `data-` before the host of the two discover operations, and nobody resolves data-127.0.0.1. Each has its
 * own way to be told not to; tests/clients tries them with the real ones.
 */
export const hostPrefixSettings = [
  { client: "the AWS CLI and boto3", setting: "AWS_DISABLE_HOST_PREFIX_INJECTION=true" },
  { client: "the SDK for JavaScript v3", setting: "disableHostPrefix: true" },
  { client: "the SDK for Go v2", setting: "smithyhttp.DisableEndpointHostPrefix(ctx, true)" },
] as const;

/** The endpoint and the settings, a line each, for people. */
export function clientSettings(endpoint: string): string[] {
  const rows = [
    { client: "clients of AWS", setting: `AWS_ENDPOINT_URL_SERVICEDISCOVERY=${endpoint}` },
    ...hostPrefixSettings,
  ];
  const width = Math.max(...rows.map(({ setting }) => setting.length));
  return rows.map(({ client, setting }) => `${setting.padEnd(width)}  ${client}`);
}
