// What keeps web pages and other hosts away.
import { once } from "node:events";
import { request } from "node:http";
import { expect } from "chai";
import { type Running, start } from "../running.ts";

const json = {
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": "Route53AutoNaming_v20170314.ListNamespaces",
};

describe("the guard", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** Status and error code of a request with these headers, which fetch would not let us choose. */
  const send = async (headers: Record<string, string>, method = "POST", path = "/") => {
    const sent = request(new URL(path, engine.url), { method, headers: { ...json, ...headers } });
    sent.end(method === "POST" ? "{}" : "");
    const [response] = await once(sent, "response");
    const text = (await response.toArray()).join("");
    return { status: response.statusCode, code: JSON.parse(text).__type };
  };
  const served = { status: 200, code: undefined };
  const misdirected = { status: 421, code: "InvalidHostHeader" };
  const foreign = { status: 403, code: "ForbiddenOrigin" };

  it("serves the hosts that can only be this machine", async () => {
    const hosts = [
      "localhost",
      "LOCALHOST:7700",
      "127.0.0.1",
      "127.9.9.9:1",
      "[::1]:7700",
      "a.localhost",
      "a.b.localhost:7",
    ];
    for (const host of [...hosts, "data-localhost", "data-a.localhost:7700", "data-127.0.0.1:7700"]) {
      expect(await send({ host }), host).to.deep.equal(served);
    }
  });

  it("refuses every other host, so that a name that was made to point here does not help", async () => {
    const hosts = [
      "evil.example",
      "localhost.evil.example",
      "evillocalhost",
      "127.0.0.1.evil.example",
      "1270.0.0.1",
      "0.0.0.0",
      "169.254.169.254",
      "[::2]",
      "data-evil.example",
      "data-data-localhost",
      "localhost:80:80",
      "servicediscovery.us-east-1.amazonaws.com",
      "[::1",
      "user@localhost",
    ];
    for (const host of hosts) {
      expect(await send({ host }), host).to.deep.equal(misdirected);
      expect(await send({ host }, "GET", "/healthz"), host).to.deep.equal(misdirected);
      expect(await send({ host }, "GET", "/nowhere"), host).to.deep.equal(misdirected);
    }
  });

  it("refuses pages of other sites", async () => {
    const host = new URL(engine.url).host;
    for (const origin of [
      "https://evil.example",
      "null",
      "http://localhost:1",
      `http://evil.${host}`,
      `file://${host}`,
      "",
    ]) {
      expect(await send({ origin }), origin).to.deep.equal(foreign);
      expect(await send({ origin }, "GET", "/healthz"), origin).to.deep.equal(foreign);
    }
    for (const site of ["cross-site", "same-site", "", "x"]) {
      expect(await send({ "sec-fetch-site": site }), site).to.deep.equal(foreign);
    }
    expect(await send({ origin: "https://evil.example" }, "OPTIONS")).to.deep.equal(foreign);
  });

  it("serves its own pages, and callers that are no browser", async () => {
    const host = new URL(engine.url).host;
    expect(await send({ origin: `http://${host}`, "sec-fetch-site": "same-origin" })).to.deep.equal(served);
    expect(await send({ "sec-fetch-site": "none" })).to.deep.equal(served);
    expect(await send({})).to.deep.equal(served);
  });

  it("refuses before it reads the body or looks who asks", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded", origin: "https://evil.example" };
    const sent = request(engine.url, { method: "POST", headers: form });
    sent.end("Action=GetCallerIdentity&Version=2011-06-15");
    const [response] = await once(sent, "response");
    response.resume();
    expect(response.statusCode).to.equal(403);
  });
});
