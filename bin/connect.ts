/** The registry that the reads for people ask: the one the environment names, else the local engine. */
import { findOrStartEngine } from "../local/engine.ts";
import { type Client, createClient } from "../provider/client.ts";
import type { Settings } from "../provider/settings.ts";

const limits = { maxRetries: 3, requestTimeout: 10_000 };

export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  return createClient(named(env) ?? (await local()));
}

/** What `cloudmap env` prints, or what is set for another endpoint. */
function named(env: NodeJS.ProcessEnv): Settings | undefined {
  const endpointFrom = ["CLOUDMAP_ENDPOINT", "AWS_ENDPOINT_URL_SERVICEDISCOVERY", "AWS_ENDPOINT_URL"].find(
    (name) => env[name],
  );
  if (endpointFrom === undefined) return undefined;
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = "anyone",
    AWS_SECRET_ACCESS_KEY: secretAccessKey = "anything",
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  const endpoint = env[endpointFrom] ?? "";
  return {
    ...limits,
    endpoint,
    stsEndpoint: env.AWS_ENDPOINT_URL_STS || endpoint,
    endpointFrom,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1",
    regionFrom: "AWS_REGION",
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    credentialsFrom: "AWS_ACCESS_KEY_ID",
  };
}

async function local(): Promise<Settings> {
  const { endpoint, region, ...credentials } = await findOrStartEngine({
    log: (line) => console.error(`cloudmap: ${line}`),
  });
  const from = "the local engine";
  return {
    ...limits,
    endpoint,
    stsEndpoint: endpoint,
    endpointFrom: from,
    region,
    regionFrom: from,
    credentials,
    credentialsFrom: from,
  };
}
