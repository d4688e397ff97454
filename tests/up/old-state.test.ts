// States of earlier versions, which repeat in outputs what an id says, and know of no generations: they go on as they are.
import { writeFile } from "node:fs/promises";
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const spec = (zone: string): Spec => ({
  resources: [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone })],
  outputs: { service: "=web-1.serviceId", instance: "=web-1.instanceId" },
});

interface Written {
  readonly type: string;
  readonly id: string;
  outputs: Readonly<Record<string, unknown>>;
}

/** What the state's resources had in their outputs before. */
async function writeAsBefore({ stack }: Stage): Promise<void> {
  const file = await stack.stateFile();
  const state = JSON.parse(await stack.stateText());
  const resources: readonly Written[] = state.checkpoint.latest.resources;
  for (const resource of resources.filter(({ type }) => type.endsWith(":Instance"))) {
    const [serviceId, instanceId] = resource.id.split("/");
    resource.outputs = { ...resource.outputs, serviceId, instanceId };
  }
  for (const resource of resources.filter(({ outputs }) => outputs?.generation !== undefined)) {
    const { generation: _, namespaceType: _type, ...outputs } = resource.outputs;
    resource.outputs = outputs;
  }
  await writeFile(file, JSON.stringify(state));
}

for (const deployer of deployers) {
  describe(`A state of an earlier version, under ${deployer.name}`, function () {
    this.timeout(90_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.up(spec("a"));
      const { outputs } = await stage.stack.resource("web-1");
      expect(outputs).to.have.keys("__provider", "account", "attributes");
      await writeAsBefore(stage);
      stage.front.take();
    });
    after(() => stage[Symbol.asyncDispose]());

    it("has no change in it, and nothing that drifted", async () => {
      expect((await stage.stack.preview()).summary).to.deep.equal([]);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
      expect((await stage.stack.up()).summary).to.deep.equal([]);
      expect((await stage.stack.resource("web-1")).outputs).to.include.keys("serviceId", "instanceId");
      expect(stage.front.writes).to.deep.equal([]);
    });

    it("is brought to the short form by the next change, and gives the program the same", async () => {
      const before = await stage.stack.outputs();
      expect((await stage.stack.up(spec("b"))).summary).to.deep.equal(["update web-1 attributes.zone"]);
      expect((await stage.stack.resource("web-1")).outputs).to.have.keys("__provider", "account", "attributes");
      expect(await stage.stack.outputs()).to.deep.equal(before);
      const { id: serviceId } = await stage.stack.resource("web");
      expect(before).to.deep.equal({ service: serviceId, instance: "web-1" });
      expect((await stage.stack.preview()).summary).to.deep.equal([]);
    });

    it("is destroyed", async () => {
      await writeAsBefore(stage);
      await stage.stack.destroy();
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}
