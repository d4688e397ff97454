// Reads the provider's configuration: Pulumi config first, then the AWS variables, then the user's own local engine.
import { type Chain, findCredentials } from "./credential-chain.ts";
import { parseDuration } from "./duration.ts";
import { CallError } from "./failure.ts";
import type { Credentials, Settings } from "./settings.ts";

/** A value of the stack's configuration by its full key, `cloudmap:endpoint`. */
export type ReadConfig = (key: string) => string | undefined;
/** All that a stack can configure. */
export const configKeys = [
  "endpoint",
  "region",
  "accessKey",
  "secretKey",
  "token",
  "profile",
  "defaultTags",
  "maxRetries",
  "requestTimeout",
  "adopt",
  "account",
].map((key) => `cloudmap:${key}`);

type Environment = Readonly<Record<string, string | undefined>>;

/** The background engine of `local/`, when no endpoint is configured. */
export interface LocalEngine {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
export type FindLocalEngine = () => Promise<LocalEngine>;

interface Named {
  readonly value: string;
  readonly from: string;
}

const defaultRegion = "us-east-1";
const choices =
  "set one with `pulumi config set cloudmap:endpoint http://HOST:PORT`, with `cloudmap:endpoint aws` for AWS itself, or with AWS_ENDPOINT_URL_SERVICEDISCOVERY, AWS_ENDPOINT_URL or CLOUDMAP_ENDPOINT";

export async function readSettings(
  config: ReadConfig,
  env: Environment,
  findLocalEngine: FindLocalEngine,
): Promise<Settings> {
  const limits = {
    maxRetries: readMaxRetries(config),
    requestTimeout: readRequestTimeout(config),
    ...readAccount(config),
  };
  const endpoint = first(config, env, "endpoint", [
    "AWS_ENDPOINT_URL_SERVICEDISCOVERY",
    "AWS_ENDPOINT_URL",
    "CLOUDMAP_ENDPOINT",
  ]);
  if (endpoint === undefined) return { ...(await local(config, env, findLocalEngine)), ...limits };
  const region = first(config, env, "region", ["AWS_REGION", "AWS_DEFAULT_REGION"]);
  const place = endpoint.value === "aws" ? ofAws(endpoint, region) : ofUrl(endpoint, region);
  const { credentials, from, renew } = await readCredentials(config, env, endpoint.value, place.endpoint);
  return { ...place, credentials, credentialsFrom: from, ...(renew && { renew }), ...limits };
}

function first(config: ReadConfig, env: Environment, key: string, variables: readonly string[]): Named | undefined {
  const full = `cloudmap:${key}`;
  const configured = config(full)?.trim();
  if (configured) return { value: configured, from: full };
  for (const name of variables) {
    const value = env[name]?.trim();
    if (value) return { value, from: name };
  }
  return undefined;
}

type Place = Pick<
  Settings,
  "endpoint" | "stsEndpoint" | "route53Endpoint" | "endpointFrom" | "region" | "regionFrom" | "regional"
>;

function ofAws(endpoint: Named, region: Named | undefined): Place {
  if (region === undefined) {
    throw misconfigured(
      `the endpoint is AWS (from ${endpoint.from}), but no region is set: \`pulumi config set cloudmap:region eu-central-1\`, or AWS_REGION, sets one`,
    );
  }
  if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region.value)) {
    throw misconfigured(`${JSON.stringify(region.value)} (from ${region.from}) is no region: one is eu-central-1`);
  }
  const domain = region.value.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return {
    endpoint: `https://servicediscovery.${region.value}.${domain}/`,
    stsEndpoint: `https://sts.${region.value}.${domain}/`,
    route53Endpoint: `https://route53.${domain}/`,
    endpointFrom: `${endpoint.from} = aws`,
    region: region.value,
    regionFrom: region.from,
    regional: true,
  };
}

function ofUrl(endpoint: Named, region: Named | undefined): Place {
  const url = parseUrl(endpoint);
  return {
    endpoint: url,
    stsEndpoint: url,
    endpointFrom: endpoint.from,
    region: region?.value ?? defaultRegion,
    regionFrom: region?.from ?? "the default",
    regional: /\.(amazonaws\.com(\.cn)?|api\.aws)$/.test(new URL(url).hostname),
  };
}

function parseUrl({ value, from }: Named): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw misconfigured(
      `${JSON.stringify(value)} (from ${from}) is no endpoint: it is a URL such as http://127.0.0.1:7700, or the word aws`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw misconfigured(`the endpoint from ${from} must be a URL without credentials, query and fragment`);
  }
  return url.href;
}

interface Found {
  readonly credentials: Credentials;
  readonly from: string;
  readonly renew?: Chain["renew"];
}

