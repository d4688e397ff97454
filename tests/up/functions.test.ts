// What a program asks the registry: in its own process by the stack's configuration, or through a provider.
import { expect } from "chai";
import { register } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { type Declared, instance, namespace, type Spec, service } from "./spec.ts";
import { openStage } from "./stage.ts";

const shop = [
  namespace("shop", { tags: { team: "web" } }),
  service("web", "shop"),
  instance("web-1", "web", { zone: "a" }),
];
const questions = (options: object = {}) => ({
  byName: { $ask: ["getNamespace", { name: "=shop.name" }, options] },
  service: { $ask: ["getService", { name: "=web.name", namespaceId: "=shop.id" }, options] },
  instances: { $ask: ["getInstances", { serviceId: "=web-1.serviceId" }, options] },
  discovered: {
    $ask: [
      "discoverInstances",
      { namespaceName: "=shop.httpName", serviceName: "=web.name" },
      { ...options, dependsOn: ["=web-1"] },
    ],
  },
});

for (const deployer of deployers) {
  describe(`Functions, under ${deployer.name}`, function () {
    this.timeout(120_000);

    it("answer what is there, in the program and through a provider, and follow what others change", async () => {
      await using stage = await openStage(deployer);
      const { stack, running } = stage;
      const provider: Declared = { kind: "Provider", name: "same", args: { endpoint: stage.front.url } };
      const through = questions({ provider: "=same" });
      const spec: Spec = { resources: [provider, ...shop], outputs: { inProcess: questions(), through } };
      await stack.preview(spec);
      expect(stage.front.writes).to.deep.equal([]);
      await stack.up(spec);
      const { inProcess, through: same } = (await stack.outputs()) as Record<
        string,
        Record<string, Record<string, unknown>>
      >;
      expect(same).to.deep.equal(inProcess);
      expect(inProcess?.byName).to.deep.include({ name: "shop", type: "HTTP", tags: { team: "web" } });
      expect(inProcess?.service).to.deep.include({ name: "web", namespaceId: inProcess?.byName?.id });
      const found = { instanceId: "web-1", attributes: { zone: "a" }, healthStatus: "UNKNOWN" };
      expect(inProcess?.instances).to.deep.equal({ instances: [found] });
      const { instances } = inProcess?.discovered ?? {};
      expect(instances).to.deep.equal([{ ...found, namespaceName: "shop", serviceName: "web" }]);
      await register(running, String(inProcess?.service?.id), "other", {});
      await stack.up();
      const again = (await stack.outputs()) as { inProcess: { instances: { instances: object[] } } };
      expect(again.inProcess.instances.instances).to.have.length(2);
    });

    it("refuse what cannot be asked, with the function's name and all that is wrong", async () => {
      await using stage = await openStage(deployer);
      const asked = { $ask: ["getService", { name: "web" }, {}] };
      await stage.stack.declare({ resources: [], outputs: { asked } });
      const { exitCode, output } = await stage.stack.shown("up");
      expect(exitCode).not.to.equal(0);
      expect(output).to.include("getService: one of these must be given: id, or arn, or name and namespaceId");
      expect(output, "no stack").not.to.match(/^\s+at /m);
      const provider: Declared = { kind: "Provider", name: "same", args: { endpoint: stage.front.url } };
      const through = { $ask: ["getNamespace", { name: "nowhere" }, { provider: "=same" }] };
      await stage.stack.declare({ resources: [provider], outputs: { through } });
      const other = await stage.stack.shown("up");
      expect(other.exitCode).not.to.equal(0);
      expect(other.output, "no stack")
        .to.match(/getNamespace.*there is no namespace "nowhere"/)
        .and.not.match(/^\s+at /m);
    });
  });
}
