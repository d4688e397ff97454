/**
 * The front of the HTTP server: plain requests to the API are answered straight off the socket, since Node's HTTP
 * server costs several times what a discovery does (see bench/); a connection on which anything else comes is Node's.
 */
import { type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";
import { parse } from "./parse.ts";
import type { Reply, Request } from "./request.ts";

export interface FrontOptions {
  /** Whether requests for a target are answered here. */
  readonly serves: (method: string, target: string) => boolean;
  readonly answer: (request: Request) => Reply | Promise<Reply>;
  /** How long a connection may be idle, in milliseconds. */
  readonly keepAliveTimeout: number;
}

/** A connection that is read here. */
interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Whether an answer is on its way. */
  busy: boolean;
  /** What came while an answer was on its way. */
  readonly waiting: Buffer[];
}

export class Front {
  readonly #options: FrontOptions;
  readonly #toNode: (socket: Socket) => void;
  readonly #connections = new Set<Connection>();
  readonly #tail: string;
  #closing = false;

  /** Puts itself before the server's own handling of connections. */
  constructor(server: Server, options: FrontOptions) {
    this.#options = options;
    this.#tail = `Connection: keep-alive\r\nKeep-Alive: timeout=${options.keepAliveTimeout / 1000}\r\n\r\n`;
    const event = server instanceof TlsServer ? "secureConnection" : "connection"; // when requests may come
    const own = server.listeners(event);
    this.#toNode = (socket) => {
      for (const listener of own) listener.call(server, socket);
    };
    server.removeAllListeners(event);
    server.on(event, (socket: Socket) => this.#accept(socket));
  }

  /** Ends idle connections now, and the others with their answers. */
  close(): void {
    this.#closing = true;
    for (const { socket, busy } of this.#connections) if (!busy) socket.end();
  }

  #accept(socket: Socket): void {
    const connection: Connection = { socket, address: socket.remoteAddress ?? "", busy: false, waiting: [] };
    this.#connections.add(connection);
    socket.setNoDelay(true);
    socket.setTimeout(this.#options.keepAliveTimeout, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => this.#read(connection, chunk));
    socket.on("end", () => {
      if (!connection.busy) socket.end();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#connections.delete(connection));
  }

  #read(connection: Connection, chunk: Buffer): void {
    if (connection.busy) {
      connection.waiting.push(chunk);
      connection.socket.pause();
      return;
    }
    const parsed = parse(chunk);
    if (this.#closing || parsed === undefined || !this.#options.serves("POST", parsed.target)) {
      this.#handOver(connection, chunk);
      return;
    }
    const answer = this.#options.answer({ method: "POST", ...parsed, address: connection.address });
    if (answer instanceof Promise) this.#await(connection, answer);
    else this.#write(connection, answer);
  }

  async #await(connection: Connection, answer: Promise<Reply>): Promise<void> {
    connection.busy = true;
    const reply = await answer;
    connection.busy = false;
    this.#write(connection, reply);
    this.#goOn(connection);
  }

  /** Takes up what came while the answer was on its way. */
  #goOn(connection: Connection): void {
    const { socket, waiting } = connection;
    if (waiting.length > 0) this.#read(connection, Buffer.concat(waiting.splice(0)));
    if (connection.busy || !this.#connections.has(connection)) return;
    if (socket.readableEnded) socket.end();
    else if (socket.isPaused() && !socket.writableNeedDrain) socket.resume();
  }

  #write({ socket }: Connection, { status, headers, body }: Reply): void {
    if (socket.destroyed) return;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    head += `content-length: ${Buffer.byteLength(body)}\r\nDate: ${date()}\r\n`;
    head += this.#closing ? "Connection: close\r\n\r\n" : this.#tail;
    const flushed =
      typeof body === "string" ? socket.write(head + body) : socket.write(Buffer.concat([Buffer.from(head), body]));
    if (this.#closing) socket.end();
    else if (!flushed) socket.pause().once("drain", () => socket.resume()); // a client that asks and does not read
  }

  /** From here on the connection is Node's, from the chunk on. */
  #handOver(connection: Connection, chunk: Buffer): void {
    const { socket } = connection;
    this.#connections.delete(connection);
    for (const event of ["data", "end", "error", "close", "timeout", "drain"]) socket.removeAllListeners(event);
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(chunk);
    this.#toNode(socket);
    socket.resume();
  }
}

let second = 0;
let text = "";

/** RFC 9110 §6.6.1: the time to the second, as text that is made once a second. */
function date(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
