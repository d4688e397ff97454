// Instances that others registered: a destroy waits for them, names them, and removes them where the program says so.
import { expect } from "chai";
import { call, register } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const spec = (forceDestroy: boolean): Spec => ({
  resources: [namespace("shop"), service("web", "shop", { forceDestroy }, { customTimeouts: { delete: "2s" } })],
});

for (const deployer of deployers) {
  describe(`Instances that others registered, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let stage: Stage;
    let serviceId: string;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.up(spec(false));
      serviceId = String((await stage.stack.resource("web")).id);
      for (const id of ["foreign-1", "foreign-2"]) await register(stage.running, serviceId, id);
    });
    after(() => stage[Symbol.asyncDispose]());

    const instances = async () => {
      const { Instances = [] } = await call(stage.running, "ListInstances", { ServiceId: serviceId });
      return Instances.map(({ Id }) => Id);
    };

    it("are not drift", async () => {
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });

    it("are waited for and named when the service is destroyed, and stay", async () => {
      const { exitCode, output } = await stage.stack.shown("destroy");
      expect(exitCode).not.to.equal(0);
      expect(output)
        .to.match(/foreign-1.*foreign-2/s)
        .and.include("forceDestroy");
      expect(await instances()).to.deep.equal(["foreign-1", "foreign-2"]);
      expect((await stage.stack.resources()).map(({ urn }) => urn.split("::").at(-1))).to.have.members(["shop", "web"]);
    });

    it("are removed, and said to be, with forceDestroy", async () => {
      expect((await stage.stack.up(spec(true))).summary).to.deep.equal(["update web forceDestroy"]);
      const { exitCode, output } = await stage.stack.shown("destroy");
      expect(exitCode, output).to.equal(0);
      expect(output).to.match(/foreign-1/);
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}
