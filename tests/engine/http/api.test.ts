// The API's envelope over HTTP: targets, content types, bodies, headers, and clients that misbehave.
import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { call, makeNamespace, makeService, post, type Running, start } from "../running.ts";

describe("the API", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** Status and body of what is answered to a body, sent as it is. */
  const send = async (body: string | Uint8Array<ArrayBuffer>, name = "ListNamespaces", headers = {}) => {
    const { status, text } = await post(engine, name, body, headers);
    return { status, ...JSON.parse(text) };
  };

  it("answers with a request id, the content type and the revision", async () => {
    const first = await post(engine, "ListNamespaces", "{}");
    expect(first.headers.get("content-type")).to.equal("application/x-amz-json-1.1");
    expect(first.headers.get("x-amzn-requestid")).to.match(/^[0-9a-f-]{36}$/);
    await makeNamespace(engine, "for-a-revision");
    const second = await post(engine, "ListNamespaces", "{}");
    expect(second.headers.get("x-amzn-requestid")).not.to.equal(first.headers.get("x-amzn-requestid"));
    const [before, after] = [first, second].map(({ headers }) => Number(headers.get("x-cloudmap-revision")));
    expect(after).to.be.above(before ?? 0);
    expect(second.headers.get("access-control-allow-origin")).to.equal(null);
  });

  it("answers an operation without output with an empty body", async () => {
    const service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
    await call(engine, "RegisterInstance", { ServiceId: service, InstanceId: "i", Attributes: {} });
    const input = JSON.stringify({ ServiceId: service, InstanceId: "i", Status: "HEALTHY" });
    const { status, text } = await post(engine, "UpdateInstanceCustomHealthStatus", input);
    expect({ status, text }).to.deep.equal({ status: 200, text: "" });
  });

  it("refuses targets that are no operation of its own", async () => {
    const odd = [
      "",
      "Route53AutoNaming_v20170314",
      "Route53AutoNaming_v20170314x.ListNamespaces",
      "DynamoDB_20120810.ListTables",
    ];
    for (const target of odd) {
      expect(await send("{}", "", { "x-amz-target": target }), target).to.deep.equal({
        status: 400,
        __type: "UnknownOperationException",
        Message: `X-Amz-Target must be Route53AutoNaming_v20170314.OPERATION, and is ${target || "missing"}.`,
      });
    }
    for (const name of [
      "",
      "listNamespaces",
      "ListNamespaces ",
      "__proto__",
      "constructor",
      "toString",
      "ListEverything",
    ]) {
      const { status, __type } = await send("{}", name.trim() === name ? name : `${name}x`);
      expect({ status, __type }, name).to.deep.equal({ status: 400, __type: "UnknownOperationException" });
    }
  });

  it("takes an empty body for an empty object", async () => {
    expect((await send("")).status).to.equal(200);
  });

  it("refuses what is not a JSON object", async () => {
    const invalid = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    for (const body of ["{", "{]", "nul", "{'a':1}", '{"a":1,}', "\u0000", "x".repeat(1000), invalid]) {
      const { status, __type, Message } = await send(body);
      expect({ status, __type }, String(body)).to.deep.equal({ status: 400, __type: "SerializationException" });
      expect(Message).to.match(/^The body is not /);
    }
    for (const body of ["[]", "1", '"x"', "null", "true", "[{}]"]) {
      expect(await send(body), body).to.deep.equal({
        status: 400,
        __type: "SerializationException",
        Message: "The body is not a JSON object.",
      });
    }
  });

  it("refuses a body that nests too deep, whatever its brackets are", async () => {
    const refused = { status: 400, __type: "SerializationException", Message: "The body nests more than 32 deep." };
    expect(await send(`{"a":${"[".repeat(32)}${"]".repeat(32)}}`)).to.deep.equal(refused);
    expect(await send(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`)).to.deep.equal(refused);
    expect(await send(`{"a":${"[".repeat(100_000)}`)).to.deep.equal(refused);
    expect((await send(`{"a":${"[".repeat(31)}${"]".repeat(31)}}`)).status).to.equal(200);
    expect((await send(JSON.stringify({ a: `\\"${"[{".repeat(1000)}` }))).status, "in a string").to.equal(200);
  });

  it("refuses a body that is too large, whether its length is given or not", async () => {
    const limit = 256 * 1024;
    const padded = (size: number) => `{"a":"${"x".repeat(size - 8)}"}`;
    expect((await send(padded(limit))).status).to.equal(200);
    const refused = { status: 413, __type: "RequestEntityTooLarge", Message: "The body is larger than 262144 bytes." };
    expect(await send(padded(limit + 1))).to.deep.equal(refused);
    const chunks = Array.from({ length: 5 }, () => `${(64 * 1024).toString(16)}\r\n${"x".repeat(64 * 1024)}\r\n`).join(
      "",
    );
    const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await raw(`${head}${chunks}0\r\n\r\n`)).to.match(/^HTTP\/1\.1 413 /);
  });

  it("refuses other content types and any content encoding", async () => {
    const types = [
      "application/json",
      "text/plain",
      "application/x-amz-json-1.0",
      "application/x-amz-json-1.1x",
      "application/cbor",
    ];
    for (const type of types) {
      expect(await send("{}", "ListNamespaces", { "content-type": type })).to.deep.equal({
        status: 415,
        __type: "UnsupportedMediaType",
        Message: `The content type must be application/x-amz-json-1.1, and is ${type}.`,
      });
    }
    for (const encoding of ["gzip", "br", "aws-chunked", "identity, gzip"]) {
      expect(await send("{}", "ListNamespaces", { "content-encoding": encoding })).to.deep.equal({
        status: 415,
        __type: "UnsupportedMediaType",
        Message: `Bodies with Content-Encoding ${encoding} are not read; send it plain.`,
      });
    }
    expect((await send("{}", "ListNamespaces", { "content-encoding": "identity" })).status).to.equal(200);
    const none = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    expect(await raw(none))
      .to.match(/^HTTP\/1\.1 415 /)
      .and.to.include("and is none.");
  });

  it("keeps text of any language, and control characters escaped", async () => {
    const Description = 'ключ 鍵 😀 "\\ \u0000\u0001\u001f\u007f\u2028\ud800';
    const { OperationId = "" } = await call(engine, "CreateHttpNamespace", { Name: "text", Description });
    const { Operation } = await call(engine, "GetOperation", { OperationId });
    const Id = Operation?.Targets?.NAMESPACE ?? "";
    for (const _ of [1, 2]) {
      const { text } = await post(engine, "GetNamespace", JSON.stringify({ Id }));
      expect([...text].filter((character) => character < " ")).to.deep.equal([]);
      expect(JSON.parse(text).Namespace.Description).to.equal(Description);
      await engine.restart();
    }
  });

  it("knows the same token again whatever is in it, also after a restart", async () => {
    const tokens = ["a\u0000b", "a", "a\u0000", "ключ", "😀", "a/b", "\ud800", "\udbff", "\ufffd x"];
    const make = (token: string, index: number) =>
      call(engine, "CreateHttpNamespace", { Name: `token-${index}`, CreatorRequestId: token });
    const first: (string | undefined)[] = [];
    for (const [index, token] of tokens.entries()) {
      if (token === "\udbff") continue;
      first[index] = (await make(token, index)).OperationId;
    }
    await engine.restart();
    for (const [index, token] of tokens.entries()) {
      if (token === "\udbff") continue;
      expect((await make(token, index)).OperationId, JSON.stringify(token)).to.equal(first[index]);
    }
    // Two tokens that no UTF-8 text can hold are one: refused as used before, and not for ever in conflict.
    const { __type } = await send(JSON.stringify({ Name: "odd", CreatorRequestId: "\udbff" }), "CreateHttpNamespace");
    expect(__type).to.equal("InvalidInput");
  });

  it("says what is there at other places", async () => {
    const get = await fetch(`${engine.url}/x`);
    expect(get.status).to.equal(400);
    expect(await get.json()).to.deep.equal({
      __type: "UnknownOperationException",
      Message: "There is nothing at GET /x; the API is at POST /, the console at GET /.",
    });
    for (const [path, init] of [
      ["/x", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }],
      ["/x", { method: "POST", body: "{", headers: { "content-type": "application/json" } }],
      ["/x", { method: "POST", body: "{}", headers: { "content-type": "application/x-amz-json-1.1" } }],
      ["/?Action=x", { method: "POST", body: "{}", headers: { "content-type": "application/x-amz-json-1.1" } }],
      ["/healthz", { method: "DELETE" }],
      ["/%00", {}],
      ["/%", {}],
      ["/%zz%", { method: "POST", body: "{}" }],
      ["/", { method: "PUT", body: "{}" }],
      ["/service/Route53AutoNaming_v20170314/operation/ListNamespaces", {}],
    ] as const) {
      const answer = await fetch(`${engine.url}${path}`, init);
      const { __type } = JSON.parse(await answer.text());
      expect({ status: answer.status, __type }, `${path} ${JSON.stringify(init)}`).to.deep.equal({
        status: 400,
        __type: "UnknownOperationException",
      });
    }
    expect(engine.logged).to.deep.equal([]);
  });

  it("says what is wrong with a request to another place that is odd besides", async () => {
    const odd = async (headers: string, body = "") => {
      const line = `POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;
      const text = await raw(line + body);
      return { status: Number(text.slice(9, 12)), ...JSON.parse(text.slice(text.indexOf("{"))) };
    };
    expect(await odd("Content-Type: application\u00d6cbor\r\n", "{}")).to.include({
      status: 415,
      __type: "UnsupportedMediaType",
    });
    expect(await odd("Content-Type: x\r\n", "{}")).to.include({ status: 415, __type: "UnsupportedMediaType" });
    expect(await odd("Content-Type: text/plain\r\n", "{}")).to.include({ status: 400 });
    expect(engine.logged).to.deep.equal([]);
  });

  it("says how it is", async () => {
    const health = await (await fetch(`${engine.url}/healthz`)).json();
    expect(health).to.include({ status: "ok", account: engine.engine.account, region: "us-east-1", pid: process.pid });
  });

  describe("with a client that misbehaves", () => {
    const head = (length: number, target = "CreateHttpNamespace") =>
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Route53AutoNaming_v20170314.${target}\r\nContent-Length: ${length}\r\n\r\n`;
    const open = async () => {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(engine.url).port) });
      await once(socket, "connect");
      return socket;
    };

    it("does not do half a request", async () => {
      const body = JSON.stringify({ Name: "half" });
      for (let cut = 0; cut < body.length; cut += 3) {
        const socket = await open();
        socket.write(`${head(body.length)}${body.slice(0, cut)}`);
        socket.destroy();
        await once(socket, "close");
      }
      const Filters = [{ Name: "NAME", Values: ["half"] }] as const;
      expect((await call(engine, "ListNamespaces", { Filters })).Namespaces).to.deep.equal([]);
      expect(engine.logged).to.deep.equal([]);
    });

    it("does a whole request of a client that does not wait for the answer, once", async () => {
      const body = JSON.stringify({ Name: "impatient" });
      const socket = await open();
      socket.write(`${head(body.length)}${body}`, () => socket.destroy());
      await once(socket, "close");
      const Filters = [{ Name: "NAME", Values: ["impatient"] }] as const;
      const found = async () => (await call(engine, "ListNamespaces", { Filters })).Namespaces?.length;
      for (let tries = 0; tries < 200 && (await found()) === 0; tries += 1);
      expect(await found()).to.equal(1);
      expect(engine.logged).to.deep.equal([]);
    });

    it("answers requests that come in one piece, in order, and a body that comes in many", async () => {
      const body = JSON.stringify({ MaxResults: 1 });
      const socket = await open();
      socket.setEncoding("utf8");
      let text = "";
      socket.on("data", (chunk) => (text += chunk));
      socket.write(`${head(body.length, "ListServices")}${body}${head(body.length, "ListNamespaces")}${body}`);
      for (const character of `${head(body.length, "ListOperations")}${body}`) socket.write(character);
      while (text.match(/HTTP\/1\.1 200/g)?.length !== 3) await once(socket, "data");
      const lists = [...text.matchAll(/"(Services|Namespaces|Operations)":/g)].map(([, list]) => list);
      expect(lists).to.deep.equal(["Services", "Namespaces", "Operations"]);
      socket.destroy();
    });

    it("stops all the same, while a request is half sent", async () => {
      const own = await start();
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(own.url).port) });
      await once(socket, "connect");
      socket.write(`${head(100)}{`);
      await call(own, "ListNamespaces", {});
      const started = performance.now();
      await own[Symbol.asyncDispose]();
      expect(performance.now() - started).to.be.below(5_000);
      socket.destroy();
    });
  });

  /** What is answered to bytes, until the engine closes the connection or is done. */
  async function raw(text: string): Promise<string> {
    const socket = connect({ host: "127.0.0.1", port: Number(new URL(engine.url).port) });
    socket.setEncoding("utf8");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", () => {});
    socket.write(text);
    await once(socket, "close");
    return answer;
  }
});
