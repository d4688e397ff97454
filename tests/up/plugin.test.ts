// The same program on the plugin: what it adds, and that a stack moves between the hosts without a change.
import { expect } from "chai";
import { call, makeNamespace, makeService, register } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { openRegistry } from "./registry.ts";
import { type Declared, instance, namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const resources = (zone: string): readonly Declared[] => [
  namespace("shop", { tags: { team: "web" } }),
  service("web", "shop", { healthCheckCustomConfig: {} }),
  instance("web-1", "web", { zone, token: { $secret: "s3cr3t" } }),
];
const outputs = { service: "=web-1.serviceId", instance: "=web-1.instanceId", arn: "=web.arn" };
const onDynamic = (zone: string): Spec => ({ resources: resources(zone), outputs });
const onPlugin = (zone: string): Spec => ({ host: "plugin", resources: resources(zone), outputs });

for (const deployer of deployers) {
  describe(`The plugin, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let stage: Stage;
    beforeEach(async () => {
      stage = await openStage(deployer);
    });
    afterEach(() => stage[Symbol.asyncDispose]());

    it("makes, changes and removes what the dynamic host does, with nothing to do in between", async () => {
      const { stack, front } = stage;
      expect((await stack.preview(onPlugin("a"))).summary).to.deep.equal(["create shop", "create web", "create web-1"]);
      expect(front.writes).to.deep.equal([]);
      await stack.up();
      expect(await stack.stateText()).not.to.include("s3cr3t");
      expect((await stack.up()).summary).to.deep.equal([]);
      expect((await stack.refresh()).summary).to.deep.equal([]);
      expect((await stack.preview(onPlugin("b"))).summary).to.deep.equal(["update web-1 attributes.zone"]);
      await stack.up();
      const { service: ServiceId, instance: InstanceId } = (await stack.outputs()) as Record<string, string>;
      const found = await call(stage.running, "GetInstance", {
        ServiceId: ServiceId ?? "",
        InstanceId: InstanceId ?? "",
      });
      expect(found.Instance?.Attributes).to.deep.equal({ zone: "b", token: "s3cr3t" });
      expect((await stack.destroy()).summary).to.deep.equal(["delete shop", "delete web", "delete web-1"]);
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("takes a stack over from the dynamic host, and gives it back, and nothing is replaced", async () => {
      const { stack, front } = stage;
      await stack.up(onDynamic("a"));
      const before = await stack.outputs();
      front.take();
      expect((await stack.up(onPlugin("a"))).summary.filter((line) => !line.startsWith("update"))).to.deep.equal([]);
      expect((await stack.resource("web-1")).type).to.equal("cloudmap:index:Instance");
      expect(await stack.outputs()).to.deep.equal(before);
      expect((await stack.refresh()).summary).to.deep.equal([]);
      expect((await stack.up(onDynamic("a"))).summary.filter((line) => !line.startsWith("update"))).to.deep.equal([]);
      expect((await stack.resource("web-1")).type).to.equal("pulumi-nodejs:dynamic/cloudmap:Instance");
      expect(await stack.outputs()).to.deep.equal(before);
      expect(front.writes).to.deep.equal([]);
    });

    it("imports what exists, by id and by the path of names", async () => {
      const { stack, front, running } = stage;
      const shop = await makeNamespace(running, "shop");
      await register(running, await makeService(running, shop, "web", { HealthCheckCustomConfig: {} }), "web-1", {
        zone: "a",
      });
      front.take();
      const imported = (declared: Declared, id: string) => ({ ...declared, options: { import: id } });
      const spec: Spec = {
        host: "plugin",
        resources: [
          imported(namespace("shop"), shop),
          imported(service("web", "shop", { healthCheckCustomConfig: {} }), "shop/web"),
          imported(instance("web-1", "web", { zone: "a" }), "shop/web/web-1"),
        ],
      };
      const { summary } = await stack.up(spec);
      expect(summary).to.deep.equal(["import shop", "import web", "import web-1"]);
      expect(front.writes).to.deep.equal([]);
      expect((await stack.up()).summary).to.deep.equal([]);
    });

    it("works with several registries in one program, by providers of its own", async () => {
      const { stack, running } = stage;
      await using other = await openRegistry();
      const provider: Declared = {
        kind: "Provider",
        name: "other",
        args: { endpoint: other.url, defaultTags: { stage: "other" }, secretKey: "k3y-of-other", accessKey: "other" },
      };
      const spec: Spec = {
        host: "plugin",
        resources: [
          provider,
          namespace("here"),
          namespace("there", {}, { provider: "=other" }),
          service("web", "there", {}, { provider: "=other" }),
        ],
      };
      await stack.declare(spec);
      await stack.up(spec);
      const names = async (engine: { readonly url: string }) => {
        const { Namespaces = [] } = await call(engine, "ListNamespaces", {});
        return Namespaces.map(({ Name }) => Name);
      };
      expect(await names(running)).to.deep.equal(["here"]);
      expect(await names(other)).to.deep.equal(["there"]);
      expect((await stack.resource("web")).outputs?.tagsAll).to.deep.equal({ stage: "other" });
      expect(await stack.stateText()).not.to.include("k3y-of-other");
      expect((await stack.up()).summary).to.deep.equal([]);
      await stack.destroy();
      expect(await names(other)).to.deep.equal([]);
    });
  });
}
