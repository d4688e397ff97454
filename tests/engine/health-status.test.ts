/** GetInstancesHealthStatus and DiscoverInstancesRevision: what pollers ask. */
import { expect } from "chai";
import { call, makeNamespace, makeService, type Running, refusal, register, start } from "./running.ts";

describe("GetInstancesHealthStatus", () => {
  let engine: Running;
  let namespaceId: string;
  before(async () => {
    engine = await start();
    namespaceId = await makeNamespace(engine, "demo");
  });
  after(() => engine[Symbol.asyncDispose]());

  const status = async (ServiceId: string, Instances?: readonly string[]) =>
    (await call(engine, "GetInstancesHealthStatus", { ServiceId, ...(Instances && { Instances }) })).Status;

  it("agrees with discovery at every moment of the window", async () => {
    const ServiceId = await makeService(engine, namespaceId, "custom", { HealthCheckCustomConfig: {} });
    for (const id of ["a", "b"]) await register(engine, ServiceId, id);
    await call(engine, "UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId: "a", Status: "UNHEALTHY" });
    for (const [wait, a] of [
      [0, "HEALTHY"],
      [29_999, "HEALTHY"],
      [1, "UNHEALTHY"],
    ] as const) {
      engine.clock.now += wait;
      expect(await status(ServiceId)).to.deep.equal({ a, b: "HEALTHY" });
      const names = { NamespaceName: "demo", ServiceName: "custom", HealthStatus: "ALL" } as const;
      const { Instances = [] } = await call(engine, "DiscoverInstances", names);
      const found = Object.fromEntries(Instances.map(({ InstanceId, HealthStatus }) => [InstanceId, HealthStatus]));
      expect(found).to.deep.equal({ a, b: "HEALTHY" });
    }
  });

  it("is UNKNOWN for a service without a health check", async () => {
    const id = await makeService(engine, namespaceId, "none");
    await register(engine, id, "a");
    expect(await status(id)).to.deep.equal({ a: "UNKNOWN" });
  });

  it("answers those that are named, each once, and refuses one that is not there", async () => {
    const ServiceId = await makeService(engine, namespaceId, "named");
    for (const id of ["a", "b", "c"]) await register(engine, ServiceId, id);
    expect(await status(ServiceId, ["c", "a", "c"])).to.deep.equal({ a: "UNKNOWN", c: "UNKNOWN" });
    const refused = await refusal(engine, "GetInstancesHealthStatus", { ServiceId, Instances: ["a", "none"] });
    expect(refused.__type).to.equal("InstanceNotFound");
  });

  it("goes page by page through all, and through those that are named", async () => {
    const ServiceId = await makeService(engine, namespaceId, "paged");
    const ids = Array.from({ length: 7 }, (_, at) => `i-${at}`);
    for (const id of ids) await register(engine, ServiceId, id);
    for (const Instances of [undefined, ids.slice(2)]) {
      const found: string[] = [];
      const sizes: number[] = [];
      let NextToken: string | undefined;
      do {
        const page = await call(engine, "GetInstancesHealthStatus", {
          ServiceId,
          MaxResults: 3,
          ...(Instances && { Instances }),
          ...(NextToken !== undefined && { NextToken }),
        });
        const keys = Object.keys(page.Status ?? {});
        found.push(...keys);
        sizes.push(keys.length);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      expect(found).to.deep.equal(Instances ?? ids);
      expect(sizes).to.deep.equal(Instances === undefined ? [3, 3, 1] : [3, 2]);
    }
  });
});

describe("DiscoverInstancesRevision", () => {
  it("is the revision that DiscoverInstances answers", async () => {
    await using engine = await start();
    const names = { NamespaceName: "demo", ServiceName: "api" };
    const id = await makeService(engine, await makeNamespace(engine, "demo"), "api");
    for (const instance of ["a", "b"]) {
      await register(engine, id, instance);
      const { InstancesRevision } = await call(engine, "DiscoverInstances", names);
      expect(await call(engine, "DiscoverInstancesRevision", names)).to.deep.equal({ InstancesRevision });
    }
    const refused = await refusal(engine, "DiscoverInstancesRevision", { ...names, ServiceName: "none" });
    expect(refused.__type).to.equal("ServiceNotFound");
  });
});
