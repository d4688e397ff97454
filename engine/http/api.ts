/** AWS JSON 1.1 at `POST /`, and STS beside it: from a request to its reply, whatever is wrong with it. */
import { randomUUID } from "node:crypto";
import { CloudMapError } from "../../api/errors.ts";
import { revisionHeader } from "../../api/extensions.ts";
import { targetPrefix } from "../../api/operations.ts";
import type { Finished } from "../audit.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Caller } from "../auth/caller.ts";
import type { Context } from "../context.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Log } from "../log.ts";
import { retryHeaders, type Throttle, Throttled } from "../throttle.ts";
import { parseJson } from "./body.ts";
import { guardHost } from "./guard.ts";
import { encodeOutput } from "./json.ts";
import type { Headers, Reply, Request } from "./request.ts";
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
  readonly throttle: Throttle | undefined;
  /** Told of each request when it is answered: the one place from which the audit log and the metrics know of it. */
  readonly finished: (request: Finished) => void;
}

/** What is answered in place of a body that could not be read. */
export type Unread = CloudMapError;

/** A request on its way to its reply. */
interface Exchange extends ApiOptions, Finished {
  readonly request: Request;
  readonly isForm: boolean;
  /** What becomes known of it on its way. */
  operation: string;
  caller: Caller | undefined;
  input: unknown;
  output: unknown;
  error: CloudMapError | undefined;
}

/** Whether a request is for the API; those that are presigned have a query. */
export function isApi(method: string | undefined, target: string | undefined): boolean {
  return method === "POST" && (target === "/" || (target?.startsWith("/?") ?? false));
}

/** Replies to a request to the API: to a read at once, without a promise, which would cost more than the read. */
export function answerApi(options: ApiOptions, request: Request, unread?: Unread): Reply | Promise<Reply> {
  const isForm = request.headers["content-type"]?.startsWith(formType) ?? false;
  const exchange: Exchange = {
    ...options,
    request,
    isForm,
    id: randomUUID(),
    started: performance.now(),
    operation: "",
    caller: undefined,
    input: undefined,
    output: undefined,
    error: undefined,
  };
  try {
    const reply = carryOut(exchange, unread);
    return reply instanceof Promise ? reply.catch((error: unknown) => refuse(exchange, error)) : reply;
  } catch (error) {
    return refuse(exchange, error);
  }
}

/** In the order in which AWS checks: is it an operation, who asks, can the body be read, is it valid, can it be done. */
function carryOut(exchange: Exchange, unread: Unread | undefined): Reply | Promise<Reply> {
  const { request, authenticate, isForm } = exchange;
  guardHost(request.headers, exchange.hosts);
  guardContent(request.headers, isForm);
  if (unread !== undefined) throw unread;
  exchange.operation = isForm ? "GetCallerIdentity" : operationOf(request.headers);
  exchange.caller = authenticate(request, isForm ? "sts" : "servicediscovery");
  exchange.throttle?.(exchange.caller.account, exchange.operation);
  return isForm ? identify(exchange) : dispatch(exchange);
}

function guardContent({ "content-type": type = "none", "content-encoding": encoding }: Headers, isForm: boolean): void {
  if (encoding !== undefined && encoding !== "identity") {
    throw new CloudMapError(
      "UnsupportedMediaType",
      `Bodies with Content-Encoding ${encoding} are not read; send it plain.`,
    );
  }
  if (!isForm && type !== jsonType) {
    throw new CloudMapError("UnsupportedMediaType", `The content type must be ${jsonType}, and is ${type}.`);
  }
}

function operationOf(headers: Headers): string {
  const target = headers["x-amz-target"] ?? "";
  if (target.startsWith(`${targetPrefix}.`)) return target.slice(targetPrefix.length + 1);
  throw new CloudMapError(
    "UnknownOperationException",
    `X-Amz-Target must be ${targetPrefix}.OPERATION, and is ${target || "missing"}.`,
  );
}

function identify(exchange: Exchange): Reply {
  return reply(exchange, 200, "text/xml", callerIdentity(exchange.request.body, exchange.context.account, exchange.id));
}

function dispatch(exchange: Exchange): Reply | Promise<Reply> {
  const { operation } = exchange;
  exchange.input = parseJson(exchange.request.body);
  const answered = exchange.dispatcher.answer(operation, exchange.input);
  const give = (output: unknown) => {
    exchange.output = output;
    return reply(exchange, 200, jsonType, encodeOutput(operation, output));
  };
  return answered instanceof Promise ? answered.then(give) : give(answered);
}

function refuse(exchange: Exchange, error: unknown): Reply {
  const refusal = asRefusal(error);
  exchange.error = refusal;
  if (refusal.status >= 500) {
    const cause = refusal.cause ?? error;
    const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    exchange.log("error", refusal.message, { requestId: exchange.id, cause: detail });
  }
  const { isForm } = exchange;
  const body = isForm ? queryError(refusal, exchange.id) : JSON.stringify(errorBody(refusal));
  const { status, headers } = reply(exchange, refusal.status, isForm ? "text/xml" : jsonType, body);
  const more = refusal instanceof Throttled ? retryHeaders(refusal) : {};
  return { status, headers: { ...headers, ...more, "x-amzn-errortype": refusal.code }, body };
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

function reply(exchange: Exchange, status: number, type: string, body: string): Reply {
  const { id, dispatcher } = exchange;
  exchange.finished(exchange);
  const headers = {
    "content-type": type,
    "x-amzn-requestid": id,
    [revisionHeader]: String(dispatcher.registry.revision),
  };
  return { status, headers, body };
}
