// A forwarder before an engine: keeps what was asked in order, and lets a test hold or change what is answered.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { includeHeader } from "../../api/extensions.ts";

export interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Gets the engine's answer and gives what the caller is to get; while it waits, so does the caller. */
export type Meddle = (call: Call, answer: Answer) => Answer | Promise<Answer>;

export class Front implements AsyncDisposable {
  readonly calls: Call[] = [];
  meddle: Meddle = (_call, answer) => answer;
  /** Is told of each call before it goes on to the engine: where it throws, the call is lost; what it answers, the caller gets. */
  lose: (call: Call) => Answer | undefined | Promise<Answer | undefined> = () => undefined;
  /** Is told when the answer of a call has been sent. */
  answered: (call: Call) => void | Promise<void> = () => {};
  readonly #server = createServer((request, response) => {
    this.#forward(request, response).catch((error: unknown) => response.destroy(error as Error)); // the caller's socket is gone
  });
  /** Whether it keeps from the engine that it is asked for more than AWS tells. */
  asAws = true;
  /** Where it forwards to. */
  engine: { readonly url: string };
  #port = 0;
  /** How many calls are under way. */
  running = 0;

  constructor(engine: { readonly url: string }) {
    this.engine = engine;
  }

  /** Listens, at the same port as the last time. */
  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(this.#port, "127.0.0.1", done));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What would change the registry, in order: `RegisterInstance a`. */
  get writes(): string[] {
    return this.calls.filter(({ operation }) => !/^(Get|List|Discover)/.test(operation)).map(describeCall);
  }

  /** What was asked since the last time. */
  take(): readonly Call[] {
    return this.calls.splice(0);
  }

  /** Nothing listens there any more. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const call = callOf(request, body);
    this.calls.push(call);
    this.running += 1;
    try {
      await this.#answer(call, request, body, response);
    } finally {
      this.running -= 1;
    }
    await this.answered(call);
  }

  async #answer(call: Call, request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const own = await this.lose(call);
    if (own !== undefined) return send(response, own, { "content-type": "application/x-amz-json-1.1" });
    const known = ["content-type", "x-amz-target", "user-agent", ...(this.asAws ? [] : [includeHeader])];
    const asked = known.filter((name) => request.headers[name] !== undefined);
    const headers = Object.fromEntries(asked.map((name) => [name, String(request.headers[name])]));
    const { method = "POST", url = "/" } = request;
    const answer = await fetch(new URL(url, this.engine.url), { method, headers, ...(method === "POST" && { body }) });
    if (answer.status === 502) this.calls.splice(this.calls.indexOf(call), 1); // a balancer's: it will be sent again
    const given = await this.meddle(call, { status: answer.status, body: await answer.text() });
    const passed = ["content-type", "x-amzn-requestid", "x-amzn-errortype"];
    const kept = passed.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name) ?? ""]] : []));
    await send(response, given, Object.fromEntries(kept));
  }
}

function send(response: ServerResponse, { status, body }: Answer, headers: Record<string, string>): Promise<void> {
  return new Promise((sent) => void response.writeHead(status, headers).end(body, () => sent()));
}

function callOf({ headers, url = "" }: IncomingMessage, body: string): Call {
  if (url.startsWith("/2013-04-01/hostedzone/")) return { operation: "GetHostedZone", input: {} }; // Route 53's
  const target = headers["x-amz-target"];
  if (target === undefined) return { operation: new URLSearchParams(body).get("Action") ?? "?", input: {} };
  return { operation: String(target).split(".").at(-1) ?? "", input: JSON.parse(body) };
}

function describeCall({ operation, input }: Call): string {
  const name = input.InstanceId ?? input.Name ?? input.Id ?? input.ResourceARN;
  return `${operation} ${name}`;
}
