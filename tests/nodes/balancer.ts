/** A balancer of requests before several nodes, in turn: a node that refuses the connection is passed over, one that dies with a request is a 502. */
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** How many requests have been lost with the node that had them. */
  readonly lost: () => number;
}

export interface Target {
  readonly port: number;
}

type Outcome = "done" | "refused" | "lost";

/** `again`: asks another node where one dies with a request, as no balancer does to what may change something. */
export async function balance(targets: readonly Target[], { again = false } = {}): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  let lost = 0;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    for (let tries = 0; tries < 20 * targets.length; tries += 1) {
      turn = (turn + 1) % targets.length;
      const outcome = await forward(agent, targets[turn]?.port ?? 0, incoming, body, response);
      if (outcome === "done") return;
      if (outcome === "lost") {
        lost += 1;
        if (!again) break;
      }
      if (tries % targets.length === targets.length - 1) await new Promise((done) => setTimeout(done, 100)); // none is up
    }
    if (!response.headersSent) response.writeHead(502, { "content-type": "text/html" });
    response.end("<html>502 Bad Gateway</html>");
  }

  const server: Server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: Error) => response.destroy(error)); // its client has gone
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function forward(
  agent: Agent,
  port: number,
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
