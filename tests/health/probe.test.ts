// One probe, against real servers: what passes, what does not, and how long it waits by a clock that the test moves.
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { expect } from "chai";
import { generate } from "selfsigned";
import { systemClock } from "../../engine/clock.ts";
import { type Outcome, probe } from "../../engine/health/probe.ts";
import type { Target } from "../../engine/health/target.ts";
import { until } from "../local/until.ts";
import { standingClock } from "./clock.ts";
import { closedPort, serveHttp, serveHttps, serveNobody, serveTcp } from "./targets.ts";

const targetAt = (port: number, more: Partial<Target> = {}): Target => ({
  type: "HTTP",
  address: "127.0.0.1",
  port,
  path: "/",
  host: "127.0.0.1",
  ...more,
});
const found = (target: Target): Promise<Outcome> => new Promise((resolve) => probe(target, systemClock, resolve));
const pass: Outcome = { passed: true, reason: "" };
const status =
  (code: number, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end();

describe("an HTTP probe", () => {
  for (const code of [200, 204, 226, 299, 300, 301, 302, 304, 307, 399]) {
    it(`passes with ${code}`, async () => {
      await using server = await serveHttp(status(code));
      expect(await found(targetAt(server.port))).to.deep.equal(pass);
    });
  }

  for (const code of [400, 401, 404, 429, 499, 500, 503, 599, 600, 999]) {
    it(`fails with ${code}, and says so`, async () => {
      await using server = await serveHttp(status(code));
      const reason = `the status code is ${code}`;
      expect(await found(targetAt(server.port))).to.deep.equal({ passed: false, reason });
    });
  }

  it("follows no redirect", async () => {
    await using other = await serveHttp(status(500));
    await using server = await serveHttp(status(302, { location: `http://127.0.0.1:${other.port}/` }));
    expect(await found(targetAt(server.port))).to.deep.equal(pass);
    expect([server.requests.length, other.requests.length]).to.deep.equal([1, 0]);
  });

  it("waits for the status behind informational ones, and fails with 101", async () => {
    await using early = await serveHttp((_request, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.writeHead(503).end();
    });
    expect(await found(targetAt(early.port))).to.deep.equal({ passed: false, reason: "the status code is 503" });
    await using upgrade = await serveTcp((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
    );
    expect(await found(targetAt(upgrade.port))).to.deep.equal({ passed: false, reason: "the status code is 101" });
  });

  it("asks for the path, of the host, with its port where that is not the protocol's own, on a connection of its own", async () => {
    await using server = await serveHttp(status(200));
    await found(targetAt(server.port, { path: "/up?a=b", host: "api.example.com" }));
    const [request] = server.requests;
    expect([request?.method, request?.url]).to.deep.equal(["GET", "/up?a=b"]);
    expect(request?.headers).to.deep.equal({
      host: `api.example.com:${server.port}`,
      "user-agent": "cloudmap-health-check",
      accept: "*/*",
      connection: "close",
    });
  });

  it("reads nothing but the status", async () => {
    await using endless = await serveTcp((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    });
    expect(await found(targetAt(endless.port))).to.deep.equal(pass);
    await using untidy = await serveTcp((socket) => {
      socket.write("HTTP/1.0 204 \nX-Odd: \u0001\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    });
    expect(await found(targetAt(untidy.port))).to.deep.equal(pass);
  });

  const breaking: [what: string, take: (socket: Socket) => void, reason: RegExp][] = [
    ["resets", (socket) => socket.resetAndDestroy(), /ECONNRESET|EPIPE|socket hang up/],
    ["closes without an answer", (socket) => socket.end(), /socket hang up|without an answer/],
    ["does not speak HTTP", (socket) => socket.write("220 mail.example.com ESMTP\r\n"), /^the answer is not HTTP$/],
    ["closes within the status line", (socket) => socket.end("HTTP/1.1 20"), /hang up|not HTTP|without an answer/],
  ];
  for (const [what, take, reason] of breaking) {
    it(`fails where the target ${what}`, async () => {
      await using server = await serveTcp((socket) => {
        socket.once("data", () => take(socket));
      });
      const outcome = await found(targetAt(server.port));
      expect(outcome.passed).to.equal(false);
      expect(outcome.reason).to.match(reason);
    });
  }
});

describe("an HTTPS probe", () => {
  let cert: { key: string; cert: string };
  before(async () => {
    const [notBeforeDate, notAfterDate] = [new Date("2020-01-01"), new Date("2021-01-01")];
    const made = await generate([{ name: "commonName", value: "nobody" }], { notBeforeDate, notAfterDate });
    cert = { key: made.private, cert: made.cert };
  });
  const secure = (port: number, more: Partial<Target> = {}) => targetAt(port, { type: "HTTPS", ...more });

  for (const version of ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const) {
    it(`passes over ${version}, by a certificate that is self-signed, expired and another's`, async () => {
      const ciphers = "DEFAULT@SECLEVEL=0";
      const options = { ...cert, minVersion: version, maxVersion: version, ciphers } as const;
      await using server = await serveHttps(options, status(200));
      expect(await found(secure(server.port))).to.deep.equal(pass);
    });
  }

  it("fails by the status code as well", async () => {
    await using server = await serveHttps(cert, status(503));
    expect(await found(secure(server.port))).to.deep.equal({ passed: false, reason: "the status code is 503" });
  });

  it("tells the server the host that is asked for, where it is a name", async () => {
    const names: unknown[] = [];
    await using server = await serveHttps(cert, (request, response) => {
      names.push(request.socket instanceof TLSSocket && request.socket.servername, request.headers.host);
      response.end();
    });
    await found(secure(server.port, { host: "api.example.com" }));
    await found(secure(server.port));
    expect(names).to.deep.equal([
      "api.example.com",
      `api.example.com:${server.port}`,
      false,
      `127.0.0.1:${server.port}`,
    ]);
  });

  it("fails where the target does not speak TLS, or breaks off", async () => {
    await using plain = await serveHttp(status(200));
    await using broken = await serveTcp((socket) => socket.resetAndDestroy());
    for (const { port } of [plain, broken]) expect((await found(secure(port))).passed).to.equal(false);
  });
});

describe("a TCP probe", () => {
  it("passes when it is connected, whatever is said then", async () => {
    await using silent = await serveTcp(() => {});
    expect(await found(targetAt(silent.port, { type: "TCP" }))).to.deep.equal(pass);
    await using rude = await serveTcp((socket) => socket.destroy());
    expect(await found(targetAt(rude.port, { type: "TCP" }))).to.deep.equal(pass);
  });
});

describe("a probe of whichever type", () => {
  const types = ["HTTP", "HTTPS", "TCP"] as const;

  for (const type of types) {
    it(`fails by ${type} where nothing listens, and on port 0`, async () => {
      const outcome = await found(targetAt(await closedPort(), { type }));
      expect(outcome).to.deep.include({ passed: false });
      expect(outcome.reason).to.include("ECONNREFUSED");
      expect(await found(targetAt(0, { type }))).to.deep.include({ passed: false });
    });

    const patience = type === "TCP" ? 10 : 4;
    it(`fails by ${type} when it is not connected within ${patience} seconds`, async () => {
      await using server = await serveNobody();
      const clock = standingClock();
      const outcomes: Outcome[] = [];
      probe(targetAt(server.port, { type }), clock, (outcome) => outcomes.push(outcome));
      clock.advance(patience * 1000 - 1);
      expect(outcomes).to.deep.equal([]);
      clock.advance(1);
      expect(outcomes).to.deep.equal([{ passed: false, reason: `no connection within ${patience} seconds` }]);
      expect(clock.pending).to.equal(0);
    });
  }

  for (const type of ["HTTP", "HTTPS"] as const) {
    it(`fails by ${type} when it is connected, but not answered within two seconds, however long connecting took`, async () => {
      let connections = 0;
      await using server = await serveTcp((socket) => {
        socket.on("data", () => {
          connections += 1;
          if (type === "HTTP") socket.write("HTTP/1.1 200");
        });
      });
      const clock = standingClock();
      const outcomes: Outcome[] = [];
      probe(targetAt(server.port, { type }), clock, (outcome) => outcomes.push(outcome));
      clock.advance(3_999);
      await until("it is connected", () => connections === 1);
      clock.advance(1_999);
      expect(outcomes).to.deep.equal([]);
      clock.advance(1);
      expect(outcomes).to.deep.equal([{ passed: false, reason: "no answer within 2 seconds after connecting" }]);
    });
  }

  for (const type of types) {
    it(`tells nothing by ${type} when it is given up, and leaves neither connection nor timer`, async () => {
      let [opened, closed] = [0, 0];
      await using server = await serveTcp((socket) => {
        opened += 1;
        socket.resume().on("close", () => {
          closed += 1;
        });
      });
      const clock = standingClock();
      const outcomes: Outcome[] = [];
      const giveUp = probe(targetAt(server.port, { type }), clock, (outcome) => outcomes.push(outcome));
      if (type !== "TCP") await until("it is connected", () => opened === 1);
      giveUp();
      await until("it is closed", () => closed === opened);
      clock.advance(60_000);
      expect([outcomes.length, clock.pending]).to.deep.equal(type === "TCP" ? [outcomes.length, 0] : [0, 0]);
    });
  }

  it("probes IPv6 addresses", async () => {
    await using server = await serveHttp(status(200), "::1");
    expect(await found(targetAt(server.port, { address: "::1", host: "[::1]" }))).to.deep.equal(pass);
    expect(server.requests[0]?.headers.host).to.equal(`[::1]:${server.port}`);
  });
});
