/**
 * AWS JSON 1.1 at `POST /`, and STS beside it, on Node's own HTTP server: this is the hot path, and fastify, which
 * serves everything else, would add a third to the cost of a discovery (see bench/).
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CloudMapError } from "../../api/errors.ts";
import { revisionHeader } from "../../api/extensions.ts";
import { targetPrefix } from "../../api/operations.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Context } from "../context.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Log } from "../log.ts";
import { parseJson, readBody } from "./body.ts";
import { guardHost } from "./guard.ts";
import { encodeOutput } from "./json.ts";
import { callerIdentity, queryError } from "./sts.ts";

const jsonType = "application/x-amz-json-1.1";
const formType = "application/x-www-form-urlencoded";

export interface ApiOptions {
  readonly dispatcher: Dispatcher;
  readonly context: Context;
  readonly authenticate: Authenticator;
  /** The host names, beside those of loopback, by which the engine is called. */
  readonly hosts: ReadonlySet<string>;
  readonly log: Log;
}

/** A request on its way to its answer. */
interface Exchange extends ApiOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly isForm: boolean;
}

/** Whether a request is for the API. */
export function isApi({ method, url }: IncomingMessage): boolean {
  return method === "POST" && url === "/";
}

/** Answers a request to the API, whatever is wrong with it: a read without a promise, which would cost more than it. */
export function answerApi(options: ApiOptions, request: IncomingMessage, response: ServerResponse): void {
  const isForm = request.headers["content-type"]?.startsWith(formType) ?? false;
  const exchange: Exchange = { ...options, request, response, id: randomUUID(), isForm };
  attempt(exchange, () => {
    guardHost(request.headers, options.hosts);
    guardContent(request, isForm);
    readBody(
      request,
      (body) => attempt(exchange, () => answer(exchange, body)),
      (error) => refuse(exchange, error),
    );
  });
}

/** Does the work, now or later; what it throws, now or later, is the answer. */
function attempt(exchange: Exchange, work: () => Promise<void> | undefined | void): void {
  try {
    work()?.catch((error: unknown) => refuse(exchange, error));
  } catch (error) {
    refuse(exchange, error);
  }
}

function guardContent({ headers }: IncomingMessage, isForm: boolean): void {
  const { "content-type": type = "none", "content-encoding": encoding = "identity" } = headers;
  if (encoding !== "identity") {
    throw new CloudMapError(
      "UnsupportedMediaType",
      `Bodies with Content-Encoding ${encoding} are not read; send it plain.`,
    );
  }
  if (!isForm && type !== jsonType) {
    throw new CloudMapError("UnsupportedMediaType", `The content type must be ${jsonType}, and is ${type}.`);
  }
}

/** In the order in which AWS checks: is it an operation, who asks, can the body be read, is it valid, can it be done. */
function answer(exchange: Exchange, body: Buffer): Promise<void> | undefined {
  const { request, authenticate, context, id, isForm } = exchange;
  const operation = isForm ? "GetCallerIdentity" : operationOf(request);
  const carryOut = (): Promise<void> | undefined =>
    isForm
      ? send(exchange, 200, "text/xml", callerIdentity(body, context.account, id))
      : dispatch(exchange, operation, body);
  const checked = authenticate(request, body, isForm ? "sts" : "servicediscovery");
  return checked === undefined ? carryOut() : checked.then(carryOut);
}

function dispatch(exchange: Exchange, operation: string, body: Buffer): Promise<void> | undefined {
  const answered = exchange.dispatcher.answer(operation, parseJson(body));
  const give = (output: unknown) => send(exchange, 200, jsonType, encodeOutput(operation, output));
  return answered instanceof Promise ? answered.then(give) : give(answered);
}

function operationOf({ headers }: IncomingMessage): string {
  const target = String(headers["x-amz-target"] ?? "");
  if (target.startsWith(`${targetPrefix}.`)) return target.slice(targetPrefix.length + 1);
  throw new CloudMapError(
    "UnknownOperationException",
    `X-Amz-Target must be ${targetPrefix}.OPERATION, and is ${target || "missing"}.`,
  );
}

function refuse(exchange: Exchange, error: unknown): void {
  const refusal = asRefusal(error);
  if (refusal.status >= 500) {
    const cause = refusal.cause ?? error;
    const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    exchange.log("error", refusal.message, { requestId: exchange.id, cause: detail });
  }
  exchange.response.setHeader("x-amzn-errortype", refusal.code);
  if (!exchange.request.complete) exchange.response.setHeader("connection", "close"); // the rest of the body is not read
  if (exchange.isForm) send(exchange, refusal.status, "text/xml", queryError(refusal, exchange.id));
  else send(exchange, refusal.status, jsonType, JSON.stringify(errorBody(refusal)));
}

/** An error as AWS's JSON protocols write it. */
export function errorBody({ code, message, details }: CloudMapError): object {
  return { __type: code, Message: message, ...details };
}

/** What went wrong, as the API says it. */
export function asRefusal(error: unknown): CloudMapError {
  if (error instanceof CloudMapError) return error;
  return new CloudMapError("InternalFailure", "The engine failed to answer; its log says why.", {}, { cause: error });
}

function send({ response, id, dispatcher }: Exchange, status: number, type: string, text: string): undefined {
  const length = Buffer.byteLength(text);
  response.writeHead(status, {
    "content-type": type,
    "content-length": length,
    "x-amzn-requestid": id,
    [revisionHeader]: dispatcher.registry.revision,
  });
  // Node writes head and body at once when the body is a string; plain ASCII it need not even encode.
  response.end(text, length === text.length ? "latin1" : "utf8");
  return undefined;
}
