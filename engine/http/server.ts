/** The HTTP side of the engine: AWS JSON 1.1 at `POST /`, its errors, and `GET /healthz`. */
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { CloudMapError } from "../../api/errors.ts";
import { revisionHeader } from "../../api/extensions.ts";
import { targetPrefix } from "../../api/operations.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Context } from "../context.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Log } from "../log.ts";
import { maxBodySize, parseJson } from "./body.ts";
import { guardHost } from "./guard.ts";
import { callerIdentity, queryError } from "./sts.ts";

const jsonType = "application/x-amz-json-1.1";
const formType = "application/x-www-form-urlencoded";

export interface ServerOptions {
  readonly dispatcher: Dispatcher;
  readonly context: Context;
  readonly authenticate: Authenticator;
  readonly hosts: ReadonlySet<string>;
  readonly health: () => object;
  readonly log: Log;
}

export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: maxBodySize,
    genReqId: () => randomUUID(),
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: false,
  });
  server.removeAllContentTypeParsers();
  for (const type of [jsonType, formType]) {
    server.addContentTypeParser(type, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  }
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-amzn-requestid", request.id);
    guardHost(request.headers, options.hosts);
    refuseEncoding(request);
    done();
  });
  server.post("/", (request, reply) => answer(options, request, reply));
  server.get("/healthz", () => options.health());
  server.setNotFoundHandler((request) => {
    throw new CloudMapError(
      "UnknownOperationException",
      `There is nothing at ${request.method} ${request.url}; the API is at POST /.`,
    );
  });
  server.setErrorHandler((error, request, reply) => refuse(error, request, reply, options.log));
  return server;
}

function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw new CloudMapError(
    "UnsupportedMediaType",
    `Bodies with Content-Encoding ${encoding} are not read; send it plain.`,
  );
}

/** In the order in which AWS checks: is it an operation, who asks, can the body be read, is it valid, can it be done. */
async function answer(options: ServerOptions, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { dispatcher, context, authenticate } = options;
  reply.header(revisionHeader, dispatcher.registry.revision);
  if (isForm(request)) {
    await authenticate(request, body, "sts");
    return reply.type("text/xml").send(callerIdentity(body, context.account, request.id));
  }
  const operation = operationOf(request);
  await authenticate(request, body, "servicediscovery");
  const output = await dispatcher.answer(operation, parseJson(body));
  reply.header(revisionHeader, dispatcher.registry.revision).type(jsonType);
  return output === undefined ? reply.send("") : reply.send(JSON.stringify(output));
}

function isForm({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.startsWith(formType) ?? false;
}

function operationOf({ headers }: FastifyRequest): string {
  const target = String(headers["x-amz-target"] ?? "");
  const [prefix, operation] = target.split(".");
  if (prefix === targetPrefix && operation) return operation;
  throw new CloudMapError(
    "UnknownOperationException",
    `X-Amz-Target must be ${targetPrefix}.OPERATION, and is ${target || "missing"}.`,
  );
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const refusal = refusalOf(error);
  if (refusal.status >= 500) {
    const cause = refusal.cause ?? error;
    log("error", refusal.message, {
      requestId: request.id,
      cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
  }
  reply.status(refusal.status).header("x-amzn-errortype", refusal.code);
  if (isForm(request)) return reply.type("text/xml").send(queryError(refusal, request.id));
  return reply
    .type(jsonType)
    .send(JSON.stringify({ __type: refusal.code, Message: refusal.message, ...refusal.details }));
}

/** https://fastify.dev/docs/latest/Reference/Errors/: what fastify refuses by itself. */
function refusalOf(error: unknown): CloudMapError {
  if (error instanceof CloudMapError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new CloudMapError("RequestEntityTooLarge", `The body is larger than ${maxBodySize} bytes.`);
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new CloudMapError("UnsupportedMediaType", `The content type must be ${jsonType}.`);
  }
  if (error instanceof Error && "statusCode" in error && Number(error.statusCode) < 500) {
    return new CloudMapError("SerializationException", error.message);
  }
  return new CloudMapError("InternalFailure", "The engine failed to answer; its log says why.", {}, { cause: error });
}
