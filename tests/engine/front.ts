// A forwarder before an engine: keeps what was asked in order, and lets a test hold or change what is answered.
import { once } from "node:events";
import {
  request as ask,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
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
  /** AWS JSON's where nothing is said. */
  readonly contentType?: string;
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

  /** What could not be answered is as if it had not been asked. */
  protected forget(call: Call): void {
    const index = this.calls.indexOf(call);
    if (index >= 0) this.calls.splice(index, 1);
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
    if (own !== undefined) return send(response, own, { "x-amzn-requestid": "made up" });
    const { method = "POST", url = "/" } = request;
    const { [includeHeader]: _, ...plain } = request.headers;
    const headers = this.asAws ? plain : request.headers; // with the host, which is signed
    const asked = ask(new URL(url, this.engine.url), { method, headers }).end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const { statusCode: status = 500 } = answer;
    if (status >= 500) this.forget(call); // a node's that ends, or a balancer's: it will be sent again
    const { "content-length": __, ...kept } = answer.headers;
    await send(response, await this.meddle(call, { status, body: await text(answer) }), kept);
  }
}

const jsonType = "application/x-amz-json-1.1";

function send(
  response: ServerResponse,
  { status, body, contentType }: Answer,
  { "content-type": type, ...headers }: IncomingHttpHeaders,
): Promise<void> {
  const all = { "content-type": contentType ?? type ?? jsonType, ...headers };
  return new Promise((sent) => void response.writeHead(status, all).end(body, () => sent()));
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
