// Probes in a whole engine: what they change, and what becomes of them as instances and services change.
import type { ServerResponse } from "node:http";
import { expect } from "chai";
import { generate } from "selfsigned";
import { call, makeService, namespaceOf, register } from "../engine/running.ts";
import { turn } from "../engine/trial.ts";
import { until } from "../local/until.ts";
import { Probed } from "./probed.ts";
import { type Asked, closedPort, serveHttp, serveHttps, serveTcp } from "./targets.ts";

describe("a probed instance", () => {
  let probed: Probed;
  let target: Asked;
  let status: number;
  beforeEach(async () => {
    probed = await Probed.start();
    status = 200;
    target = await serveHttp((_request, response) => response.writeHead(status).end());
  });
  afterEach(async () => {
    await probed[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });
  const revision = async (): Promise<number> =>
    JSON.parse(await (await fetch(`${probed.engine.url}/healthz`)).text()).revision;

  for (const FailureThreshold of [1, 2, 3]) {
    it(`turns UNHEALTHY after ${FailureThreshold} failed probes and HEALTHY after as many passed ones, not earlier`, async () => {
      const service = await probed.service({ Type: "HTTP", FailureThreshold });
      await probed.register(service, target.port);
      expect(await probed.status(service)).to.equal("HEALTHY");
      for (const [now, before, after] of [
        [503, "HEALTHY", "UNHEALTHY"],
        [200, "UNHEALTHY", "HEALTHY"],
      ] as const) {
        status = now;
        for (let probe = 1; probe < FailureThreshold; probe += 1) {
          await probed.probes();
          expect(await probed.status(service)).to.equal(before);
        }
        await probed.probes();
        expect(await probed.status(service)).to.equal(after);
      }
    });
  }

  it("is HEALTHY until there is something else to say, and costs no write as long as nothing changes", async () => {
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port);
    await probed.flush();
    const before = await revision();
    await probed.probes(5);
    expect(await revision()).to.equal(before + 1); // of the flush itself
    status = 500;
    await probed.probes(5);
    expect(await revision()).to.equal(before + 3); // one for UNHEALTHY
    expect(target.requests.length).to.equal(10);
  });

  it("says in the log what was found, and why", async () => {
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port);
    status = 418;
    await probed.probes();
    const line = probed.engine.logged.find((each) => each.includes("is UNHEALTHY"));
    expect(line).to.include(`info instance i of service ${service} is UNHEALTHY`);
    expect(line).to.include('"reason":"the status code is 418"');
    expect(line).to.include(`"port":${target.port}`);
  });

  it("does not move InstancesRevision", async () => {
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port);
    const asked = { NamespaceName: "n", ServiceName: "s" };
    const { InstancesRevision } = await call(probed.engine, "DiscoverInstancesRevision", asked);
    status = 500;
    await probed.probes();
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    expect(await call(probed.engine, "DiscoverInstancesRevision", asked)).to.deep.equal({ InstancesRevision });
  });

  it("has a new check, and is HEALTHY, when it is registered again", async () => {
    const service = await probed.service({ Type: "HTTP", FailureThreshold: 2 });
    await probed.register(service, target.port);
    status = 500;
    await probed.probes(2);
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    await probed.register(service, target.port, { v: "2" });
    expect(await probed.status(service)).to.equal("HEALTHY");
    await probed.probes();
    expect(await probed.status(service)).to.equal("HEALTHY");
    await probed.probes();
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    expect(probed.counts.checks).to.equal(1);
  });

  it("is not judged by a probe of what it was before", async () => {
    const held: ServerResponse[] = [];
    await using slow = await serveHttp((_request, response) => held.push(response));
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, slow.port);
    await probed.begun();
    await until("it is asked", () => held.length === 1);
    await probed.register(service, target.port);
    for (const response of held) response.writeHead(500).end();
    await probed.probes();
    expect(await probed.status(service)).to.equal("HEALTHY");
    expect(probed.counts).to.include({ passed: 1, failed: 0, checks: 1 });
  });

  it("is probed no more when it is deregistered, and leaves no status behind", async () => {
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port);
    status = 500;
    await probed.probes();
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    await call(probed.engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" });
    expect(probed.counts).to.include({ checks: 0, inFlight: 0 });
    const asked = target.requests.length;
    probed.clock.advance(60_000);
    await probed.flush();
    expect(target.requests.length).to.equal(asked);
    await probed.register(service, target.port);
    expect(await probed.status(service)).to.equal("HEALTHY");
  });

  it("keeps its last status over a restart until there is something else to say", async () => {
    const service = await probed.service({ Type: "HTTP", FailureThreshold: 2 });
    await probed.register(service, target.port);
    status = 500;
    await probed.probes(2);
    await probed.engine.restart();
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    status = 200;
    await probed.probes();
    expect(await probed.status(service)).to.equal("UNHEALTHY");
    await probed.probes();
    expect(await probed.status(service)).to.equal("HEALTHY");
    await probed.engine.restart();
    expect(await probed.status(service)).to.equal("HEALTHY");
  });

  it("is probed over HTTPS and by TCP as well", async () => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "n" }]);
    await using secure = await serveHttps({ key, cert }, (_request, response) => response.end());
    await using tcp = await serveTcp(() => {});
    const https = await probed.service({ Type: "HTTPS" });
    await probed.register(https, secure.port);
    await probed.probes();
    expect(probed.counts).to.include({ passed: 1, failed: 0 });
    await probed.register(https, target.port); // speaks no TLS
    await probed.probes();
    expect(await probed.status(https)).to.equal("UNHEALTHY");
    await call(probed.engine, "DeregisterInstance", { ServiceId: https, InstanceId: "i" });
    const connected = await makeService(probed.engine, probed.namespace, "t", { HealthCheckConfig: { Type: "TCP" } });
    await probed.register(connected, tcp.port);
    await probed.probes();
    expect(probed.counts).to.include({ passed: 2, failed: 1 });
    await probed.register(connected, await closedPort());
    await probed.probes();
    const { Status } = await call(probed.engine, "GetInstancesHealthStatus", { ServiceId: connected });
    expect(Status).to.deep.equal({ i: "UNHEALTHY" });
  });

  it("is probed at its IPv4 address where it has both, and at its IPv6 address where it has no other", async () => {
    await using six = await serveHttp((_request, response) => response.end(), "::1");
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, target.port, { AWS_INSTANCE_IPV6: "::1" });
    await probed.probes();
    expect([target.requests.length, six.requests.length]).to.deep.equal([1, 0]);
    const attributes = { AWS_INSTANCE_IPV6: "::1", AWS_INSTANCE_PORT: String(six.port) };
    await register(probed.engine, service, "i", attributes);
    await probed.probes();
    expect([target.requests.length, six.requests.length]).to.deep.equal([1, 1]);
    expect(await probed.status(service)).to.equal("HEALTHY");
  });

  it("leaves nothing under way, and no timer, when the engine stops", async () => {
    await using slow = await serveHttp(() => {});
    const service = await probed.service({ Type: "HTTP" });
    await probed.register(service, slow.port);
    await probed.begun();
    await probed.engine.engine.stop();
    expect(probed.counts).to.include({ checks: 0, inFlight: 0 });
    expect(probed.clock.pending).to.equal(0);
  });

  describe("in a public DNS namespace", () => {
    let service: string;
    const update = async (more: object) => {
      const Service = { DnsConfig: { DnsRecords: [{ Type: "A" as const, TTL: 60 }] }, ...more };
      await call(probed.engine, "UpdateService", { Id: service, Service });
    };
    const state = async () => {
      const { Status = {} } = await call(probed.engine, "GetInstancesHealthStatus", { ServiceId: service });
      return Status.i;
    };
    beforeEach(async () => {
      const made = await call(probed.engine, "CreatePublicDnsNamespace", { Name: "example.com" });
      service = await makeService(probed.engine, await namespaceOf(probed.engine, made), "api", {
        DnsConfig: { RoutingPolicy: "WEIGHTED", DnsRecords: [{ Type: "A", TTL: 60 }] },
        HealthCheckConfig: { Type: "HTTP", ResourcePath: "old path", FailureThreshold: 2 },
      });
    });

    it("is asked for the path, as the host by which it is called", async () => {
      await probed.register(service, target.port);
      await probed.probes();
      const [request] = target.requests;
      expect([request?.url, request?.headers.host]).to.deep.equal(["/old%20path", `api.example.com:${target.port}`]);
    });

    it("is probed as an update says, keeping its status", async () => {
      await probed.register(service, target.port);
      status = 500;
      await probed.probes(2);
      await update({ HealthCheckConfig: { Type: "HTTP", ResourcePath: "/new", FailureThreshold: 1 } });
      expect(await state()).to.equal("UNHEALTHY");
      status = 200;
      await probed.probes();
      expect(await state()).to.equal("HEALTHY");
      expect(target.requests.map(({ url }) => url)).to.deep.equal(["/old%20path", "/old%20path", "/new"]);
    });

    it("goes on as it was when an update changes something else", async () => {
      await probed.register(service, target.port);
      status = 500;
      await probed.probes();
      const HealthCheckConfig = { Type: "HTTP", ResourcePath: "old path", FailureThreshold: 2 };
      await update({ Description: "new", HealthCheckConfig });
      await probed.probes();
      expect(await state()).to.equal("UNHEALTHY");
    });

    it("is UNKNOWN when its check is taken away, and HEALTHY when there is one again", async () => {
      await probed.register(service, target.port);
      status = 500;
      await probed.probes(2);
      expect(await state()).to.equal("UNHEALTHY");
      await update({});
      expect(await state()).to.equal("UNKNOWN");
      expect(probed.counts.checks).to.equal(0);
      await update({ HealthCheckConfig: { Type: "HTTP", ResourcePath: "/", FailureThreshold: 2 } });
      expect(await state()).to.equal("HEALTHY");
      expect(probed.counts.checks).to.equal(1);
    });

    it("counts as HEALTHY and is not probed as an alias, or where it had no address when the check came", async () => {
      await update({});
      await register(probed.engine, service, "i", { AWS_INSTANCE_IPV4: "127.0.0.1" });
      await register(probed.engine, service, "alias", { AWS_ALIAS_DNS_NAME: "lb.example.net" });
      await update({ HealthCheckConfig: { Type: "HTTP", FailureThreshold: 1 } });
      probed.clock.advance(60_000);
      const { Status } = await call(probed.engine, "GetInstancesHealthStatus", { ServiceId: service });
      expect(Status).to.deep.equal({ i: "HEALTHY", alias: "HEALTHY" });
      expect(probed.counts).to.include({ checks: 0, failed: 0 });
    });
  });

  describe("where probes may not go", () => {
    it("keeps its status, and the log says so once", async () => {
      const service = await probed.service({ Type: "HTTP" });
      await probed.register(service, Number(new URL(probed.engine.url).port));
      await register(probed.engine, service, "metadata", {
        AWS_INSTANCE_IPV4: "169.254.169.254",
        AWS_INSTANCE_PORT: "80",
      });
      for (let round = 0; round < 5; round += 1) {
        probed.clock.advance(11_000);
        await turn();
      }
      expect(await probed.status(service)).to.equal("HEALTHY");
      expect(await probed.status(service, "metadata")).to.equal("HEALTHY");
      expect(probed.counts).to.include({ checks: 2, refused: 2, passed: 0, failed: 0, inFlight: 0 });
      const said = probed.engine.logged.filter((line) => line.includes("is not probed"));
      expect(said).to.have.length(2);
      expect(said.join()).to.include("it is this engine itself");
      expect(said.join()).to.include("link-local");
      expect(said.join()).to.include("--probe-allow");
    });

    it("is probed all the same where the operator allows it", async () => {
      await probed.engine.restart({ probeAllow: ["127.0.0.1/32"] });
      const service = await probed.service({ Type: "HTTP", ResourcePath: "/healthz" });
      await probed.register(service, Number(new URL(probed.engine.url).port));
      await probed.probes();
      expect(probed.counts).to.include({ refused: 0, passed: 1 });
    });
  });
});
