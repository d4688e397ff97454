/** Metrics: what Prometheus is answered, and who is. */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { mostServices } from "../../engine/census.ts";
import { call, makeNamespace, makeService, post, type Running, register, start } from "./running.ts";

async function scrape(to: { url: string }, headers: Record<string, string> = {}) {
  const answer = await fetch(`${to.url}/metrics`, { headers });
  return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
}

/** The value of a sample, by its name and labels as they are written. */
async function sampled(to: { url: string }, sample: string): Promise<number | undefined> {
  const line = (await scrape(to)).text.split("\n").find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

const instances = (service: string, health: string) =>
  `cloudmap_instances{namespace="demo",service="${service}",health="${health}"}`;

describe("metrics", () => {
  it("count instances by service and health, at the moment of the scrape", async () => {
    await using engine = await start();
    const namespaceId = await makeNamespace(engine, "demo");
    const checked = await makeService(engine, namespaceId, "checked", { HealthCheckCustomConfig: {} });
    const plain = await makeService(engine, namespaceId, 'plain"\\'.replace(/\W/g, ""));
    for (const id of ["a", "b", "c"]) await register(engine, checked, id);
    await register(engine, plain, "a");
    await call(engine, "UpdateInstanceCustomHealthStatus", {
      ServiceId: checked,
      InstanceId: "a",
      Status: "UNHEALTHY",
    });
    const counted = async () => [
      await sampled(engine, instances("checked", "HEALTHY")),
      await sampled(engine, instances("checked", "UNHEALTHY")),
      await sampled(engine, instances("plain", "UNKNOWN")),
    ];
    expect(await counted()).to.deep.equal([3, 0, 1]);
    engine.clock.now += 30_000;
    expect(await counted()).to.deep.equal([2, 1, 1]);
    await call(engine, "DeregisterInstance", { ServiceId: checked, InstanceId: "a" });
    expect(await counted()).to.deep.equal([2, 0, 1]);
    expect([await sampled(engine, "cloudmap_namespaces"), await sampled(engine, "cloudmap_services")]).to.deep.equal([
      1, 2,
    ]);
    expect(await sampled(engine, "cloudmap_registrations_total")).to.equal(4);
    expect(await sampled(engine, "cloudmap_deregistrations_total")).to.equal(1);
  });

  it(`add up the services beyond the first ${mostServices}`, async () => {
    await using engine = await start();
    const NamespaceId = await makeNamespace(engine, "demo");
    const make = (at: number) => makeService(engine, NamespaceId, `s${at}`);
    const ids = await Promise.all(Array.from({ length: mostServices + 3 }, (_, at) => make(at)));
    await Promise.all(ids.map((id) => register(engine, id, "i")));
    const { text } = await scrape(engine);
    expect(text.split("\n").filter((line) => line.startsWith("cloudmap_instances{namespace="))).to.have.lengthOf(
      mostServices,
    );
    expect(await sampled(engine, 'cloudmap_instances{health="UNKNOWN"}')).to.equal(3);
  });

  it("count requests by operation and result, how long they took, and what the store did", async () => {
    await using engine = await start();
    const namespaceId = await makeNamespace(engine, "demo");
    await makeService(engine, namespaceId, "web");
    for (let round = 0; round < 3; round += 1) {
      await call(engine, "DiscoverInstances", { NamespaceName: "demo", ServiceName: "web" });
    }
    await post(engine, "DiscoverInstances", '{"NamespaceName":"demo","ServiceName":"none"}');
    for (const name of ["Nope", "constructor", 'x"} 1\n']) await post(engine, encodeURI(name), "{}");
    const requests = (operation: string, result: string) =>
      sampled(engine, `cloudmap_requests_total{operation="${operation}",result="${result}"}`);
    expect(await requests("DiscoverInstances", "OK")).to.equal(3);
    expect(await requests("DiscoverInstances", "ServiceNotFound")).to.equal(1);
    expect(await requests("Unknown", "UnknownOperationException")).to.equal(3);
    const durations = "cloudmap_request_duration_seconds";
    expect(await sampled(engine, `${durations}_count{operation="DiscoverInstances"}`)).to.equal(4);
    expect(await sampled(engine, `${durations}_bucket{operation="DiscoverInstances",le="+Inf"}`)).to.equal(4);
    expect(await sampled(engine, `${durations}_sum{operation="CreateService"}`)).to.be.within(1e-6, 10);
    const commits = await sampled(engine, 'cloudmap_store_commits_total{outcome="committed"}');
    expect(commits).to.be.at.least(2);
    expect(await sampled(engine, "cloudmap_store_commit_duration_seconds_count")).to.equal(commits);
    expect(await sampled(engine, "process_resident_memory_bytes")).to.be.above(1e6);
    expect(await sampled(engine, "nodejs_eventloop_lag_p99_seconds")).to.be.at.least(0);
  });

  it("have each series once, with numbers, in the format that their content type names", async () => {
    await using engine = await start();
    await makeNamespace(engine, "demo");
    const [{ status, type, text }, again] = await Promise.all([scrape(engine), scrape(engine)]);
    expect([status, type]).to.deep.equal([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(again.status).to.equal(200);
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const line of series) expect(line).to.match(/^[a-z_0-9]+(\{[^{}]*\})? (-?\d[\d.e+-]*|Nan|\+Inf)$/);
    const names = series.map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(names).to.deep.equal([...new Set(names)]);
  });

  it("tell of operations that are under way", async () => {
    await using engine = await start({ operationDelay: 60_000 });
    await call(engine, "CreateHttpNamespace", { Name: "slow" });
    expect(await sampled(engine, "cloudmap_operations_pending")).to.equal(1);
  });

  it("are no way around the guard against web pages", async () => {
    await using engine = await start();
    const asOther = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { hostname, port } = new URL(engine.url);
        request({ hostname, port, path: "/metrics", headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on("error", reject)
          .end();
      });
    expect(await asOther({ host: "evil.test" })).to.equal(421);
    expect(await asOther({ origin: "http://evil.test" })).to.equal(403);
  });

  describe("of an engine with keys", () => {
    const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "a secret of sixteen and more/+=" };
    const token = createHmac("sha256", key.secretAccessKey).update("cloudmap:GetMetrics").digest("hex");
    let folder: string;
    let engine: Running;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "cloudmap-metrics-"));
      writeFileSync(join(folder, "keys.json"), JSON.stringify({ keys: [key] }), { mode: 0o600 });
      engine = await start({ auth: join(folder, "keys.json") });
    });
    after(async () => {
      await engine[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

    it("are answered to who has the token of a key, as a bearer or as a password", async () => {
      for (const authorization of [`Bearer ${key.accessKeyId}.${token}`, basic(key.accessKeyId, token)]) {
        expect((await scrape(engine, { authorization })).status, authorization).to.equal(200);
      }
    });

    it("are refused to everybody else, and the secret itself is no token", async () => {
      for (const authorization of [
        undefined,
        "Bearer",
        `Bearer ${token}`,
        `Bearer ${key.accessKeyId}.`,
        `Bearer ${key.accessKeyId}.${token.slice(1)}`,
        `Bearer AKIDEXAMPLE000000002.${token}`,
        `Bearer ${key.accessKeyId}.${key.secretAccessKey}`,
        basic(key.accessKeyId, key.secretAccessKey),
        basic("", ""),
        "AWS4-HMAC-SHA256 nonsense",
      ]) {
        const { status, text } = await scrape(engine, authorization === undefined ? {} : { authorization });
        expect(status, authorization).to.equal(401);
        expect(text)
          .to.match(/^{"__type":/)
          .and.not.include("cloudmap_");
      }
    });

    it("cannot be had by a token where the API is asked", async () => {
      const authorization = `Bearer ${key.accessKeyId}.${token}`;
      expect((await post(engine, "ListNamespaces", "{}", { authorization })).status).to.equal(400);
    });
  });
});

describe("an engine that throttles", () => {
  it("refuses before it reads the request, says when to come again, and counts it", async () => {
    await using engine = await start({ throttle: "aws" });
    for (let at = 0; at < 5; at += 1) await call(engine, "ListNamespaces", {});
    const { status, headers, text } = await post(engine, "ListNamespaces", "this is no JSON");
    expect([status, JSON.parse(text)]).to.deep.equal([
      400,
      { __type: "ThrottlingException", Message: "Rate exceeded" },
    ]);
    expect(headers.get("x-amz-retry-after")).to.equal("2000");
    expect(headers.get("retry-after")).to.equal("2");
    expect(await sampled(engine, 'cloudmap_throttled_requests_total{operation="ListNamespaces"}')).to.equal(1);
    engine.clock.now += 2_000;
    await call(engine, "ListNamespaces", {});
  });
});
