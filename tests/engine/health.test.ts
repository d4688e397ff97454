// Custom health over HTTP, at a clock that the test moves.
import { expect } from "chai";
import { call, makeNamespace, makeService, type Running, refusal, register, start } from "./running.ts";

describe("custom health", () => {
  let engine: Running;
  let service: string;
  beforeEach(async () => {
    engine = await start();
    service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
  });
  afterEach(() => engine[Symbol.asyncDispose]());

  const report = (Status: "HEALTHY" | "UNHEALTHY", InstanceId = "i") =>
    call(engine, "UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId, Status });
  const status = async (InstanceId = "i") => {
    const asked = { NamespaceName: "n", ServiceName: "s", HealthStatus: "ALL" } as const;
    const { Instances = [] } = await call(engine, "DiscoverInstances", asked);
    return Instances.find((each) => each.InstanceId === InstanceId)?.HealthStatus;
  };
  const pass = (seconds: number) => {
    engine.clock.now += seconds * 1000;
  };

  it("is HEALTHY at first", async () => {
    await register(engine, service, "i");
    expect(await status()).to.equal("HEALTHY");
  });

  it("turns UNHEALTHY when 30 seconds have passed, not earlier", async () => {
    await register(engine, service, "i");
    expect(await report("UNHEALTHY")).to.equal(undefined);
    expect(await status()).to.equal("HEALTHY");
    pass(29.999);
    expect(await status()).to.equal("HEALTHY");
    pass(0.001);
    expect(await status()).to.equal("UNHEALTHY");
    pass(3600);
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("stays HEALTHY when HEALTHY arrives within the window, and a new window begins after that", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    pass(20);
    await report("HEALTHY");
    pass(15);
    expect(await status()).to.equal("HEALTHY");
    await report("UNHEALTHY");
    pass(29.999);
    expect(await status()).to.equal("HEALTHY");
    pass(0.001);
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("is neither hastened nor delayed by the same report again", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    for (let second = 0; second < 29; second += 1) {
      pass(1);
      await report("UNHEALTHY");
    }
    expect(await status()).to.equal("HEALTHY");
    pass(1);
    expect(await status()).to.equal("UNHEALTHY");
    await report("UNHEALTHY");
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("turns HEALTHY at once", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    pass(31);
    await report("HEALTHY");
    expect(await status()).to.equal("HEALTHY");
  });

  it("begins as AWS_INIT_HEALTH_STATUS says, without a window", async () => {
    await register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    await register(engine, service, "j", { AWS_INIT_HEALTH_STATUS: "HEALTHY" });
    expect([await status("i"), await status("j")]).to.deep.equal(["UNHEALTHY", "HEALTHY"]);
  });

  it("stays over another registration, unless that one has AWS_INIT_HEALTH_STATUS", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    pass(30);
    await register(engine, service, "i", { v: "2" });
    expect(await status()).to.equal("UNHEALTHY");
    await register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "HEALTHY" });
    expect(await status()).to.equal("HEALTHY");
    await register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("keeps its window over another registration and over restarts", async () => {
    await register(engine, service, "i");
    await report("UNHEALTHY");
    pass(10);
    await register(engine, service, "i", { v: "2" });
    await engine.restart();
    pass(19.999);
    expect(await status()).to.equal("HEALTHY");
    pass(0.001);
    expect(await status()).to.equal("UNHEALTHY");
    await engine.restart();
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("goes with the instance", async () => {
    await register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" });
    await register(engine, service, "i");
    expect(await status()).to.equal("HEALTHY");
  });

  it("goes with the instance also when it comes back in the same commit", async () => {
    await register(engine, service, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    const leaving = call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "i" });
    await Promise.all([leaving, register(engine, service, "i", { v: "2" })]);
    const { Instances = [] } = await call(engine, "ListInstances", { ServiceId: service });
    if (Instances.length > 0) expect(await status()).to.equal("HEALTHY");
    await engine.restart();
    if (Instances.length > 0) expect(await status()).to.equal("HEALTHY");
  });

  it("has a window as long as the operator says", async () => {
    await engine.restart({ healthWindow: 500 });
    await register(engine, service, "i");
    await report("UNHEALTHY");
    pass(0.499);
    expect(await status()).to.equal("HEALTHY");
    pass(0.001);
    expect(await status()).to.equal("UNHEALTHY");
  });

  it("does not move the revision", async () => {
    await register(engine, service, "i");
    const asked = { NamespaceName: "n", ServiceName: "s" };
    const before = (await call(engine, "DiscoverInstances", asked)).InstancesRevision;
    await report("UNHEALTHY");
    expect((await call(engine, "DiscoverInstances", asked)).InstancesRevision).to.equal(before);
  });

  it("refuses reports for what has none, or is not there", async () => {
    const refused = (ServiceId: string, InstanceId: string) =>
      refusal(engine, "UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId, Status: "HEALTHY" });
    expect(await refused(service, "none")).to.deep.equal({
      __type: "InstanceNotFound",
      Message: `No instance none is registered in the service ${service}.`,
    });
    expect((await refused("srv-none", "i")).__type).to.equal("ServiceNotFound");
    const namespace = await makeNamespace(engine, "others");
    const configs = [{}, { HealthCheckConfig: { Type: "HTTP" } as const }];
    for (const [index, config] of configs.entries()) {
      const other = await makeService(engine, namespace, `s-${index}`, config);
      await register(engine, other, "i", { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "80" });
      expect(await refused(other, "i")).to.deep.equal({
        __type: "CustomHealthNotFound",
        Message: `The service ${other} has no custom health check.`,
      });
    }
  });
});
