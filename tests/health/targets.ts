// Real servers to probe: each on a free port of loopback, and gone with the test.
import { once } from "node:events";
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttps, type ServerOptions } from "node:https";
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

export interface Served extends AsyncDisposable {
  readonly port: number;
}

export interface Asked extends Served {
  readonly requests: readonly IncomingMessage[];
}

async function serve<S extends Server>(server: S, address: string): Promise<Served> {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {}); // a probe leaves as soon as it knows
    socket.on("close", () => open.delete(socket));
  });
  server.listen(0, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export async function serveHttp(answer: RequestListener, address = "127.0.0.1"): Promise<Asked> {
  const requests: IncomingMessage[] = [];
  const server = createHttp((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  return { ...(await serve(server, address)), requests };
}

export async function serveHttps(options: ServerOptions, answer: RequestListener): Promise<Asked> {
  const requests: IncomingMessage[] = [];
  const server = createHttps(options, (request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on("tlsClientError", () => {});
  return { ...(await serve(server, "127.0.0.1")), requests };
}

export function serveTcp(take: (socket: Socket) => void): Promise<Served> {
  return serve(createTcp(take), "127.0.0.1");
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<number> {
  await using server = await serveTcp(() => {});
  return server.port;
}

/** A port where connecting takes for ever: its thread sleeps, and its queue of connections is full. */
export async function serveNobody(): Promise<Served> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port] = (await once(worker, "message")) as [number];
  const fillers = Array.from({ length: 8 }, () => connect({ port, host: "127.0.0.1" }).on("error", () => {}));
  await once(fillers[0] as Socket, "connect"); // there are eight
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
