// HTTP itself: versions, methods, expectations and limits, and what is answered to what is no request.
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { type Running, start } from "../running.ts";

const headers =
  "Host: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces\r\n";
const ask = (line = "POST / HTTP/1.1", more = "") => `${line}\r\n${headers}${more}Content-Length: 2\r\n\r\n{}`;

describe("HTTP", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** What is answered to bytes, until the engine closes the connection; it is asked to. */
  async function raw(text: string): Promise<string> {
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(engine.url).port) });
    socket.on("error", () => {});
    socket.end(text, "latin1");
    return (await socket.toArray()).join("");
  }

  it("of version 1.0 is answered, where it names the host", async () => {
    expect(await raw(ask("POST / HTTP/1.0"))).to.match(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*\{"Namespaces":\[\]\}$/,
    );
    expect(await raw(ask("POST / HTTP/1.0").replace("Host: localhost\r\n", ""))).to.match(/^HTTP\/1\.1 421 /);
  });

  it("lets a client ask whether it may send its body", async () => {
    const answer = await raw(ask(undefined, "Expect: 100-continue\r\n"));
    expect(answer).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(await raw(ask(undefined, "Expect: 200-ok\r\n"))).to.match(/^HTTP\/1\.1 417 /);
  });

  it("has nothing for other methods, and lets no page of another site in", async () => {
    for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "PROPFIND"]) {
      const answer = await raw(`${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(answer, method).to.match(/^HTTP\/1\.1 400 /);
      expect(answer.endsWith("\r\n\r\n"), method).to.equal(method === "HEAD");
      expect(answer).not.to.match(/access-control|allow:/i);
    }
    const preflight = "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n";
    const answer = await raw(`OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${preflight}\r\n`);
    expect(answer).to.match(/^HTTP\/1\.1 403 /);
    expect(answer).not.to.match(/access-control/i);
    expect(await raw("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n")).to.equal("");
  });

  it("refuses headers that are too large, in one piece or in many, and takes those that are not", async () => {
    for (const text of [
      ask(undefined, `X: ${"a".repeat(17_000)}\r\n`),
      ask(undefined, Array.from({ length: 2_000 }, (_, index) => `X-${index}: 0123456789\r\n`).join("")),
      ask(`POST /?${"a".repeat(17_000)} HTTP/1.1`),
    ]) {
      const answer = await raw(text);
      expect(answer).to.match(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
      expect(answer).to.include(
        '{"__type":"MalformedHttpRequestException","Message":"The request line and the headers are larger than 16384 bytes."}',
      );
    }
    expect(await raw(ask(undefined, `X: ${"a".repeat(15_000)}\r\n`))).to.match(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("says what is wrong with what is no request, and closes", async () => {
    const odd = [
      "garbage\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u0016\u0003\u0001\u0002\u0000",
      ask("FOO / HTTP/1.1"),
    ];
    for (const text of odd) {
      const answer = await raw(text);
      expect(answer, text).to.match(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n/);
      const { __type, Message } = JSON.parse(answer.slice(answer.indexOf("{")));
      expect(__type).to.equal("MalformedHttpRequestException");
      expect(Message).to.match(/^This is not a request of HTTP\/1\.1: Parse Error: /);
    }
  });

  it("answers a client that has nothing more to say, also where Node reads the request", async () => {
    for (const Name of ["a", "b", "c"]) {
      const body = JSON.stringify({ Name });
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      const create = ask().replace("ListNamespaces", "CreateHttpNamespace"); // answered when it is on the disk
      const answer = await raw(create.replace("Content-Length: 2", "Transfer-Encoding: chunked").replace("{}", chunk));
      expect(answer).to.match(/^HTTP\/1\.1 200 OK\r\n[\s\S]*OperationId/);
    }
  });

  it("takes a request that comes byte by byte, in either protocol", async () => {
    const cbor =
      "POST /service/Route53AutoNaming_v20170314/operation/ListNamespaces HTTP/1.1\r\nHost: localhost\r\nsmithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\nContent-Length: 1\r\n\r\n\u00a0";
    for (const text of [ask(), cbor]) {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(engine.url).port), noDelay: true });
      for (const byte of Buffer.from(text, "latin1")) {
        await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
      }
      expect(String(await once(socket, "data"))).to.match(/^HTTP\/1\.1 200 OK\r\n/);
      socket.destroy();
    }
  });

  it("leaves no trace of all this in the log", () => {
    expect(engine.logged).to.deep.equal([]);
  });
});
