// The front: what is read straight off the socket is what Node would read, and everything else is Node's.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { Front } from "../../../engine/http/front.ts";
import { parse } from "../../../engine/http/parse.ts";
import type { Store } from "../../../engine/store/store.ts";
import { Memory, openMemory } from "../../store/memory.ts";
import { makeNamespace, makeService, type Running, start } from "../running.ts";

const request = (body: string, operation = "ListNamespaces", more = "") =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Route53AutoNaming_v20170314.${operation}\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

async function open(url: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), noDelay: true });
  await once(socket, "connect");
  return socket;
}

/** The next answers on a connection, each as status and body. */
async function answers(socket: Socket, count: number): Promise<string[]> {
  let text = "";
  const all: string[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk.toString("latin1");
    for (;;) {
      const [head = "", length] = /^.*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n/is.exec(text) ?? [];
      if (length === undefined || text.length < head.length + Number(length)) break;
      all.push(`${head.slice(9, 12)} ${text.slice(head.length, head.length + Number(length))}`);
      text = text.slice(head.length + Number(length));
    }
    if (all.length >= count) break;
  }
  return all;
}

describe("the front of the HTTP server", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
    await makeNamespace(engine, "n");
  });
  after(() => engine[Symbol.asyncDispose]());

  it("answers the same whether a request comes in one piece or in two, wherever it is cut", async () => {
    const whole = request('{"MaxResults":1}');
    const socket = await open(engine.url);
    socket.write(whole);
    const [wanted] = await answers(socket, 1);
    expect(wanted).to.match(/^200 \{"Namespaces":\[\{/);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const cutOne = await open(engine.url);
      cutOne.write(whole.slice(0, cut));
      await new Promise(setImmediate);
      cutOne.write(whole.slice(cut));
      expect(await answers(cutOne, 1), `cut at ${cut}`).to.deep.equal([wanted]);
      cutOne.destroy();
    }
    socket.destroy();
  });

  it("goes on with a connection that was Node's for a request", async () => {
    const socket = await open(engine.url);
    for (const path of ["/", "/healthz", "/"]) {
      socket.write(path === "/" ? request("{}") : `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const [answer] = await answers(socket, 1);
      expect(answer).to.match(path === "/" ? /^200 \{"Namespaces/ : /^200 \{"status":"ok"/);
    }
    socket.destroy();
  });

  it("answers requests that do not wait for each other in their order", async () => {
    const service = await makeService(engine, await makeNamespace(engine, "order"), "s");
    const ids = ["a", "b", "c"];
    const all = ids.flatMap((id) => [
      request(JSON.stringify({ ServiceId: service, InstanceId: id, Attributes: { id } }), "RegisterInstance"),
      request(JSON.stringify({ Id: `srv-${id}` }), "GetService"),
    ]);
    for (const pieces of [all, [all.join("")], [all.slice(0, 1).join(""), all.slice(1).join("")]]) {
      const socket = await open(engine.url);
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise(setImmediate);
      }
      const order = (await answers(socket, 6)).map((answer) => /OperationId|srv-./.exec(answer)?.[0]);
      expect(order).to.deep.equal(ids.flatMap((id) => ["OperationId", `srv-${id}`]));
      socket.destroy();
    }
  });

  it("answers a client that sends nothing more than its request", async () => {
    const socket = await open(engine.url);
    socket.end(request('{"Name":"half-open"}', "CreateHttpNamespace"));
    expect((await answers(socket, 1))[0]).to.match(/^200 \{"OperationId"/);
    if (!socket.closed) await once(socket, "close");
  });

  it("closes a connection where the client asks for it", async () => {
    const socket = await open(engine.url);
    socket.write(request("{}", "ListNamespaces", "Connection: close\r\n"));
    expect((await answers(socket, 1))[0]).to.match(/^200 /);
    if (!socket.closed) await once(socket, "close");
  });

  it("refuses what could be read in two ways", async () => {
    const smuggled = "0\r\n\r\nPOST / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const odd: readonly string[] = [
      request(smuggled, "ListNamespaces", "Transfer-Encoding: chunked\r\n"),
      request("{}", "ListNamespaces", "Content-Length: 0\r\n"),
      request("{}", "ListNamespaces", "Content-Length : 2\r\n"),
      request("{}").replace("Content-Length: 2", "Content-Length: +2"),
      request("{}").replace("Content-Length: 2", "Content-Length: 2, 2"),
      request("{}", "ListNamespaces", "X: a\r\n b\u0000\r\n"),
      request("{}", "ListNamespaces", "X\u0001: a\r\n"),
      request("{}", "ListNamespaces", "no colon\r\n"),
      request("{}").replace("HTTP/1.1", "HTTP/9.9"),
    ];
    for (const text of odd) {
      const socket = await open(engine.url);
      socket.end(text, "latin1");
      const answer = (await socket.toArray()).join("");
      expect(answer, JSON.stringify(text)).to.match(/^HTTP\/1\.1 400 Bad Request\r\n/);
    }
  });

  it("holds back a client that asks and does not read", async () => {
    const server = createServer();
    let asked = 0;
    const front = new Front(server, {
      serves: () => true,
      answer: () => {
        asked += 1;
        return { status: 200, headers: {}, body: "x".repeat(1_000_000) };
      },
      keepAliveTimeout: 1_000,
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const socket = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (let sent = 0; sent < 200; sent += 1) {
      socket.write(request("{}"));
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    }
    socket.destroy();
    front.close();
    server.close();
    expect(asked).to.be.within(1, 50);
  });

  it("answers what is under way when the engine stops, and closes the rest", async () => {
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const memory = openMemory(new Memory());
    let slow = false;
    const commit: Store["commit"] = async (transaction) => {
      if (slow) {
        reached.resolve();
        await go.promise;
      }
      return memory.commit(transaction);
    };
    const stopped = await start({ store: { ...memory, commit } });
    slow = true;
    const [idle, busy] = [await open(stopped.url), await open(stopped.url)];
    idle.write(request("{}"));
    await answers(idle, 1);
    busy.write(request('{"Name":"last"}', "CreateHttpNamespace"));
    await reached.promise;
    const closed = once(idle.resume(), "close");
    const done = stopped[Symbol.asyncDispose]();
    await closed;
    go.resolve();
    const text = (await busy.toArray()).join("");
    expect(text).to.match(/^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n.*OperationId/s);
    await done;
  });
});

describe("a request that is read off the socket", () => {
  /** What Node's parser makes of bytes: all requests in them, or that it refuses them. */
  async function readByNode(bytes: Buffer) {
    const server = createServer(async (message: IncomingMessage, response) => {
      const body = Buffer.concat(await message.toArray()).toString("latin1");
      const { method, url, headers } = message;
      seen.push({ method, target: url, headers: { ...headers }, body });
      response.end();
    });
    const seen: object[] = [];
    await once(server.listen(0, "127.0.0.1"), "listening");
    const socket = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    socket.end(bytes);
    await socket.toArray();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return seen;
  }

  const piece = fc.constantFrom(
    ..."\r\n,\n,\r,\t, ,:,::,Host: a,host:b,Content-Length: 2,Content-Length: 3,content-length:2,Transfer-Encoding: chunked,Connection: close,Connection: keep-alive,X: é,X-Y:  z,X: \u0000,Expect: 100-continue,{},é,A:,x".split(
      ",",
    ),
  );
  const head = fc
    .tuple(
      fc.constantFrom(
        "POST / HTTP/1.1",
        "POST /x?y=z HTTP/1.1",
        "POST / HTTP/1.0",
        "GET / HTTP/1.1",
        "POST  / HTTP/1.1",
      ),
      fc.array(fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ maxLength: 8 }) }), {
        maxLength: 8,
      }),
      fc.boolean(),
    )
    .map(([line, pieces, plain]) => {
      const lines = plain ? ["Host: h", ...pieces, "Content-Length: 2"] : pieces;
      return `${[line, ...lines].join("\r\n")}\r\n\r\n{}`;
    });

  it("is what Node reads, and nothing else is read", async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(head, async (text) => {
        const bytes = Buffer.from(text, "latin1");
        const parsed = parse(bytes);
        if (parsed === undefined) return;
        read += 1;
        const { target, headers, body } = parsed;
        const ours = { method: "POST", target, headers: { ...headers }, body: body.toString("latin1") };
        expect(await readByNode(bytes)).to.deep.equal([ours]);
      }),
      { numRuns: 3_000 },
    );
    expect(read, "requests that were read").to.be.above(50);
  });

  it("is never one of which a part is missing", () => {
    const whole = Buffer.from(request("{}"));
    for (let length = 0; length < whole.length; length += 1) {
      expect(parse(whole.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    }
    expect(parse(whole)?.body.toString()).to.equal("{}");
    expect(parse(Buffer.concat([whole, Buffer.from("P")]))).to.equal(undefined);
  });
});
