// One exchange over HTTP: what comes back whole, and what is said of an answer that breaks off, dawdles or is not wanted any more.
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { openExchange, type Sent } from "../../provider/exchange.ts";
import { failureOf } from "./workbench.ts";

interface Peer extends AsyncDisposable {
  readonly url: URL;
  /** The connections that were made to it. */
  readonly sockets: readonly Socket[];
}

async function serving(listener: RequestListener): Promise<Peer> {
  const sockets: Socket[] = [];
  const server = createServer(listener).on("connection", (socket) => sockets.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`),
    sockets,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function sent(url: URL, changes: Partial<Sent> = {}): Sent {
  return { url, method: "POST", headers: { "x-a": "1" }, body: "räksmörgås", timeout: 60_000, ...changes };
}

/** Once no connection is open any more; how it went is no matter. */
async function left({ sockets }: Peer): Promise<void> {
  for (const socket of sockets) {
    if (!socket.closed) await new Promise((resolve) => socket.once("error", () => {}).once("close", resolve));
  }
}

/** The head of an answer and half of its body. */
const half: RequestListener = (_request, response) => {
  response.writeHead(200, { "content-length": 20 });
  response.write("half");
};

describe("an exchange", () => {
  it("sends and takes whole texts, and keeps the connection for the next one", async () => {
    await using peer = await serving(async (request, response) => {
      const said = `${request.method} ${request.url} ${request.headers["x-a"]} ${await text(request)}`;
      response.writeHead(203, { "x-b": "2" }).end(said);
    });
    const exchange = openExchange(2);
    const first = await exchange(sent(peer.url));
    expect(first).to.deep.include({ status: 203, body: "POST /path 1 räksmörgås" });
    expect(first.headers["x-b"]).to.equal("2");
    expect((await exchange(sent(peer.url, { method: "GET", body: "" }))).body).to.equal("GET /path 1 ");
    expect(peer.sockets).to.have.length(1);
  });

  it("puts characters together that arrive in pieces", async () => {
    await using peer = await serving((_request, response) => {
      const [first, ...rest] = [...Buffer.from("ö!")];
      response.write(Buffer.from([first ?? 0]), () => setImmediate(() => response.end(Buffer.from(rest))));
    });
    expect((await openExchange(1)(sent(peer.url))).body).to.equal("ö!");
  });

  it("says ECONNRESET of an answer that breaks off, before its head or after it", async () => {
    await using silent = await serving((request) => request.socket.destroy());
    expect(await failureOf(openExchange(1)(sent(silent.url)))).to.have.property("code", "ECONNRESET");
    await using broken = await serving((request, response) => {
      half(request, response);
      setImmediate(() => request.socket.destroy());
    });
    expect(await failureOf(openExchange(1)(sent(broken.url)))).to.have.property("code", "ECONNRESET");
  });

  it("says ETIMEDOUT of an answer that is not whole in time, and leaves its connection", async () => {
    for (const listener of [half, () => {}] satisfies RequestListener[]) {
      await using peer = await serving(listener);
      const error = await failureOf(openExchange(1)(sent(peer.url, { timeout: 100 })));
      expect(error).to.have.property("code", "ETIMEDOUT");
      await left(peer);
    }
  });

  it("ends with the signal, also while the answer arrives", async () => {
    const told = new AbortController();
    await using peer = await serving((request, response) => {
      half(request, response);
      setImmediate(() => told.abort());
    });
    const error = await failureOf(openExchange(1)(sent(peer.url, { signal: told.signal })));
    expect(error).to.be.instanceOf(Error);
    await left(peer);
  });
});
