/** Serves DNS over TCP (RFC 7766): many queries on a connection, each answered as soon as it can be. */
import { once } from "node:events";
import { createServer, isIPv4, type Socket } from "node:net";
import type { Client } from "./client.ts";
import { keepaliveTenths, type Responder, type Response } from "./responder.ts";
import type { Binding } from "./udp.ts";

export interface TcpLimits {
  /** How long a connection may go without a whole query, in milliseconds (RFC 7766 6.2.3). */
  readonly idle: number;
  /** More connections than this are refused, so that they cannot take all memory (RFC 7766 10). */
  readonly maxConnections: number;
  /** Of them those of one client, so that it cannot take them from all others (RFC 7766 6.2.2). */
  readonly maxOfClient: number;
}

/** Those of a thread for each address. */
export const tcpLimits: TcpLimits = { idle: keepaliveTenths * 100, maxConnections: 2_000, maxOfClient: 200 };
/** A client that does not read its answers is not read from. */
const maxUnsent = 256 * 1024;
/** Queries of one connection that wait for an alias. */
const maxWaiting = 100;

export interface TcpServer {
  /** Takes no more connections, and ends those that are open when they have their answers. */
  close(): Promise<void>;
}

export async function serveTcp(
  { host, port, shared }: Binding,
  responder: Responder,
  clientOf: (address: string) => Client,
  failed: (error: unknown) => void,
  { idle, maxConnections, maxOfClient }: TcpLimits,
  refused: () => void,
): Promise<TcpServer> {
  const open = new Set<Socket>();
  const ofClients = new Map<string, number>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const client = clientOf(socket.remoteAddress ?? "0.0.0.0");
    const key = isIPv4(client.address) ? client.address : client.network; // whoever has a /56 has all its addresses
    const already = ofClients.get(key) ?? 0;
    if (already >= maxOfClient) {
      refused();
      return void socket.destroy();
    }
    open.add(socket);
    ofClients.set(key, already + 1);
    socket.on("close", () => {
      open.delete(socket);
      const left = (ofClients.get(key) ?? 1) - 1;
      if (left > 0) ofClients.set(key, left);
      else ofClients.delete(key);
    });
    const connection = new Connection(socket, responder, client, failed, idle);
    socket.on("data", (chunk: Buffer) => connection.take(chunk));
  });
  server.maxConnections = maxConnections;
  server.on("drop", refused);
  server.listen({ host, port, reusePort: shared });
  await once(server, "listening");
  server.on("error", failed);
  return {
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.end(() => socket.destroy());
      await closed;
    },
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #responder: Responder;
  readonly #client: Client;
  readonly #failed: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #unread: Buffer = Buffer.alloc(0);
  #waiting = 0;
  #hasEnded = false;

  constructor(
    socket: Socket,
    responder: Responder,
    client: Client,
    failed: (error: unknown) => void,
    idle: TcpLimits["idle"],
  ) {
    this.#socket = socket;
    this.#responder = responder;
    this.#client = client;
    this.#failed = failed;
    this.#timer = setTimeout(() => socket.destroy(), idle);
    socket.on("close", () => clearTimeout(this.#timer));
    socket.on("error", () => socket.destroy()); // a client that went away
    socket.on("drain", () => {
      socket.resume();
      this.take();
    });
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#settle();
    });
  }

  /** Answers the queries that are whole; a message may come in parts, and several at once. */
  take(chunk?: Buffer): void {
    if (chunk !== undefined) this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    let at = 0;
    while (!this.#isFull && this.#unread.length - at >= 2) {
      const end = at + 2 + this.#unread.readUInt16BE(at);
      if (end > this.#unread.length) break;
      if (!this.#answer(this.#unread.subarray(at + 2, end))) return void this.#socket.destroy();
      at = end;
    }
    if (at > 0) this.#timer.refresh();
    this.#unread = this.#unread.subarray(at);
    if (this.#isFull) this.#socket.pause();
    this.#settle();
  }

  get #isFull(): boolean {
    return this.#socket.writableLength > maxUnsent || this.#waiting >= maxWaiting;
  }

  /** Whoever sends what is no query is no client of DNS: false. */
  #answer(packet: Buffer): boolean {
    const response = this.#responder.respond(packet, this.#client, "tcp");
    if (response === "none") return false;
    if (response === "written") this.#send();
    else this.#answerLater(packet, response);
    return true;
  }

  #answerLater(packet: Buffer, response: Response): void {
    this.#waiting += 1;
    const send = () => {
      if (this.#socket.writable) this.#send();
    };
    this.#responder
      .respondLater(packet, this.#client, "tcp", response, send)
      .then(() => {
        this.#waiting -= 1;
        if (this.#socket.isPaused()) this.#socket.resume();
        this.take();
      })
      .catch(this.#failed);
  }

  #send(): void {
    const { out, start, at } = this.#responder.reply;
    const framed = Buffer.allocUnsafe(at - start + 2);
    framed.writeUInt16BE(at - start, 0);
    out.copy(framed, 2, start, at);
    this.#socket.write(framed);
  }

  #settle(): void {
    if (this.#hasEnded && this.#waiting === 0 && this.#socket.writable) this.#socket.end();
  }
}
