// A real HTTP server between the provider and an engine: counts the requests by operation, and answers some in its place.
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { includeHeader } from "../../api/extensions.ts";

export interface Reply {
  readonly status?: number;
  readonly contentType?: string;
  readonly body: unknown;
}

type Own = Reply | "cut" | undefined;
/** Answers a request in the engine's place; undefined lets it through. */
export type Answering = (operation: string, input: Record<string, unknown>, count: number) => Own | Promise<Own>;
/** Rewrites what the engine answered. */
export type Rewriting = (operation: string, output: Record<string, unknown>, count: number) => Reply | undefined;

export interface TestProxy extends AsyncDisposable {
  readonly url: string;
  /** How often each operation was asked, retries included, but for those of what a node or the balancer before it could not answer. */
  readonly counts: Map<string, number>;
  readonly inputs: { readonly operation: string; readonly input: Record<string, unknown> }[];
  answering: Answering;
  rewriting: Rewriting;
  /** Whether it keeps from the engine that it is asked for more than AWS tells. */
  asAws: boolean;
  /** The most requests that were under way at once. */
  readonly peak: () => number;
}

export async function startProxy(target: string): Promise<TestProxy> {
  let running = 0;
  let peak = 0;
  const server = createServer(async (incoming, outgoing) => {
    peak = Math.max(peak, ++running);
    outgoing.on("close", () => running--);
    const body = await read(incoming);
    const operation = operationOf(incoming, body);
    const count = (proxy.counts.get(operation) ?? 0) + 1;
    proxy.counts.set(operation, count);
    const input = body.startsWith("{") ? JSON.parse(body) : {};
    const asked = { operation, input };
    proxy.inputs.push(asked);
    const own = await proxy.answering(operation, input, count);
    if (own === "cut") return incoming.socket.destroy();
    if (own !== undefined) return send(outgoing, own);
    const rewriting = (output: Record<string, unknown>) => proxy.rewriting(operation, output, count);
    const lost = () => {
      proxy.counts.set(operation, (proxy.counts.get(operation) ?? 1) - 1);
      proxy.inputs.splice(proxy.inputs.indexOf(asked), 1);
    };
    if (proxy.asAws) delete incoming.headers[includeHeader];
    await forward(target, incoming, body, outgoing, rewriting, lost);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const proxy: TestProxy = {
    url: `http://127.0.0.1:${port}/`,
    counts: new Map(),
    inputs: [],
    answering: () => undefined,
    rewriting: () => undefined,
    asAws: true,
    peak: () => peak,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function operationOf({ headers, url = "" }: IncomingMessage, body: string): string {
  if (url.startsWith("/2013-04-01/hostedzone/")) return "GetHostedZone"; // Route 53's
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.slice(target.indexOf(".") + 1);
  return new URLSearchParams(body).get("Action") ?? "";
}

function send(
  outgoing: ServerResponse,
  { status = 200, contentType = "application/x-amz-json-1.1", body }: Reply,
): void {
  outgoing.writeHead(status, { "content-type": contentType, "x-amzn-requestid": "proxied" });
  outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** The Host header goes with it as it is: it is signed. */
async function forward(
  target: string,
  incoming: IncomingMessage,
  body: string,
  outgoing: ServerResponse,
  rewriting: (output: Record<string, unknown>) => Reply | undefined,
  lost: () => void,
): Promise<void> {
  const { method = "POST", headers, url = "/" } = incoming;
  const asked = request(new URL(url, target), { method, headers });
  asked.end(body);
  try {
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const text = await read(answer);
    if ((answer.statusCode ?? 500) >= 500) lost();
    const rewritten = text.startsWith("{") ? rewriting(JSON.parse(text)) : undefined;
    if (rewritten !== undefined) return send(outgoing, rewritten);
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    outgoing.end(text);
  } catch {
    incoming.socket.destroy();
  }
}

/** An error as the engine writes it. */
export function refusal(code: string, message = "said by the proxy", details: object = {}, status = 400): Reply {
  return { status, body: { __type: code, Message: message, ...details } };
}
