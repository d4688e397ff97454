/** The API in its two protocols, and STS beside it: from a request to its reply, whatever is wrong with it. */
import { randomUUID } from "node:crypto";
import { CloudMapError } from "../../api/errors.ts";
import { revisionHeader } from "../../api/extensions.ts";
import type { Finished } from "../audit.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Caller } from "../auth/caller.ts";
import type { Context } from "../context.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Log } from "../log.ts";
import { retryHeaders, type Throttle, Throttled } from "../throttle.ts";
import { cbor, isCborPath } from "./cbor.ts";
import { demandOf, includedBy } from "./demand.ts";
import { guardHost, type Hosts } from "./guard.ts";
import { json } from "./json.ts";
import type { Protocol } from "./protocol.ts";
import type { Headers, Reply, Request } from "./request.ts";
import { callerIdentity, queryError } from "./sts.ts";

const formType = "application/x-www-form-urlencoded";

export interface ApiOptions {
  readonly dispatcher: Dispatcher;
  /** That of the registry's own account. */
  readonly context: Context;
  readonly authenticate: Authenticator;
  /** The host names, beside those of loopback, by which the engine is called. */
  readonly hosts: Hosts;
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
  readonly protocol: Protocol;
  readonly isForm: boolean;
  /** What becomes known of it on its way. */
  operation: string;
  caller: Caller | undefined;
  input: unknown;
  output: unknown;
  error: CloudMapError | undefined;
  /** That of the registry when a read looked; undefined: the one when it is answered. */
  revision: number | undefined;
}

/** Whether a request is for the API; those that are presigned have a query. */
export function isApi(method: string | undefined, target: string | undefined): boolean {
  return method === "POST" && target !== undefined && (target === "/" || target.startsWith("/?") || isCborPath(target));
}

/** Replies to a request to the API: to a read at once, without a promise, which would cost more than the read. */
export function answerApi(options: ApiOptions, request: Request, unread?: Unread): Reply | Promise<Reply> {
  const protocol = request.target.startsWith("/service/") ? cbor : json;
  const isForm = protocol === json && (request.headers["content-type"]?.startsWith(formType) ?? false);
  const exchange: Exchange = {
    ...options,
    request,
    protocol,
    isForm,
    id: randomUUID(),
    started: performance.now(),
    operation: "",
    caller: undefined,
    input: undefined,
    output: undefined,
    error: undefined,
    revision: undefined,
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
  const { request, protocol, authenticate, isForm } = exchange;
  guardHost(request.headers, exchange.hosts);
  guardContent(request.headers, isForm ? formType : protocol.type);
  if (unread !== undefined) throw unread;
  exchange.operation = isForm ? "GetCallerIdentity" : protocol.operationOf(request);
  const caller = authenticate(request, isForm ? "sts" : "servicediscovery");
  exchange.caller = caller;
  exchange.throttle?.(caller.account, exchange.operation);
  return isForm ? identify(exchange, caller) : dispatch(exchange, caller);
}

function guardContent({ "content-type": type = "none", "content-encoding": encoding }: Headers, wanted: string): void {
  if (encoding !== undefined && encoding !== "identity") {
    throw new CloudMapError(
      "UnsupportedMediaType",
      `Bodies with Content-Encoding ${encoding} are not read; send it plain.`,
    );
  }
  if (type !== wanted && wanted !== formType) {
    throw new CloudMapError("UnsupportedMediaType", `The content type must be ${wanted}, and is ${type}.`);
  }
}

function identify(exchange: Exchange, caller: Caller): Reply {
  return reply(exchange, 200, "text/xml", callerIdentity(exchange.request.body, caller, exchange.id));
}

function dispatch(exchange: Exchange, caller: Caller): Reply | Promise<Reply> {
  const { operation, protocol, request, dispatcher } = exchange;
  exchange.input = protocol.decode(request.body);
  const looked = (revision: number) => {
    exchange.revision = revision;
  };
  const asking = { caller, address: request.address, looked, include: includedBy(request.headers) };
  const answered = dispatcher.answer(operation, exchange.input, asking, demandOf(request.headers));
  const give = (output: unknown) => {
    exchange.output = output;
    return reply(exchange, 200, protocol.type, protocol.encode(operation, output));
  };
  return answered instanceof Promise ? answered.then(give) : give(answered);
}

function refuse(exchange: Exchange, error: unknown): Reply {
  const refusal = asRefusal(error);
  exchange.error = refusal;
  if (isTrouble(refusal)) {
    const cause = refusal.cause ?? error;
    const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    exchange.log("error", refusal.message, { requestId: exchange.id, cause: detail });
  }
  const { isForm, protocol } = exchange;
  const body = isForm ? queryError(refusal, exchange.id) : protocol.encodeError(refusal);
  const { status, headers } = reply(exchange, refusal.status, isForm ? "text/xml" : protocol.type, body);
  const more = refusal instanceof Throttled ? retryHeaders(refusal) : {};
  return { status, headers: { ...headers, ...more, "x-amzn-errortype": refusal.code }, body };
}

/** Whether the log is to have it: what is unavailable for a reason that is told elsewhere would flood it. */
export function isTrouble({ status, code, cause }: CloudMapError): boolean {
  return status >= 500 && (code === "InternalFailure" || cause !== undefined);
}

/** What went wrong, as the API says it. */
export function asRefusal(error: unknown): CloudMapError {
  if (error instanceof CloudMapError) return error;
  return new CloudMapError("InternalFailure", "The engine failed to answer; its log says why.", {}, { cause: error });
}

function reply(exchange: Exchange, status: number, type: string, body: Reply["body"]): Reply {
  const { id, protocol, dispatcher, revision = dispatcher.registry.revision } = exchange;
  exchange.finished(exchange);
  const headers = {
    ...(body.length > 0 && { "content-type": type }),
    ...protocol.headers,
    "x-amzn-requestid": id,
    [revisionHeader]: String(revision),
  };
  return { status, headers, body };
}
