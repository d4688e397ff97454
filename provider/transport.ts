// Sends signed requests: bounded concurrency, time-outs, and retries of what may be sent again unchanged.
import type { IncomingHttpHeaders } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import { type Backoff, delay, pause } from "./backoff.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { CallError, type Retry } from "./failure.ts";
import { limited } from "./limit.ts";
import type { Settings } from "./settings.ts";
import { Sha256 } from "./sha256.ts";
import { unanswered } from "./unanswered.ts";

export interface Request<T> {
  /** The API operation, for messages. */
  readonly action: string;
  readonly endpoint: string;
  /** POST where nothing is said. */
  readonly method?: "GET" | "POST";
  /** The service that the signature is for. */
  readonly service: "servicediscovery" | "sts" | "route53";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Reads what came back: the output, or a CallError thrown. */
  readonly read: (answer: Answer) => T;
  readonly signal?: AbortSignal | undefined;
  /** Told when it is sent, each time: before that it may wait for its turn. */
  readonly sent?: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly requestId: string | undefined;
  /** Milliseconds after which the service says that it may be asked again. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

export type Send = <T>(request: Request<T>) => Promise<T>;

/** Requests in flight at once: enough for a thousand instances in seconds, few enough for AWS's throttling. */
const mostInFlight = 32;
/** Who asks, in audit logs: the engine's and CloudTrail. */
const userAgent = "pulumi-cloudmap";
const between: Backoff = { first: 100, cap: 20_000 };

/** How often each of these failures is tried again, at most; all failures together as often as `maxRetries` says. */
const mostRetries: Readonly<Partial<Record<Retry, number>>> = { refused: 5, timeout: 2 };
/** Throttling is not a failure but a queue: with AWS's half a namespace per second, the last of fifty waits a minute and a half. */
const throttledRetries = 3;

export function openTransport(settings: Settings): Send {
  const limit = limited(mostInFlight);
  const exchange = openExchange(mostInFlight);
  const sign = signer(settings);
  const attempt = async <T>(request: Request<T>): Promise<T> => {
    const url = new URL(request.endpoint);
    const headers = await sign(request, url);
    request.sent?.();
    return request.read(await exchanged(request, url, headers, exchange, settings));
  };
  return (request) => retrying(request, settings, () => limit(() => attempt(request)));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function signer({ credentials: first, renew, region }: Settings) {
  const credentials = renew ?? first;
  const signers = new Map<string, SignatureV4>();
  return async <T>(
    { service, method = "POST", headers, body }: Request<T>,
    { host, hostname, pathname }: URL,
  ): Promise<Record<string, string>> => {
    let signature = signers.get(service);
    const of = service === "route53" ? globalRegion(region) : region;
    signature ??= new SignatureV4({ credentials, region: of, service, sha256: Sha256, applyChecksum: false });
    signers.set(service, signature);
    const signed = await signature.sign({
      method,
      protocol: "https:",
      hostname,
      path: pathname,
      query: {},
      headers: { ...headers, host },
      body,
    });
    const { host: _, ...rest } = signed.headers; // the HTTP client writes it itself
    return rest;
  };
}

/** Route 53 is one for all regions of a partition: https://docs.aws.amazon.com/general/latest/gr/r53.html */
function globalRegion(region: string): string {
  return region.startsWith("cn-") ? "cn-northwest-1" : "us-east-1";
}

async function exchanged<T>(
  { endpoint, method = "POST", body, signal, action }: Request<T>,
  url: URL,
  signed: Record<string, string>,
  exchange: Exchange,
  settings: Settings,
): Promise<Answer> {
  try {
    const headers = { ...signed, "user-agent": userAgent };
    const response = await exchange({ url, method, headers, body, timeout: settings.requestTimeout, signal });
    const requestId = response.headers["x-amzn-requestid"];
    return {
      status: response.status,
      contentType: response.headers["content-type"] ?? "",
      requestId: typeof requestId === "string" ? requestId : undefined,
      retryAfter: readRetryAfter(response.headers),
      body: response.body,
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw unanswered(error, action, endpoint, settings);
  }
}

/** AWS gives milliseconds; RFC 9110 §10.2.3 seconds, or a date, which is not read. */
function readRetryAfter(headers: IncomingHttpHeaders): number | undefined {
  const { "x-amz-retry-after": milliseconds, "retry-after": seconds } = headers;
  if (typeof milliseconds === "string" && /^\d{1,9}$/.test(milliseconds)) return Number(milliseconds);
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** A node that dies with a request and one that is slow with it again are two failures, each with its own patience. */
function isEnough(last: Retry, met: readonly Retry[], maxRetries: number): boolean {
  const same = met.filter((each) => each === last).length;
  if (last === "throttled") return same > maxRetries * throttledRetries;
  const failures = met.filter((each) => each !== "throttled").length;
  return failures > maxRetries || same > (mostRetries[last] ?? maxRetries);
}

/** Every request that creates something carries its own token, so that the same bytes sent again run once. */
async function retrying<T>({ signal }: Request<T>, { maxRetries }: Settings, attempt: () => Promise<T>): Promise<T> {
  const met: Retry[] = [];
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CallError) || error.retry === undefined) throw error;
      met.push(error.retry);
      if (isEnough(error.retry, met, maxRetries))
        throw tries === 0 ? error : error.with((message) => `${message} (tried ${tries + 1} times)`);
      await pause(Math.min(error.retryAfter ?? 0, between.cap) + delay(tries, between), signal);
    }
  }
}
