// The life of a small stack: up, up again, previews, and destroy, also of what is gone already.
import { expect } from "chai";
import type { Front } from "../engine/front.ts";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import type { Registry } from "./registry.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import type { Stack } from "./stack.ts";
import { openStage, type Stage } from "./stage.ts";

const spec: Spec = {
  resources: [
    namespace("shop", { description: "All of the shop", tags: { team: "web" } }),
    service("web", "shop", { healthCheckCustomConfig: {}, tags: { tier: "front" } }),
    instance("web-1", "web", { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "8080", zone: "a" }),
    instance("web-2", "web", { AWS_INSTANCE_IPV4: "192.0.2.2", AWS_INSTANCE_PORT: "8080", zone: "b" }),
  ],
  outputs: {
    namespace: "=shop.id",
    httpName: "=shop.httpName",
    service: "=web.id",
    arn: "=web.arn",
    instance: "=web-1.id",
    attributes: "=web-1.attributes",
    account: "=web.account",
  },
};

for (const deployer of deployers) {
  describe(`A stack's life, under ${deployer.name}`, () => {
    let stage: Stage;
    let running: Registry;
    let front: Front;
    let stack: Stack;
    before(async () => {
      stage = await openStage(deployer);
      ({ running, front, stack } = stage);
      front.asAws = false;
    });
    after(() => stage[Symbol.asyncDispose]());

    it("previews an empty stack without asking the registry anything", async () => {
      const { summary } = await stack.preview(spec);
      expect(summary).to.deep.equal(["create shop", "create web", "create web-1", "create web-2"]);
      expect(front.take()).to.deep.equal([]);
    });

    it("makes everything, parents first, and knows its outputs", async () => {
      const { summary } = await stack.up();
      expect(summary).to.deep.equal(["create shop", "create web", "create web-1", "create web-2"]);
      expect(front.writes.slice(0, 2)).to.deep.equal(["CreateHttpNamespace shop", "CreateService web"]);
      expect(front.writes.slice(2).sort()).to.deep.equal(["RegisterInstance web-1", "RegisterInstance web-2"]);
      expect(front.calls.map(({ operation }) => operation)).not.to.include("GetOperation");
      const { account } = running;
      const outputs = await stack.outputs();
      const { service: id } = outputs;
      expect(outputs).to.deep.include({
        httpName: "shop",
        arn: `arn:aws:servicediscovery:us-east-1:${account}:service/${id}`,
        instance: `${id}/web-1`,
        attributes: { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "8080", zone: "a" },
        account,
      });
      expect(outputs.namespace).to.match(/^ns-/);
    });

    it("is discovered", async () => {
      const { Instances = [] } = await call(running, "DiscoverInstances", {
        NamespaceName: "shop",
        ServiceName: "web",
        QueryParameters: { zone: "b" },
      });
      expect(Instances.map(({ InstanceId }) => InstanceId)).to.deep.equal(["web-2"]);
    });

    it("changes nothing when it is deployed again, and asks nothing", async () => {
      front.take();
      const { summary } = await stack.up();
      expect(summary).to.deep.equal([]);
      expect(front.take()).to.deep.equal([]);
    });

    it("finds nothing changed when it is refreshed, with one list for all instances", async () => {
      const { summary } = await stack.refresh();
      expect(summary).to.deep.equal([]);
      expect(front.writes).to.deep.equal([]);
      const operations = front.take().map(({ operation }) => operation);
      expect(operations.sort()).to.deep.equal(["GetCallerIdentity", "GetNamespace", "GetService", "ListInstances"]);
    });

    it("takes everything down, children first, and what is gone already is done", async () => {
      const { id: ServiceId = "" } = await stack.resource("web");
      await call(running, "DeregisterInstance", { ServiceId, InstanceId: "web-1" });
      const { summary } = await stack.destroy();
      expect(summary).to.deep.equal(["delete shop", "delete web", "delete web-1", "delete web-2"]);
      expect(front.writes.slice(0, 2).sort()).to.deep.equal(["DeregisterInstance web-1", "DeregisterInstance web-2"]);
      expect(front.writes.slice(2).map((write) => write.split(" ")[0])).to.deep.equal([
        "DeleteService",
        "DeleteNamespace",
      ]);
      expect((await call(running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("takes down what was all deleted by others", async () => {
      await stack.up();
      const { id: ServiceId = "" } = await stack.resource("web");
      const { id: Id = "" } = await stack.resource("shop");
      for (const InstanceId of ["web-1", "web-2"]) await call(running, "DeregisterInstance", { ServiceId, InstanceId });
      await call(running, "DeleteService", { Id: ServiceId });
      await call(running, "DeleteNamespace", { Id });
      const { summary } = await stack.destroy();
      expect(summary).to.deep.equal(["delete shop", "delete web", "delete web-1", "delete web-2"]);
      expect(await stack.resources()).to.deep.equal([]);
    });
  });
}
