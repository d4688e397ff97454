// The component DiscoverableService on both hosts: what it makes, what a weight touches, what a replaced parent takes along.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import type { Spec } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

interface Edits {
  readonly blue?: number;
  readonly green?: number;
  readonly namespace?: string;
  readonly host?: "plugin";
}

const at = (address: string) => ({ AWS_INSTANCE_IPV4: address });

function spec({ blue = 100, green = 0, namespace = "corp.internal", host }: Edits = {}): Spec {
  const args = {
    namespace: { type: "DNS_PRIVATE", name: namespace, vpc: "vpc-1" },
    dnsConfig: { dnsRecords: [{ type: "A", ttl: 10 }] },
    attributes: { AWS_INSTANCE_PORT: "8080" },
    ...{ region: "us-east-1", adopt: true, serviceAttributes: { team: "shop" } },
    ...{ healthCheckCustomConfig: {}, customHealthStatus: { g1: "HEALTHY" } },
    groups: {
      blue: {
        weight: blue,
        attributes: { version: "1" },
        instances: { b1: at("192.0.2.1"), b2: at("192.0.2.2"), b3: at("192.0.2.3") },
      },
      green: { weight: green, attributes: { version: "2" }, instances: { g1: at("192.0.2.9") } },
    },
  };
  return {
    ...(host && { host }),
    resources: [{ kind: "DiscoverableService", name: "orders", args }],
    outputs: { service: "=orders.serviceId", namespace: "=orders.namespaceId" },
  };
}

const instances = ["orders-b1", "orders-b2", "orders-b3", "orders-g1"];
/** The namespace, the component and the service are all named orders. */
const everything = [...Array<string>(3).fill("orders"), ...instances];

for (const deployer of deployers) {
  describe(`DiscoverableService, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
    });
    after(() => stage[Symbol.asyncDispose]());

    const found = async (NamespaceName = "corp.internal") => {
      const { Instances = [] } = await call(stage.running, "DiscoverInstances", {
        ...{ NamespaceName, ServiceName: "orders" },
      });
      const lines = Instances.map(({ InstanceId, Attributes: { CLOUDMAP_WEIGHT: weight, group, version } = {} }) =>
        [InstanceId, weight, group, version].join(" "),
      );
      return lines.sort();
    };
    const writes = (): readonly string[] => {
      const made = [...stage.front.writes].sort();
      stage.front.take();
      return made;
    };

    it("makes a namespace, a service and instances whose names are what the program says, weights shared out", async () => {
      const { summary } = await stage.stack.up(spec());
      expect(summary).to.deep.equal(everything.map((name) => `create ${name}`));
      expect(await found()).to.deep.equal(["b1 34 blue 1", "b2 33 blue 1", "b3 33 blue 1", "g1 0 green 2"]);
      const { Services = [] } = await call(stage.running, "ListServices", {});
      expect(Services.map(({ Name, DnsConfig }) => `${Name} ${DnsConfig?.RoutingPolicy}`)).to.deep.equal([
        "orders WEIGHTED",
      ]);
      const of = { ServiceId: Services[0]?.Id ?? "" };
      const { ServiceAttributes } = await call(stage.running, "GetServiceAttributes", of);
      expect(ServiceAttributes?.Attributes).to.deep.equal({ team: "shop" });
      const { inputs } = await stage.stack.resource("orders-g1");
      expect(inputs).to.include({ customHealthStatus: "HEALTHY", adopt: true });
      expect((await stage.stack.resource("orders-b1")).inputs).not.to.have.any.keys("customHealthStatus", "region");
      const types = (await stage.stack.resources()).map(({ parent }) => parent?.split("::").slice(-2).join(" "));
      expect(types.filter((parent) => parent === "cloudmap:index:DiscoverableService orders")).to.have.length(6);
    });

    it("changes nothing when it is deployed again", async () => {
      writes();
      expect((await stage.stack.up()).summary).to.deep.equal([]);
      expect(writes()).to.deep.equal([]);
    });

    it("updates the instances whose share of a weight changes, and no others", async () => {
      const { summary } = await stage.stack.up(spec({ blue: 101, green: 10 })); // 34 33 33 become 34 34 33
      const weighed = ["orders-b2", "orders-g1"].map((name) => `update ${name} attributes.CLOUDMAP_WEIGHT`);
      expect(summary).to.deep.equal(weighed);
      const told = "UpdateInstanceCustomHealthStatus g1"; // of whom the program declares it
      expect(writes()).to.deep.equal(["RegisterInstance b2", "RegisterInstance g1", told]);
      expect(await found()).to.deep.equal(["b1 34 blue 1", "b2 34 blue 1", "b3 33 blue 1", "g1 10 green 2"]);
    });

    it("takes its service and its instances along when the namespace is replaced", async () => {
      const { summary } = await stage.stack.up(spec({ blue: 0, green: 1, namespace: "new.internal" }));
      const replaced = summary.map((line) => line.split(" ").slice(0, 2).join(" "));
      expect(replaced).to.deep.equal(["orders", "orders", ...instances].map((name) => `replace ${name}`));
      expect(await found("new.internal")).to.deep.equal(["b1 0 blue 1", "b2 0 blue 1", "b3 0 blue 1", "g1 1 green 2"]);
      const { Namespaces = [] } = await call(stage.running, "ListNamespaces", {});
      expect(Namespaces.map(({ Name }) => Name)).to.deep.equal(["new.internal"]);
    });

    it("moves to the plugin, where a weight touches what it touched before, and is taken down", async () => {
      const outputs = await stage.stack.outputs();
      writes();
      const { summary } = await stage.stack.up(spec({ blue: 6, green: 1, namespace: "new.internal", host: "plugin" }));
      expect(summary.filter((line) => !line.startsWith("update"))).to.deep.equal([]);
      expect(writes()).to.deep.equal(["RegisterInstance b1", "RegisterInstance b2", "RegisterInstance b3"]);
      expect(await stage.stack.outputs()).to.deep.equal(outputs);
      expect((await stage.stack.resource("orders-g1")).type).to.equal("cloudmap:index:Instance");
      const destroyed = await stage.stack.destroy();
      expect(destroyed.summary).to.deep.equal(everything.map((name) => `delete ${name}`));
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}
