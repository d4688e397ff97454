// DiscoverInstances over HTTP: which instances are answered, in which order, and at which revision.
import { expect } from "chai";
import type { Input } from "../../api/operations.ts";
import { call, makeNamespace, makeService, type Running, refusal, register, start } from "./running.ts";

describe("DiscoverInstances", () => {
  let engine: Running;
  let namespace: string;
  before(async () => {
    engine = await start();
    namespace = await makeNamespace(engine, "n");
  });
  after(() => engine[Symbol.asyncDispose]());

  type Asked = Partial<Input<"DiscoverInstances">>;
  const discover = async (ServiceName: string, more: Asked = {}) =>
    call(engine, "DiscoverInstances", { NamespaceName: "n", ServiceName, ...more });
  const ids = async (service: string, more: Asked = {}) =>
    ((await discover(service, more)).Instances ?? []).map(({ InstanceId = "" }) => InstanceId).toSorted();

  it("answers an instance with its names, its status and its attributes", async () => {
    const id = await makeService(engine, namespace, "shape");
    await register(engine, id, "i", { zone: "a", AWS_INSTANCE_PORT: "80" });
    const { Instances } = await discover("shape");
    expect(Instances).to.deep.equal([
      {
        InstanceId: "i",
        NamespaceName: "n",
        ServiceName: "shape",
        HealthStatus: "UNKNOWN",
        Attributes: { zone: "a", AWS_INSTANCE_PORT: "80" },
      },
    ]);
  });

  it("says which of the two names is unknown", async () => {
    const asked = { NamespaceName: "nowhere", ServiceName: "s" };
    expect(await refusal(engine, "DiscoverInstances", asked)).to.deep.equal({
      __type: "NamespaceNotFound",
      Message: "No namespace named nowhere exists.",
    });
    expect(await refusal(engine, "DiscoverInstances", { ...asked, NamespaceName: "n" })).to.deep.equal({
      __type: "ServiceNotFound",
      Message: "No service named s in the namespace n exists.",
    });
    expect((await refusal(engine, "DiscoverInstances", { ...asked, NamespaceName: namespace })).__type).to.equal(
      "NamespaceNotFound",
    );
  });

  describe("health", () => {
    before(async () => {
      const id = await makeService(engine, namespace, "mixed", { HealthCheckCustomConfig: {} });
      for (const up of ["up-1", "up-2"]) await register(engine, id, up);
      await register(engine, id, "down", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
      const down = await makeService(engine, namespace, "down", { HealthCheckCustomConfig: {} });
      await register(engine, down, "down", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
      const unchecked = await makeService(engine, namespace, "unchecked");
      await register(engine, unchecked, "i", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    });

    const cases: [service: string, status: Asked["HealthStatus"], found: string[]][] = [
      ["mixed", undefined, ["up-1", "up-2"]],
      ["mixed", "HEALTHY", ["up-1", "up-2"]],
      ["mixed", "UNHEALTHY", ["down"]],
      ["mixed", "ALL", ["down", "up-1", "up-2"]],
      ["mixed", "HEALTHY_OR_ELSE_ALL", ["up-1", "up-2"]],
      ["down", undefined, []],
      ["down", "HEALTHY", []],
      ["down", "UNHEALTHY", ["down"]],
      ["down", "ALL", ["down"]],
      ["down", "HEALTHY_OR_ELSE_ALL", ["down"]],
      ["unchecked", undefined, ["i"]],
      ["unchecked", "HEALTHY", ["i"]],
      ["unchecked", "UNHEALTHY", ["i"]],
      ["unchecked", "ALL", ["i"]],
      ["unchecked", "HEALTHY_OR_ELSE_ALL", ["i"]],
    ];
    for (const [service, HealthStatus, found] of cases) {
      it(`answers ${found.length} of the service ${service} for ${HealthStatus ?? "no status"}`, async () => {
        expect(await ids(service, HealthStatus ? { HealthStatus } : {})).to.deep.equal(found);
      });
    }

    it("is UNKNOWN where there is no health check, whatever the instance begins with", async () => {
      expect((await discover("unchecked")).Instances?.[0]?.HealthStatus).to.equal("UNKNOWN");
    });
  });

  describe("parameters", () => {
    before(async () => {
      const id = await makeService(engine, namespace, "zones", { HealthCheckCustomConfig: {} });
      await register(engine, id, "a-1", { zone: "a", v: "1" });
      await register(engine, id, "a-2", { zone: "a", v: "2" });
      await register(engine, id, "b-1", { zone: "b", v: "1" });
      await register(engine, id, "b-down", { zone: "b", v: "3", AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    });

    const cases: [what: string, asked: Asked, found: string[]][] = [
      ["one that must be there", { QueryParameters: { zone: "a" } }, ["a-1", "a-2"]],
      ["all that must be there", { QueryParameters: { zone: "a", v: "1" } }, ["a-1"]],
      ["a value that none has", { QueryParameters: { zone: "c" } }, []],
      ["a key that none has", { QueryParameters: { none: "c" } }, []],
      ["no parameters", { QueryParameters: {}, OptionalParameters: {} }, ["a-1", "a-2", "b-1"]],
      ["one that should be there", { OptionalParameters: { zone: "b" } }, ["b-1"]],
      ["one that should be there and is not", { OptionalParameters: { zone: "c" } }, ["a-1", "a-2", "b-1"]],
      ["both kinds", { QueryParameters: { v: "1" }, OptionalParameters: { zone: "b" } }, ["b-1"]],
      ["both kinds, never together", { QueryParameters: { v: "2" }, OptionalParameters: { zone: "b" } }, ["a-2"]],
      [
        "an optional one that only an unhealthy instance has",
        { OptionalParameters: { v: "3" } },
        ["a-1", "a-2", "b-1"],
      ],
      ["a query that only an unhealthy instance meets", { QueryParameters: { v: "3" } }, []],
      ["the same, failing open", { QueryParameters: { v: "3" }, HealthStatus: "HEALTHY_OR_ELSE_ALL" }, ["b-down"]],
      ["a value that begins alike", { QueryParameters: { zone: "A" } }, []],
    ];
    for (const [what, asked, found] of cases) {
      it(`answers ${found.join(", ") || "none"} for ${what}`, async () => {
        expect(await ids("zones", asked)).to.deep.equal(found);
      });
    }
  });

  describe("number and order", () => {
    before(async () => {
      const id = await makeService(engine, namespace, "crowd");
      await Promise.all(
        Array.from({ length: 150 }, (_, index) => register(engine, id, `i-${index}`, { n: `${index % 2}` })),
      );
      const few = await makeService(engine, namespace, "few");
      for (const each of ["a", "b", "c"]) await register(engine, few, each);
    });

    it("is at most 100 unless MaxResults says otherwise", async () => {
      expect(await ids("crowd")).to.have.length(100);
      for (const MaxResults of [1, 7, 149, 150, 151, 1000]) {
        const found = await ids("crowd", { MaxResults });
        expect(new Set(found)).to.have.length(Math.min(150, MaxResults));
      }
    });

    it("applies MaxResults after the parameters", async () => {
      expect(await ids("crowd", { MaxResults: 80, QueryParameters: { n: "1" } })).to.have.length(75);
    });

    it("is another order each time: every order of three comes, and about as often", async () => {
      const seen = new Map<string, number>();
      for (let round = 0; round < 600; round += 1) {
        const { Instances = [] } = await discover("few");
        const order = Instances.map(({ InstanceId }) => InstanceId).join("");
        seen.set(order, (seen.get(order) ?? 0) + 1);
      }
      expect(seen).to.have.length(6);
      // Each order is expected 100 times with a standard deviation of 9.1: seven of those, p < 1e-11.
      for (const [order, count] of seen) expect(count, order).to.be.within(36, 164);
    });

    it("gives each instance the same chance under MaxResults", async () => {
      const seen = new Map<string, number>();
      for (let round = 0; round < 600; round += 1) {
        for (const id of await ids("few", { MaxResults: 1 })) seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      expect(seen).to.have.length(3);
      // Expected 200 times each, standard deviation 11.5.
      for (const [id, count] of seen) expect(count, id).to.be.within(120, 280);
    });
  });

  describe("the revision", () => {
    const revision = async (service: string) => (await discover(service)).InstancesRevision ?? 0;

    it("moves when an instance is registered, changed or deregistered, and at nothing else", async () => {
      const id = await makeService(engine, namespace, "revised", { HealthCheckCustomConfig: {} });
      const other = await makeService(engine, namespace, "unrelated");
      const [asked, seen] = [{ ServiceId: id, InstanceId: "i" }, [await revision("revised")]];
      const moves = async () => {
        seen.push(await revision("revised"));
        return (seen.at(-1) ?? 0) - (seen.at(-2) ?? 0);
      };
      await register(engine, id, "i");
      expect(await moves(), "registered").to.be.above(0);
      await register(engine, id, "i", { v: "2" });
      expect(await moves(), "changed").to.be.above(0);
      await register(engine, other, "i");
      await call(engine, "UpdateInstanceCustomHealthStatus", { ...asked, Status: "UNHEALTHY" });
      engine.clock.now += 60_000;
      const ResourceARN = (await call(engine, "GetService", { Id: id })).Service?.Arn ?? "";
      await call(engine, "TagResource", { ResourceARN, Tags: [{ Key: "k", Value: "v" }] });
      await refusal(engine, "DeregisterInstance", { ServiceId: id, InstanceId: "none" });
      await refusal(engine, "RegisterInstance", { ...asked, Attributes: { AWS_INSTANCE_PORT: "x" } });
      expect(await moves(), "anything else").to.equal(0);
      await call(engine, "DeregisterInstance", asked);
      expect(await moves(), "deregistered").to.be.above(0);
    });

    it("never falls: over restarts, over deregistration and over a service that is made again", async () => {
      const id = await makeService(engine, namespace, "lasting");
      let last = await revision("lasting");
      const check = async (what: string) => {
        const now = await revision("lasting");
        expect(now, what).to.be.at.least(last);
        last = now;
      };
      await register(engine, id, "a");
      await register(engine, id, "b");
      await check("registered");
      await engine.restart();
      await check("restarted");
      await call(engine, "DeregisterInstance", { ServiceId: id, InstanceId: "b" });
      await check("deregistered one");
      await engine.restart();
      await check("restarted after it");
      await call(engine, "DeregisterInstance", { ServiceId: id, InstanceId: "a" });
      await engine.restart();
      await check("restarted with none");
      await call(engine, "DeleteService", { Id: id });
      await engine.restart();
      await makeService(engine, namespace, "lasting");
      await check("made again");
      await engine.restart();
      await check("restarted once more");
    });
  });
});
