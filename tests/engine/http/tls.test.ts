// HTTPS: requests over TLS, certificates that change under way, and files that are wrong.
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { expect } from "chai";
import { until } from "../../local/until.ts";
import { type Running, start } from "../running.ts";
import { makePair, type Pair, writePair } from "./certificates.ts";

const head = "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Route53AutoNaming_v20170314";
const list = (more = "", body = "{}") => `${head}.ListNamespaces\r\nHost: localhost\r\n${more}\r\n${body}`;

describe("HTTPS", () => {
  let folder: string;
  let first: Pair;
  let second: Pair;
  let engine: Running;
  before(async () => {
    [first, second] = await Promise.all([makePair({ names: ["cloudmap.example", "*.cloudmap.example"] }), makePair()]);
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-tls-"));
    engine = await start({ tls: writePair(folder, first) });
  });
  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const port = () => Number(new URL(engine.url).port);
  const open = async (options: object = {}): Promise<TLSSocket> => {
    const socket = connect({
      host: "127.0.0.1",
      port: port(),
      ca: [first.cert, second.cert],
      servername: "localhost",
      ...options,
    });
    await once(socket, "secureConnect");
    return socket;
  };
  /** The certificate that is served to new connections. */
  const served = async (): Promise<string> => {
    const socket = await open();
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return raw.toString("base64");
  };
  const isOf = (raw: string, { cert }: Pair) => cert.replace(/\s/g, "").includes(raw.replace(/\s/g, ""));
  /** The first answer to a text that is sent in one piece. */
  const answer = async (text: string): Promise<string> => {
    const socket = await open();
    socket.write(text);
    const [chunk] = await once(socket, "data");
    socket.destroy();
    return chunk.toString();
  };

  it("is what the engine says of itself, and answers plain requests and odd ones, on one connection", async () => {
    expect(engine.url).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
    const socket = await open();
    const sent = [
      list("Content-Length: 2\r\n"),
      list("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
      list("Content-Length: 2\r\n"),
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];
    for (const text of sent) {
      socket.write(text);
      const [chunk] = await once(socket, "data");
      expect(chunk.toString()).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    }
    socket.destroy();
  });

  it("answers a body that comes byte by byte", async () => {
    const socket = await open();
    for (const character of list("Content-Length: 2\r\n")) socket.write(character);
    expect(String(await once(socket, "data"))).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
  });

  it("serves the names of its certificate, and no other", async () => {
    const named = async (host: string) => {
      const text = await answer(list("Content-Length: 2\r\n").replace("Host: localhost", `Host: ${host}`));
      return Number(text.slice(9, 12));
    };
    const own = [
      "cloudmap.example",
      "a.cloudmap.example",
      "data-cloudmap.example",
      "CLOUDMAP.example:7700",
      "[2001:db8::1]",
    ];
    for (const host of own) expect(await named(host), host).to.equal(200);
    for (const host of ["example", "a.b.cloudmap.example", "other.example", "cloudmap.example.evil", "192.0.2.1"]) {
      expect(await named(host), host).to.equal(421);
    }
  });

  it("takes TLS 1.2 and 1.3, and nothing before", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await open({ minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).to.equal(version);
      socket.destroy();
    }
    const old = open({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    const error = await old.then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    expect(error).to.match(/protocol version/);
  });

  it("serves a new certificate when its files are replaced, and open connections go on", async () => {
    const before = await open();
    const other = join(folder, "next");
    mkdirSync(other);
    const next = writePair(other, second);
    renameSync(next.cert, join(folder, "tls.crt"));
    renameSync(next.key, join(folder, "tls.key"));
    await until("the second certificate is served", async () => isOf(await served(), second));
    before.write(list("Content-Length: 2\r\n"));
    expect(String(await once(before, "data"))).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    before.destroy();
    expect(engine.logged).to.have.length(1);
    expect(engine.logged[0]).to.include("the certificate was read again");
    expect(
      (await answer(list("Content-Length: 2\r\n").replace("localhost", "cloudmap.example"))).slice(9, 12),
    ).to.equal("421");
  });

  it("serves a new certificate when a link to their folder is swapped", async () => {
    for (const [name, pair] of [
      ["one", first],
      ["two", second],
    ] as const) {
      mkdirSync(join(folder, name));
      writePair(join(folder, name), pair);
    }
    symlinkSync("one", join(folder, "..data"));
    const at = (name: string) => {
      symlinkSync(join("..data", name), join(folder, `link.${name}`));
      return join(folder, `link.${name}`);
    };
    await engine.restart({ tls: { cert: at("tls.crt"), key: at("tls.key") } });
    expect(isOf(await served(), first)).to.equal(true);
    symlinkSync("two", join(folder, "..next"));
    renameSync(join(folder, "..next"), join(folder, "..data"));
    await until("the second certificate is served", async () => isOf(await served(), second));
  });

  it("keeps the old certificate when the new files are broken, says why, and takes the next good ones", async () => {
    writeFileSync(join(folder, "tls.crt"), second.cert);
    await until("it is logged", () => engine.logged.length === 1);
    expect(engine.logged[0]).to.match(
      /^error --tls-key \S+ is not the key of the certificate in --tls-cert \S+; the cert/,
    );
    expect(isOf(await served(), first)).to.equal(true);
    rmSync(join(folder, "tls.key"));
    await until("it is logged", () => engine.logged.length === 2);
    expect(engine.logged[1]).to.include("cannot be read: ENOENT");
    expect(isOf(await served(), first)).to.equal(true);
    writePair(folder, second);
    await until("the second certificate is served", async () => isOf(await served(), second));
  });

  it("refuses to start with files that are wrong, and says which and why", async () => {
    const wrong = join(folder, "wrong.pem");
    const empty = join(folder, "empty.pem");
    writeFileSync(wrong, second.key);
    writeFileSync(empty, "");
    const encrypted = join(folder, "encrypted.pem");
    writeFileSync(encrypted, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n");
    const [cert, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
    const none = join(folder, "none");
    const cases = [
      [none, key, `--tls-cert ${none} cannot be read: ENOENT`],
      [cert, none, `--tls-key ${none} cannot be read: ENOENT`],
      [folder, key, `--tls-cert ${folder} cannot be read: EISDIR`],
      [empty, key, `--tls-cert ${empty} has no certificate in it`],
      [key, key, `--tls-cert ${key} has no certificate in it`],
      [cert, cert, `--tls-key ${cert} has no private key in it`],
      [cert, encrypted, `--tls-key ${encrypted} is encrypted: give it without a passphrase`],
      [cert, wrong, `--tls-key ${wrong} is not the key of the certificate in --tls-cert ${cert}`],
    ] as const;
    for (const [one, other, message] of cases) {
      const started = start({ tls: { cert: one, key: other } });
      const reason = await started.then(
        () => "started",
        (error: Error) => error.message,
      );
      expect(reason).to.include(message);
      expect(reason).not.to.match(/[A-Za-z0-9+/]{40}/); // nothing of what is in the files
    }
  });

  it("warns of a certificate that is not valid now, and of a key that others can read", async () => {
    const year = 365 * 24 * 3600 * 1000;
    const past = { notBefore: new Date(Date.now() - 2 * year), notAfter: new Date(Date.now() - year) };
    const files = writePair(folder, await makePair(past));
    chmodSync(files.key, 0o644);
    await engine.restart({ tls: files });
    expect(engine.logged.join("\n")).to.match(/warn the certificate in \S+ is valid from .* clients refuse it/);
    expect(engine.logged.join("\n")).to.match(/warn others can read the key (\S+): chmod 600 \1/);
  });

  it("stops all the same while a client does not agree on TLS", async () => {
    const socket = connectTcp({ host: "127.0.0.1", port: port() });
    await once(socket, "connect");
    socket.write(Buffer.from("1603010200", "hex"));
    const started = performance.now();
    await engine.engine.stop();
    expect(performance.now() - started).to.be.below(5_000);
    socket.destroy();
  });

  it("survives those who speak something else", async () => {
    for (const text of [list("Content-Length: 2\r\n"), "\u0016\u0003\u0001", "\u0000".repeat(100_000)]) {
      const socket = connectTcp({ host: "127.0.0.1", port: port() });
      socket.on("error", () => {});
      socket.end(text);
      await new Promise((resolve) => socket.resume().once("close", resolve));
    }
    expect(isOf(await served(), first)).to.equal(true);
    expect(engine.logged).to.deep.equal([]);
  });

  it("is taken by Node's own client", async () => {
    const asked = httpsRequest(`${engine.url}/healthz`, { ca: first.cert });
    const [answered] = (await once(asked.end(), "response")) as [IncomingMessage];
    expect(answered.statusCode).to.equal(200);
    answered.resume();
  });
});
