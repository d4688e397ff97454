/** The registry that the reads for people ask: the one the environment names, else the local engine. */
import { findOrStartEngine } from "../local/engine.ts";
import { type Client, createClient } from "../provider/client.ts";
import { readSettings } from "../provider/config.ts";

const endpointVariables = ["CLOUDMAP_ENDPOINT", "AWS_ENDPOINT_URL_SERVICEDISCOVERY", "AWS_ENDPOINT_URL"];

export async function connect(env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  const findLocal = () => findOrStartEngine({ log: (line) => console.error(`cloudmap: ${line}`) });
  // Who asks without naming an endpoint means the local engine, also on a CI machine and with credentials for AWS about.
  const named = endpointVariables.some((name) => env[name]);
  return createClient(await readSettings((key) => limits.get(key), named ? env : {}, findLocal), "plain");
}

/** Someone is waiting: better a message now than an answer much later. */
const limits = new Map([
  ["cloudmap:maxRetries", "3"],
  ["cloudmap:requestTimeout", "10s"],
]);
