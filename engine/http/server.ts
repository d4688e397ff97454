/** The engine's HTTP server: the API on its hot path, and everything else by fastify. */
import { createServer as createHttpServer } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import { CloudMapError } from "../../api/errors.ts";
import { type ApiOptions, answerApi, asRefusal, errorBody, isApi } from "./api.ts";
import { maxBodySize } from "./body.ts";
import { guardHost } from "./guard.ts";

export interface ServerOptions extends ApiOptions {
  readonly health: () => object;
}

/** "requestTimeout": a request that is not there after this time is given up, in milliseconds. */
const requestTimeout = 30_000;
/** Longer than the idle time of AWS's clients and of load balancers, so that it is they who close, in milliseconds. */
const keepAliveTimeout = 75_000;

export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: maxBodySize,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: false,
    serverFactory: (handle) =>
      createHttpServer({ requestTimeout, keepAliveTimeout }, (request, response) => {
        if (!server.server.listening) response.shouldKeepAlive = false; // it is being stopped
        if (isApi(request)) answerApi(options, request, response);
        else handle(request, response);
      }),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", (_request, _body, done) => done(null)); // nothing here takes a body
  server.addHook("onRequest", async ({ headers }) => guardHost(headers, options.hosts));
  server.get("/healthz", () => options.health());
  server.setNotFoundHandler(({ method, url }) => {
    const message = `There is nothing at ${method} ${url}; the API is at POST /.`;
    throw new CloudMapError("UnknownOperationException", message);
  });
  server.setErrorHandler((error, _request, reply) => {
    const refusal = asRefusal(error);
    reply.status(refusal.status).send(errorBody(refusal));
  });
  return server;
}