/** What the stack says goes before the environment, and either before what the AWS SDK may find by itself. */
async function readCredentials(config: ReadConfig, env: Environment, named: string, endpoint: string): Promise<Found> {
  const get = (key: string) => config(`cloudmap:${key}`);
  const configured = keys(
    "cloudmap:accessKey and cloudmap:secretKey",
    get("accessKey"),
    get("secretKey"),
    get("token"),
  );
  if (configured !== undefined) return configured;
  const profile = get("profile");
  if (profile) return findCredentials(profile, "cloudmap:profile");
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE } = env;
  const pair = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  const given = keys(pair, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN);
  if (given !== undefined) return given;
  if (isLoopback(new URL(endpoint).hostname)) return anyCredentials;
  if (AWS_PROFILE || named === "aws") return findCredentials(AWS_PROFILE, "AWS_PROFILE");
  throw misconfigured(
    "no credentials are set: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or `pulumi config set cloudmap:profile …`, or `pulumi config set cloudmap:accessKey …` and `pulumi config set --secret cloudmap:secretKey …`",
  );
}

/** An engine on this machine takes any credentials unless its operator gave it a file of keys. */
const anyCredentials: Found = {
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  from: "nowhere (none are set: an engine on loopback takes any, unless it was started with --auth)",
};

function keys(from: string, id: string | undefined, secret: string | undefined, token: string | undefined) {
  if (!id && !secret) return undefined;
  if (!id || !secret) throw misconfigured(`of ${from} only one is set: the two belong together`);
  return { credentials: { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) }, from };
}

type LocalSettings = Omit<Settings, "maxRetries" | "requestTimeout" | "account">;

/** Where somebody has prepared for AWS, or on a CI machine, a registry that starts by itself would be a surprise. */
async function local(config: ReadConfig, env: Environment, find: FindLocalEngine): Promise<LocalSettings> {
  const reason = whyNotLocal(config, env);
  if (reason !== undefined) throw misconfigured(`no endpoint is set, and ${reason}: ${choices}`);
  const { endpoint, region, accessKeyId, secretAccessKey } = await find();
  return {
    endpoint,
    stsEndpoint: endpoint,
    endpointFrom: "the local engine, for no endpoint is set",
    region,
    regionFrom: "the local engine",
    credentials: { accessKeyId, secretAccessKey },
    credentialsFrom: "the local engine's key file",
  };
}

function whyNotLocal(config: ReadConfig, env: Environment): string | undefined {
  if (env.CI && env.CI !== "false") return "the local engine is not started where CI is set";
  const configured = ["accessKey", "secretKey", "token", "profile"].find((key) => config(`cloudmap:${key}`));
  const variable = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"].find(
    (name) => env[name],
  );
  const set = configured === undefined ? variable : `cloudmap:${configured}`;
  return set === undefined ? undefined : `the local engine is not used where ${set} is set, for it may mean AWS`;
}

function readMaxRetries(config: ReadConfig): number {
  const text = config("cloudmap:maxRetries");
  if (!text) return 8;
  if (!/^\d{1,3}$/.test(text)) throw misconfigured(`cloudmap:maxRetries must be a whole number, and is ${text}`);
  return Number(text);
}

function readRequestTimeout(config: ReadConfig): number {
  const text = config("cloudmap:requestTimeout");
  if (!text) return 30_000;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 1) {
    throw misconfigured(`cloudmap:requestTimeout must be a duration such as 30s, and is ${text}`);
  }
  return milliseconds;
}

function readAccount(config: ReadConfig): { readonly account?: string } {
  const account = config("cloudmap:account")?.trim();
  if (!account) return {};
  if (!/^\d{12}$/.test(account)) {
    throw misconfigured(`cloudmap:account must be an account number, twelve digits, and is ${JSON.stringify(account)}`);
  }
  return { account };
}

/** Ids that the user says may be taken over although others made them: `cloudmap:adopt`, with commas between. */
export function readAdopt(config: ReadConfig): ReadonlySet<string> {
  const ids = (config("cloudmap:adopt") ?? "").split(",").map((id) => id.trim());
  return new Set(ids.filter((id) => id !== ""));
}

/** Tags for every resource that takes tags: a map, or pulumi-aws's `{ "tags": map }`. */
export function readDefaultTags(config: ReadConfig): Readonly<Record<string, string>> {
  const text = config("cloudmap:defaultTags");
  if (!text) return {};
  const value = parseJson(text);
  const tags = isRecord(value) && isRecord(value.tags) ? value.tags : value;
  if (!isRecord(tags) || !Object.values(tags).every((tag) => typeof tag === "string")) {
    throw misconfigured('cloudmap:defaultTags must be a map of strings such as {"team":"web"}');
  }
  return tags as Readonly<Record<string, string>>; // checked on the line above
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function misconfigured(message: string): CallError {
  return new CallError("Misconfigured", message);
}
