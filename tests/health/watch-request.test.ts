// The request of a watch: what it is asked, by whom, and whom it wakes, over HTTP on a whole engine.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "chai";
import { Sha256 } from "../../provider/sha256.ts";
import { call, makeNamespace, makeService, namespaceOf, type Running, register, start } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { type StandingClock, standingClock } from "./clock.ts";
import { ask, watch } from "./watching.ts";

describe("the request of a watch", () => {
  let clock: StandingClock;
  let engine: Running;
  let namespace: string;
  beforeEach(async () => {
    clock = standingClock();
    engine = await start({ now: clock.now, after: clock.after });
    namespace = await makeNamespace(engine, "n");
    await makeService(engine, namespace, "s", { HealthCheckCustomConfig: {} });
  });
  afterEach(() => engine[Symbol.asyncDispose]());

  const waiting = (count: number) => until(`${count} watch`, () => engine.engine.watches() === count);

  it("wakes those of one service only, of a thousand", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const ids = await Promise.all(names.map((name) => makeService(engine, namespace, name)));
    const { Counter: from } = await watch(engine, { service: "s9" });
    const answers = Array.from({ length: 1_000 }, (_, index) =>
      watch(engine, { service: `s${index % 10}`, after: from, wait: "10m" }),
    );
    await waiting(1_000);
    await register(engine, ids[3] ?? "", "i");
    await waiting(900);
    const told = await Promise.all(answers.filter((_, index) => index % 10 === 3));
    expect(told.every(({ Counter, Changed }) => Changed && Counter > from)).to.equal(true);
    expect(engine.engine.watches()).to.equal(900);
    clock.advance(600_000);
    const others = await Promise.all(answers);
    expect(others.filter(({ Changed }) => Changed)).to.have.length(100);
  });

  it("says what is wrong with what it is asked", async () => {
    const wrong: [query: string, says: string][] = [
      ["service=s", 'The parameter "namespace" is required'],
      ["namespace=n", 'The parameter "service" is required'],
      ["namespace=n&service=", 'The parameter "service" is required'],
      ["namespace=n&service=s&after=-1", 'The parameter "after" must be a counter'],
      ["namespace=n&service=s&after=x", 'The parameter "after" must be a counter'],
      ["namespace=n&service=s&wait=5", 'The parameter "wait" must be a time such as 30s'],
      ["namespace=n&service=s&wait=-5s", 'The parameter "wait" must be a time such as 30s'],
      ["namespace=n&service=s&afer=5", 'The parameter "afer" is not known'],
      ["namespace=n&service=s&service=t", 'The parameter "service" is given twice'],
    ];
    for (const [query, says] of wrong) {
      const { status: code, body } = await ask(engine, query);
      expect([code, body.__type], query).to.deep.equal([400, "InvalidInput"]);
      expect(body.Message).to.include(says);
    }
    expect((await ask(engine, "namespace=n&service=s", { origin: "http://evil.example" })).status).to.equal(403);
  });

  it("finds a service in a DNS namespace by its name in any case", async () => {
    const made = await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" });
    const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 60 }] };
    await makeService(engine, await namespaceOf(engine, made), "api", { DnsConfig });
    expect((await watch(engine, { namespace: "example.com", service: "API" })).Changed).to.equal(true);
  });

  it("is answered when instances are probed no longer, and their status is another", async () => {
    const made = await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" });
    const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 60 }] };
    const HealthCheckConfig = { Type: "TCP" as const };
    const Id = await makeService(engine, await namespaceOf(engine, made), "api", { DnsConfig, HealthCheckConfig });
    const named = { namespace: "example.com", service: "api" };
    const { Counter } = await watch(engine, named);
    await call(engine, "UpdateService", { Id, Service: { DnsConfig, HealthCheckConfig } });
    expect((await watch(engine, { ...named, after: Counter, wait: "0" })).Changed).to.equal(false);
    await call(engine, "UpdateService", { Id, Service: { DnsConfig } });
    expect((await watch(engine, { ...named, after: Counter, wait: "0" })).Changed).to.equal(true);
  });
});

describe("a watch where callers need a key", () => {
  const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "a secret of more than sixteen" };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-watch-"));
    writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys: [key] }), { mode: 0o600 });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is signed in its headers or in its query, or else refused", async () => {
    await using engine = await start({ auth: join(folder, "keys.json"), now: Date.now });
    const signer = new SignatureV4({
      ...{ credentials: key, region: "us-east-1", service: "servicediscovery", sha256: Sha256, applyChecksum: false },
    });
    const { hostname, port, host } = new URL(engine.url);
    const query = { namespace: "n", service: "s" };
    const request = { method: "GET", protocol: "http:", hostname, port: Number(port), path: "/watch", query };
    const unsigned = await ask(engine, "namespace=n&service=s");
    expect([unsigned.status, unsigned.body.__type]).to.deep.equal([400, "MissingAuthenticationToken"]);
    const signed = await signer.sign({ ...request, headers: { host } });
    const byHeader = await ask(engine, "namespace=n&service=s", signed.headers);
    expect(byHeader.body.__type).to.equal("NamespaceNotFound"); // who asks is known, and there is no such namespace
    const presigned = await signer.presign({ ...request, headers: { host } });
    const text = new URLSearchParams(presigned.query as Record<string, string>).toString();
    expect((await ask(engine, text)).body.__type).to.equal("NamespaceNotFound");
    const other = text.replace("service=s", "service=t");
    expect((await ask(engine, other)).body.__type).to.equal("SignatureDoesNotMatch");
  });
});
