/** One request for the fuzz: built in stages, each of which a mutation may change, and sent over a socket of its own. */
import { connect } from "node:net";
import { targetPrefix } from "../../../../api/operations.ts";
import { type Signing, sign } from "../../auth/sign.ts";
import { readCbor, writeCbor } from "../protocols.ts";

export interface Asked {
  readonly operation: string;
  readonly input: unknown;
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Target {
  readonly url: string;
  readonly key: Key;
}

export type Headers = Record<string, string>;

/** What is changed, and where; what is changed early is encoded and signed as if it were meant. */
export interface Mutation {
  readonly input?: (input: unknown) => unknown;
  readonly body?: (body: Buffer, isCbor: boolean) => Buffer;
  readonly headers?: (headers: Headers) => Headers;
  readonly signing?: (signing: Signing) => Signing;
  readonly signed?: (headers: Headers) => Headers;
  readonly wire?: (bytes: Buffer) => Buffer;
}

/** The bytes of a request. */
export function build(target: Target, { operation, input }: Asked, isCbor: boolean, mutation: Mutation = {}): Buffer {
  const changed = mutation.input?.(input) ?? input;
  const encoded = Buffer.from(isCbor ? writeCbor(changed) : JSON.stringify(changed));
  const body = mutation.body?.(encoded, isCbor) ?? encoded;
  const path = isCbor ? `/service/${targetPrefix}/operation/${operation}` : "/";
  const own = isCbor
    ? { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" }
    : { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${targetPrefix}.${operation}` };
  const headers: Headers = { host: new URL(target.url).host, ...own };
  const signing = { ...target.key, path, now: Date.now() };
  const sending = mutation.headers?.(headers) ?? headers;
  const signed = sign(sending, body, mutation.signing?.(signing) ?? signing);
  const all = { ...(mutation.signed?.(signed) ?? signed), "content-length": String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  const bytes = Buffer.concat([head, body]);
  return mutation.wire?.(bytes) ?? bytes;
}

export interface Answer {
  /** 0: the connection was closed without an answer. */
  readonly status: number;
  /** The code of an error; "" where there is none. */
  readonly code: string;
  readonly message: string;
  readonly value: unknown;
}

/** How long an answer may take, in milliseconds: far longer than any does. */
const patience = 20_000;

/** Sends bytes and nothing after them, and gives the first answer to them. */
export async function exchange(target: Target, bytes: Buffer): Promise<Answer> {
  const { hostname, port } = new URL(target.url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.setTimeout(patience, () => reject(new Error(`no answer within ${patience} ms`)));
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", (error: Error & { code?: string }) => {
    // What was sent after the end of what the engine reads is answered so, after its answer.
    if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve();
    else reject(error);
  });
  socket.on("end", resolve);
  socket.on("close", () => resolve());
  socket.end(bytes);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
  return parse(Buffer.concat(chunks));
}

function parse(bytes: Buffer): Answer {
  if (bytes.length === 0) return { status: 0, code: "", message: "", value: undefined };
  const text = bytes.toString("latin1").replace(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)+/, "");
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined || end < 0) throw new Error(`the answer is not HTTP: ${JSON.stringify(text.slice(0, 200))}`);
  const head = text.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const body = Buffer.from(text.slice(end + 4, end + 4 + length), "latin1");
  return { status: Number(status), ...parseBody(head, body) };
}

function parseBody(head: string, body: Buffer): Omit<Answer, "status"> {
  const text = body.toString("utf8");
  if (text.startsWith("<")) return { code: /<Code>(\w+)</.exec(text)?.[1] ?? "", message: text, value: text };
  if (body.length === 0) return { code: "", message: "", value: undefined };
  const isCbor = /\r\ncontent-type: application\/cbor/i.test(head);
  const value = (isCbor ? readCbor(body) : JSON.parse(text)) as { __type?: string; Message?: string };
  return { code: value.__type?.split("#").at(-1) ?? "", message: value.Message ?? "", value };
}
