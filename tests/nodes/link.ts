/** A way from a node to a member of etcd that can be cut: what is sent meanwhile is neither lost nor delivered, as on a network. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../local/port.ts";

interface Target {
  readonly port: number;
  readonly address: string;
}

export class Link implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #target: Target;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #waiting = new Set<Socket>();
  #isCut = false;

  private constructor(port: number, target: Target) {
    this.url = `http://127.0.0.1:${port}`;
    this.#target = target;
    this.#server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      if (!this.#isCut) return this.#forward(socket);
      socket.pause();
      this.#waiting.add(socket);
    });
    this.#server.listen(port, "127.0.0.1");
  }

  static async to(port: number, address = "127.0.0.1"): Promise<Link> {
    return new Link(await freePort(), { port, address });
  }

  #forward(socket: Socket): void {
    const upstream = connect(this.#target.port, this.#target.address);
    const pair = [socket, upstream] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const each of pair) each.destroy();
    };
    for (const each of pair) each.on("error", end).on("close", end);
    this.#join(pair);
  }

  #join([socket, upstream]: readonly [Socket, Socket]): void {
    socket.pipe(upstream);
    upstream.pipe(socket);
  }

  /** Nothing gets through any more, and nobody is told. */
  cut(): void {
    this.#isCut = true;
    for (const [socket, upstream] of this.#pairs) {
      socket.unpipe(upstream).pause();
      upstream.unpipe(socket).pause();
    }
  }

  /** All that was sent gets through now. */
  heal(): void {
    this.#isCut = false;
    for (const pair of this.#pairs) this.#join(pair);
    for (const socket of this.#waiting) this.#forward(socket);
    this.#waiting.clear();
  }

  /** Every connection breaks, and what was under way is lost. */
  reset(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    this.reset();
    await new Promise((done) => this.#server.close(done));
  }
}
