// The client of a Cloud Map endpoint: one typed call for every operation of the API, over AWS JSON 1.1.
import type { ErrorDetails } from "../api/errors.ts";
import { consistentReadHeader, includeHeader, inclusions } from "../api/extensions.ts";
import { type Input, type OperationName, type Output, operations, targetPrefix } from "../api/operations.ts";
import { CallError, type Retry } from "./failure.ts";
import type { Settings } from "./settings.ts";
import { type Answer, openTransport, type Send } from "./transport.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Told when it is sent, each time: before that it may wait for its turn. */
  readonly sent?: () => void;
}

export interface Client {
  readonly settings: Settings;
  readonly send: Send;
  call<N extends OperationName>(operation: N, input: Input<N>, options?: CallOptions): Promise<Output<N>>;
}

const included = inclusions.join();

/**
 * Reads are `consistent` by default: behind one endpoint there may be several nodes of an engine, and each is to see what
 * another one has acknowledged. `plain` ones are answered also by a node that has lost its store. An engine of ours tells at
 * once what would have to be asked for next. AWS knows no such headers.
 */
export function createClient(settings: Settings, reads: "consistent" | "plain" = "consistent"): Client {
  const send = openTransport(settings);
  return {
    settings,
    send,
    call: (operation, input, { signal, sent } = {}) =>
      send({
        action: operation,
        endpoint: settings.endpoint,
        service: "servicediscovery",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `${targetPrefix}.${operation}`,
          ...(reads === "consistent" && operations[operation].kind === "read" && { [consistentReadHeader]: "true" }),
          [includeHeader]: included,
        },
        body: JSON.stringify(input),
        read: (answer) => readOutput(operation, answer, settings),
        signal,
        sent,
      }),
  };
}

function readOutput<N extends OperationName>(operation: N, answer: Answer, settings: Settings): Output<N> {
  const body = parse(answer.body);
  if (answer.status !== 200) throw refusal(operation, answer, body, settings);
  if (operations[operation].output === undefined && body === undefined) return undefined as Output<N>; // has no output
  if (body === undefined || "__type" in body) throw wrongEndpoint(operation, answer, settings);
  return body as Output<N>; // the service's own word: its shapes are the contract
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** AWS writes `__type` with or without a namespace before #, and the common errors' message with a small m. */
function refusal(
  operation: string,
  answer: Answer,
  body: Readonly<Record<string, unknown>> | undefined,
  settings: Settings,
): CallError {
  const type = body?.__type ?? body?.code;
  if (body === undefined || typeof type !== "string") {
    return answer.status >= 500 ? unwell(operation, answer, settings) : wrongEndpoint(operation, answer, settings);
  }
  const code = type.slice(type.lastIndexOf("#") + 1).replace(/:.*$/, "");
  const { __type, code: _, Message, message, ...details } = body;
  const text = String(Message ?? message ?? "no message");
  return refused(operation, settings.endpoint, code, text, answer, settings, details);
}

/** What a service answered with a code of its own. */
export function refused(
  action: string,
  endpoint: string,
  code: string,
  text: string,
  { status, requestId, retryAfter }: Answer,
  settings: Settings,
  details: ErrorDetails = {},
): CallError {
  const said = `${action} at ${endpoint}: ${code}: ${withoutSecrets(text, settings)}`;
  const retry = retryOf(code, status);
  return new CallError(code, `${said}${advice(code, text, settings)}`, {
    details,
    status,
    requestId,
    retry,
    retryAfter,
  });
}

const throttling =
  /^(Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|TooManyRequestsException|SlowDown)$/;
const credentialCodes =
  /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken|MissingAuthenticationTokenException|IncompleteSignature|IncompleteSignatureException|ExpiredToken|ExpiredTokenException|AuthFailure)$/;

function retryOf(code: string, status: number): Retry | undefined {
  if (throttling.test(code)) return "throttled";
  return status >= 500 ? "server" : undefined;
}

function advice(code: string, text: string, { credentialsFrom, region, regionFrom }: Settings): string {
  if (/region/i.test(text) && credentialCodes.test(code)) {
    return ` The region is ${region} here, from ${regionFrom}: \`pulumi config set cloudmap:region …\`, or the region of an explicit Provider, sets another.`;
  }
  if (code === "RequestExpired") return " Check this machine's clock.";
  if (credentialCodes.test(code)) {
    return ` The credentials come from ${credentialsFrom}: check that they are current and belong to this endpoint, or set others with cloudmap:accessKey and cloudmap:secretKey.`;
  }
  if (/^AccessDenied/.test(code)) return ` The caller's credentials come from ${credentialsFrom}.`;
  if (code === "OptInRequired" || code === "SubscriptionRequiredException") return " Enable the service first.";
  return "";
}

function withoutSecrets(text: string, { credentials }: Settings): string {
  const secrets = [credentials.secretAccessKey, credentials.sessionToken].filter((each) => each !== undefined);
  return secrets.reduce((rest, secret) => (secret.length > 7 ? rest.replaceAll(secret, "[secret]") : rest), text);
}

function unwell(action: string, answer: Answer, { endpoint }: Settings): CallError {
  const message = `${action} at ${endpoint} was answered ${answer.status}${excerpt(answer)}`;
  return new CallError("ServerError", message, { status: answer.status, requestId: answer.requestId, retry: "server" });
}

/** A page, a 404 or something else that no Cloud Map endpoint answers. */
export function wrongEndpoint(action: string, answer: Answer, { endpoint, endpointFrom }: Settings): CallError {
  const { status, requestId } = answer;
  return new CallError(
    "WrongEndpoint",
    `${action} at ${endpoint} was answered ${status}${excerpt(answer)}: that is no Cloud Map endpoint. The endpoint comes from ${endpointFrom}: correct it.`,
    { status, requestId },
  );
}

function excerpt({ contentType, body }: Answer): string {
  const start = [...body.trim()]
    .slice(0, 60)
    .join("")
    .replace(/[^\x20-\x7e]+/g, " ");
  return ` with ${contentType.split(";")[0] || "no content type"}${start === "" ? "" : ` (${JSON.stringify(start)} …)`}`;
}
