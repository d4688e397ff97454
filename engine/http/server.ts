/** The engine's HTTP server: the API by its front and by Node's server, and everything else by fastify. */
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { CloudMapError } from "../../api/errors.ts";
import { revisionHeader } from "../../api/extensions.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { ConsoleOptions } from "../console/ask.ts";
import { serveConsole } from "../console/console.ts";
import type { Log } from "../log.ts";
import type { Scrape } from "../metrics.ts";
import type { Watches } from "../watch.ts";
import { answerApi, asRefusal, isApi } from "./api.ts";
import { maxBodySize } from "./body.ts";
import type { CertificateSource } from "./certificate.ts";
import { limitConnections } from "./connections.ts";
import { readRequest, refuseUnparsed, requestOf, writeReply } from "./exchange.ts";
import { Front } from "./front.ts";
import { guardHost } from "./guard.ts";
import { errorBody } from "./json.ts";
import { serveRoute53 } from "./route53.ts";
import { serveWatches } from "./watch.ts";

export interface ServerOptions extends ConsoleOptions {
  readonly watches: Watches;
  readonly health: () => object;
  readonly scrape: Scrape;
  /** Says who reads the metrics, or refuses it; undefined: anyone may. */
  readonly metricsReaders: Authenticator | undefined;
  /** For HTTPS, in place of HTTP. */
  readonly certificate: CertificateSource | undefined;
  /** 25,000 where nothing is said. */
  readonly maxConnections: number | undefined;
}

export interface Server {
  listen(host: string, port: number): Promise<AddressInfo>;
  /** How many connections were too many. */
  refused(): number;
  /** Answers what has come, and nothing that comes; what is open after this many milliseconds is cut. */
  stop(patience: number): Promise<void>;
}

/** "requestTimeout": a request that is not there after this time is given up, in milliseconds. */
const requestTimeout = 30_000;
/** Longer than the idle time of AWS's clients and of load balancers, so that it is they who close, in milliseconds. */
const keepAliveTimeout = 75_000;
/** How long a client may take to agree on TLS, in milliseconds. */
const handshakeTimeout = 10_000;

export function createServer(options: ServerOptions): Server {
  const fastify = Fastify({
    bodyLimit: maxBodySize,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseUnparsed,
    frameworkErrors: (_error, { method, url }, reply) => void refuseRoute(reply, nothingAt(method, url)),
    serverFactory: (handle) =>
      listener(options.certificate, (message, response) => {
        if (!fastify.server.listening) response.shouldKeepAlive = false; // it is being stopped
        if (!isApi(message.method, message.url)) return handle(message, response);
        readRequest(message, async (request, refusal) =>
          writeReply(await answerApi(options, request, refusal), response),
        );
      }),
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser("*", (_request, _body, done) => done(null)); // nothing here takes a body
  fastify.addHook("onRequest", async ({ headers }) => guardHost(headers, options.hosts));
  fastify.addHook("onSend", async (_request, reply) => {
    reply.header(revisionHeader, String(options.dispatcher.registry.revision));
  });
  serveRoutes(fastify, options);
  fastify.setNotFoundHandler(({ method, url }) => {
    throw nothingAt(method, url);
  });
  fastify.setErrorHandler((error, _request, reply) => refuseRoute(reply, routeRefusal(error, options.log)));
  const front = new Front(fastify.server, {
    serves: isApi,
    answer: (request) => answerApi(options, request),
    keepAliveTimeout,
  });
  const refused = limitConnections(fastify.server, options.log, options.maxConnections);
  const sockets = openSockets(fastify.server); // after the front, which takes the place of who listened before it
  return {
    refused,
    async listen(host, port) {
      await fastify.listen({ host, port });
      return fastify.server.address() as AddressInfo; // of a server that listens on a port
    },
    async stop(patience) {
      const late = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, patience);
      options.certificate?.close();
      front.close();
      await fastify.close();
      clearTimeout(late);
    },
  };
}

/** What there is beside the API. */
function serveRoutes(fastify: FastifyInstance, options: ServerOptions): void {
  fastify.get("/healthz", () => options.health());
  fastify.get("/healthz/writes", (_message, reply) => {
    if (options.dispatcher.head.lost !== undefined) reply.status(503);
    return options.health();
  });
  fastify.get("/metrics", (message, reply) => answerMetrics(options, message, reply));
  const { authenticate, dispatcher, watches } = options;
  serveWatches(fastify, { authenticate, dispatcher, watches });
  serveRoute53(fastify, options);
  serveConsole(fastify, options);
}

function nothingAt(method: string, url: string): CloudMapError {
  return new CloudMapError(
    "UnknownOperationException",
    `There is nothing at ${method} ${url}; the API is at POST /, the console at GET /.`,
  );
}

/** What fastify itself refuses, such as a content type that is none, as an error of ours. */
function routeRefusal(error: unknown, log: Log): CloudMapError {
  const { statusCode = 500, message } = Object(error) as Partial<FastifyError>; // whatever was thrown, it may have these
  if (error instanceof CloudMapError || statusCode >= 500) return logged(asRefusal(error), error, log);
  if (statusCode === 413) return new CloudMapError("RequestEntityTooLarge", `${message}.`);
  return new CloudMapError(
    statusCode === 415 ? "UnsupportedMediaType" : "MalformedHttpRequestException",
    `${message}.`,
  );
}

function logged(refusal: CloudMapError, error: unknown, log: Log): CloudMapError {
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (refusal.code === "InternalFailure") log("error", refusal.message, { cause });
  return refusal;
}

function refuseRoute(reply: FastifyReply, refusal: CloudMapError): FastifyReply {
  return reply.status(refusal.status).send(errorBody(refusal));
}

/** Node's own server, for HTTP or HTTPS. */
function listener(certificate: CertificateSource | undefined, answer: RequestListener): HttpServer {
  const limits = { requestTimeout, keepAliveTimeout };
  // Without it Node gives up a request when its client has nothing more to say, whole as it may be.
  const allowHalfOpen = { httpAllowHalfOpen: true };
  if (certificate === undefined) return Object.assign(createHttpServer(limits, answer), allowHalfOpen);
  const server = createHttpsServer({ ...limits, handshakeTimeout, ...certificate.current().context }, answer);
  certificate.watch(({ context }) => server.setSecureContext(context));
  return Object.assign(server, allowHalfOpen);
}

/** All that is connected, also while it agrees on TLS, of which Node's closeAllConnections knows nothing. */
function openSockets(server: HttpServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

/** Prometheus shows the status of a scrape that fails: 401 says best what is wrong with it. */
async function answerMetrics(options: ServerOptions, { raw }: FastifyRequest, reply: FastifyReply): Promise<string> {
  try {
    options.metricsReaders?.(requestOf(raw, Buffer.alloc(0)), "servicediscovery");
  } catch (error) {
    const refusal = asRefusal(error);
    reply
      .status(refusal.code === "AccessDeniedException" ? 403 : 401)
      .header("www-authenticate", "Bearer")
      .type("application/json");
    return JSON.stringify(errorBody(refusal));
  }
  const { type, text } = await options.scrape();
  reply.header("content-type", type);
  return text;
}
