/** A balancer of requests before several nodes, in turn: a node that refuses the connection is passed over, one that dies with a request is a 502. */
import { EventEmitter, once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { until } from "../local/until.ts";

export interface Target {
  readonly port: number;
}

export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** How many requests have been lost with the node that had them. */
  readonly lost: () => number;
  /** Waits until a node is asked something, so long at most. */
  readonly asked: (target: Target, patience: number) => Promise<void>;
  /** How many requests a node has at this moment. */
  readonly inFlight: (target: Target) => number;
  /** Asks a node nothing more for a test itself, and waits until it has answered what it was asked so; until the returned function is called. */
  readonly spare: (target: Target) => Promise<() => void>;
}

/** A test's own requests are made by fetch, which says so: it is the provider that is to see nodes die. */
const isOwn = ({ "user-agent": agent }: IncomingHttpHeaders) => agent === "node";

type Outcome = "done" | "refused" | "lost";

export async function balance(targets: readonly Target[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const running = new Map<Target, Set<IncomingMessage>>(targets.map((target) => [target, new Set()]));
  const spared = new Set<Target>();
  const arrivals = new EventEmitter<{ asked: [Target] }>();
  let turn = 0;
  let lost = 0;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    for (let tries = 0; tries < 20 * targets.length; tries += 1) {
      turn = (turn + 1) % targets.length;
      const target = targets[turn];
      if (target === undefined || (spared.has(target) && isOwn(incoming.headers))) continue;
      running.get(target)?.add(incoming);
      arrivals.emit("asked", target);
      const outcome = await forward(agent, target, incoming, body, response);
      running.get(target)?.delete(incoming);
      if (outcome === "done") return;
      if (outcome === "lost") {
        lost += 1;
        break;
      }
      if (tries % targets.length === targets.length - 1) await new Promise((done) => setTimeout(done, 100)); // none is up
    }
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/html" });
    response.end("<html>502 Bad Gateway</html>");
  }

  // A connection that is closed for being idle may be one by which a request is coming: none is.
  const server: Server = createServer({ keepAliveTimeout: 600_000 }, (incoming, response) => {
    serve(incoming, response).catch((error: Error) => response.destroy(error)); // its client has gone
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lost: () => lost,
    asked: async (target, patience) => {
      const signal = AbortSignal.timeout(patience);
      const next = () => once(arrivals, "asked", { signal }).catch(() => [target]);
      while ((await next())[0] !== target);
    },
    inFlight: (target) => running.get(target)?.size ?? 0,
    spare: async (target) => {
      spared.add(target);
      const hasOwn = () => [...(running.get(target) ?? [])].some(({ headers }) => isOwn(headers));
      await until("a node has answered what the test itself asked", () => !hasOwn(), 60_000);
      return () => void spared.delete(target);
    },
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function forward(
  agent: Agent,
  { port }: Target,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let isConnected = false;
    const options = {
      agent,
      host: "127.0.0.1",
      port,
      method,
      path: url,
      headers: { ...headers, connection: "keep-alive" },
    };
    const upstream = request(options, (answer) => {
      buffer(answer).then(
        (whole) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers).end(whole);
          resolve("done");
        },
        () => resolve("lost"),
      );
    });
    upstream.on("socket", (socket) => {
      if (!socket.connecting) isConnected = true;
      else socket.once("connect", () => (isConnected = true));
    });
    upstream.on("error", () => resolve(isConnected ? "lost" : "refused"));
    upstream.end(body);
  });
}
