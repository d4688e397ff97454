// What others change in the registry: a refresh reports exactly that, and the next up repairs it.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const spec: Spec = {
  resources: [
    namespace("shop", { description: "as declared", tags: { team: "web" } }),
    service("web", "shop", { tags: { tier: "front" } }),
    instance("changed", "web", { zone: "a", version: "1" }),
    instance("deregistered", "web", { zone: "b" }),
    instance("untouched", "web", { zone: "c" }),
    service("deleted-service", "shop"),
    instance("in-deleted-service", "deleted-service", { zone: "d" }),
    namespace("deleted"),
    service("in-deleted", "deleted"),
    instance("deep-in-deleted", "in-deleted", { zone: "e" }),
  ],
};

const reported = [
  "delete deep-in-deleted",
  "delete deleted",
  "delete deleted-service",
  "delete deregistered",
  "delete in-deleted",
  "delete in-deleted-service",
  "update changed attributes.AWS_INSTANCE_IPV4 attributes.version attributes.zone",
  "update shop description",
  "update web tags.tier tagsAll.tier",
];

const repaired = [
  "create deep-in-deleted",
  "create deleted",
  "create deleted-service",
  "create deregistered",
  "create in-deleted",
  "create in-deleted-service",
  "update changed attributes.AWS_INSTANCE_IPV4 attributes.version attributes.zone",
  "update shop description",
  "update web tags.tier tagsAll.tier",
];

async function idOf({ stack }: Stage, name: string): Promise<string> {
  return (await stack.resource(name)).id ?? "";
}

/** By the API, as anybody else would. */
async function meddle(stage: Stage): Promise<void> {
  const { running, stack } = stage;
  const deregister = async (service: string, InstanceId: string) =>
    call(running, "DeregisterInstance", { ServiceId: await idOf(stage, service), InstanceId });
  await deregister("web", "deregistered");
  await deregister("deleted-service", "in-deleted-service");
  await deregister("in-deleted", "deep-in-deleted");
  await call(running, "DeleteService", { Id: await idOf(stage, "deleted-service") });
  await call(running, "DeleteService", { Id: await idOf(stage, "in-deleted") });
  await call(running, "DeleteNamespace", { Id: await idOf(stage, "deleted") });
  const Attributes = { zone: "z", AWS_INSTANCE_IPV4: "192.0.2.9" };
  await call(running, "RegisterInstance", {
    ServiceId: await idOf(stage, "web"),
    InstanceId: "changed",
    Attributes,
  });
  const Namespace = { Description: "as others like it" };
  await call(running, "UpdateHttpNamespace", { Id: await idOf(stage, "shop"), Namespace });
  const { outputs } = await stack.resource("web");
  await call(running, "TagResource", { ResourceARN: String(outputs?.arn), Tags: [{ Key: "tier", Value: "back" }] });
}

for (const deployer of deployers) {
  describe(`What others change, under ${deployer.name}`, function () {
    this.timeout(90_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.up(spec);
      await meddle(stage);
      stage.front.take();
    });
    after(() => stage[Symbol.asyncDispose]());

    it("is reported by a refresh, and nothing else is", async () => {
      const { summary } = await stage.stack.refresh();
      expect(summary).to.deep.equal(reported);
      expect(stage.front.writes).to.deep.equal([]);
    });

    it("is repaired by the next up, and nothing else is done", async () => {
      const { summary } = await stage.stack.up();
      expect(summary).to.deep.equal(repaired);
      const { running } = stage;
      const ServiceId = await idOf(stage, "web");
      const { Instances = [] } = await call(running, "ListInstances", { ServiceId });
      expect(Instances.map(({ Id, Attributes }) => ({ Id, ...Attributes }))).to.have.deep.members([
        { Id: "changed", zone: "a", version: "1" },
        { Id: "deregistered", zone: "b" },
        { Id: "untouched", zone: "c" },
      ]);
      const { Namespace } = await call(running, "GetNamespace", { Id: await idOf(stage, "shop") });
      expect(Namespace?.Description).to.equal("as declared");
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });
  });
}
