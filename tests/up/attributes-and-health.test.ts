// Attributes of services, declared health, and what exists already and is taken over: by a program, from up to destroy.
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { call, makeService, register } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { instance, publicNamespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const attributes = { zone: "a" };
const declared = { customHealthStatus: "HEALTHY", waitUntilHealthy: true };
const spec = (more: object = {}, adopt = true): Spec => ({
  resources: [
    publicNamespace("shop", { name: "shop.example.com", adopt }),
    service("web", "shop", {
      type: "HTTP",
      attributes: { tier: "front", owner: "us" },
      healthCheckCustomConfig: {},
      adopt,
      ...more,
    }),
    { kind: "Instance", name: "web-1", args: { serviceId: "=web", attributes, ...declared, adopt } },
    instance("free", "web", attributes),
  ],
  outputs: { tier: "=web.attributes", health: "=web-1.customHealthStatus" },
});

for (const deployer of deployers) {
  describe(`Attributes, health and taking over, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let stage: Stage;
    let serviceId: string;
    const attributesNow = async () =>
      (await call(stage.running, "GetServiceAttributes", { ServiceId: serviceId })).ServiceAttributes?.Attributes;
    const report = (InstanceId: string, Status: "HEALTHY" | "UNHEALTHY") =>
      call(stage.running, "UpdateInstanceCustomHealthStatus", { ServiceId: serviceId, InstanceId, Status });

    before(async () => {
      stage = await openStage(deployer, { healthWindow: 0 });
      const { running } = stage;
      const token = { CreatorRequestId: randomUUID() };
      const { OperationId = "" } = await call(running, "CreatePublicDnsNamespace", {
        Name: "shop.example.com",
        ...token,
      });
      const { Operation } = await call(running, "GetOperation", { OperationId });
      const namespace = Operation?.Targets?.NAMESPACE ?? "";
      serviceId = await makeService(running, namespace, "web", { ...token, HealthCheckCustomConfig: {}, Type: "HTTP" });
      await register(running, serviceId, "web-1", { zone: "z" });
      await call(running, "UpdateServiceAttributes", { ServiceId: serviceId, Attributes: { owner: "them", old: "1" } });
    });
    after(() => stage[Symbol.asyncDispose]());

    it("takes over what exists, says so, and makes it as the program wants it", async () => {
      const { summary, output } = await stage.stack.up(spec());
      expect(summary).to.deep.equal(["create free", "create shop", "create web", "create web-1"]);
      expect((await stage.stack.resource("web")).id).to.equal(serviceId);
      expect(output.match(/is taken over: its adopt is true/g)).to.have.length(3);
      expect(await attributesNow()).to.deep.equal({ tier: "front", owner: "us" });
      const { Instance } = await call(stage.running, "GetInstance", { ServiceId: serviceId, InstanceId: "web-1" });
      expect(Instance?.Attributes).to.deep.equal(attributes);
      expect(await stage.stack.outputs()).to.deep.equal({ tier: { tier: "front", owner: "us" }, health: "HEALTHY" });
      expect((await stage.stack.preview(spec({}, false))).summary).to.deep.equal([]);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });

    it("reports what others changed where it is declared, and repairs it", async () => {
      await call(stage.running, "UpdateServiceAttributes", {
        ServiceId: serviceId,
        Attributes: { tier: "back", more: "1" },
      });
      await report("web-1", "UNHEALTHY");
      await report("free", "UNHEALTHY");
      const drift = ["update web attributes.more attributes.tier", "update web-1 customHealthStatus"];
      expect((await stage.stack.refresh()).summary).to.deep.equal(drift);
      expect((await stage.stack.up(spec())).summary).to.deep.equal(drift);
      expect(await attributesNow()).to.deep.equal({ tier: "front", owner: "us" });
      const { Status } = await call(stage.running, "GetInstancesHealthStatus", { ServiceId: serviceId });
      expect(Status).to.deep.equal({ "web-1": "HEALTHY", free: "UNHEALTHY" });
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });

    it("shows an edit of them as exactly that, makes it in place, and destroys all", async () => {
      const later = spec({ attributes: { tier: "front", owner: "others" } });
      expect((await stage.stack.preview(later)).summary).to.deep.equal(["update web attributes.owner"]);
      expect((await stage.stack.up()).summary).to.deep.equal(["update web attributes.owner"]);
      expect(await attributesNow()).to.deep.equal({ tier: "front", owner: "others" });
      await stage.stack.destroy();
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}
