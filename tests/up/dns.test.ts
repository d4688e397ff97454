// DNS namespaces and their services: what is edited in place and what is replaced, what drifts, and the end of it all.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { instance, privateNamespace, publicNamespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

interface Edits {
  readonly soa?: number;
  readonly description?: string;
  readonly ttl?: number;
  readonly type?: "A" | "SRV";
  readonly probe?: object;
}

const attributes = { AWS_INSTANCE_IPV4: "192.0.2.44", AWS_INSTANCE_PORT: "8080" };

function spec({ soa = 30, description = "first", ttl = 10, type = "A", probe }: Edits = {}): Spec {
  const properties = { dnsProperties: { soa: { ttl: soa } } };
  const dnsConfig = { dnsRecords: [{ type, ttl }] };
  return {
    resources: [
      privateNamespace("demo", { properties, description }),
      publicNamespace("open", { name: "open.example.com" }),
      service("inside", "demo", { dnsConfig, healthCheckCustomConfig: {} }),
      service("outside", "open", { dnsConfig, description, ...(probe && { healthCheckConfig: probe }) }),
      service("api-only", "demo", { type: "HTTP", description }),
      instance("inside-1", "inside", attributes),
      instance("outside-1", "outside", attributes),
    ],
    outputs: { zone: "=demo.hostedZone", generation: "=inside.generation" },
  };
}

const everything = ["api-only", "demo", "inside", "inside-1", "open", "outside", "outside-1"];

for (const deployer of deployers) {
  describe(`DNS namespaces and their services, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
    });
    after(() => stage[Symbol.asyncDispose]());
    const idOf = async (name: string) => String((await stage.stack.resource(name)).id);

    it("are made, named as their resources are, and unchanged when they are deployed again", async () => {
      expect((await stage.stack.up(spec())).summary).to.deep.equal(everything.map((name) => `create ${name}`));
      stage.front.take();
      expect((await stage.stack.up()).summary).to.deep.equal([]);
      expect(stage.front.writes).to.deep.equal([]);
      const { Namespaces = [] } = await call(stage.running, "ListNamespaces", {});
      expect(Namespaces.map(({ Name, Type }) => `${Name} ${Type}`)).to.have.members([
        "demo DNS_PRIVATE",
        "open.example.com DNS_PUBLIC",
      ]);
      expect((await stage.stack.outputs()).zone).to.match(/^Z/);
    });

    it("change in place what the API can, as a preview says", async () => {
      const later = spec({ soa: 5, description: "second", ttl: 20, probe: { type: "TCP" } });
      const expected = [
        "update api-only description",
        "update demo description properties.dnsProperties.soa.ttl",
        "update inside dnsConfig.dnsRecords",
        "update outside description dnsConfig.dnsRecords healthCheckConfig",
      ];
      expect((await stage.stack.preview(later)).summary).to.deep.equal(expected);
      expect((await stage.stack.up()).summary).to.deep.equal(expected);
      const { Service } = await call(stage.running, "GetService", { Id: await idOf("outside") });
      expect(Service).to.deep.include({
        Description: "second",
        HealthCheckConfig: { Type: "TCP" },
      });
      expect(Service?.DnsConfig?.DnsRecords).to.deep.equal([{ Type: "A", TTL: 20 }]);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });

    it("show what others changed, exactly, and nothing after the next up", async () => {
      const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 99 }] };
      await call(stage.running, "UpdateService", { Id: await idOf("outside"), Service: { DnsConfig } });
      const Namespace = { Properties: { DnsProperties: { SOA: { TTL: 77 } } } };
      await call(stage.running, "UpdatePrivateDnsNamespace", { Id: await idOf("demo"), Namespace });
      const drift = [
        "update demo properties.dnsProperties.soa.ttl",
        "update outside dnsConfig.dnsRecords healthCheckConfig",
      ];
      expect((await stage.stack.refresh()).summary).to.deep.equal(drift);
      expect((await stage.stack.up()).summary).to.deep.equal(drift);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });

    it("are replaced with their instances for other records, and their generation tells it", async () => {
      const { generation } = await stage.stack.outputs();
      const later = spec({ soa: 5, description: "second", ttl: 20, probe: { type: "TCP" }, type: "SRV" });
      const { summary } = await stage.stack.up(later);
      expect(summary).to.deep.equal([
        "replace inside dnsConfig.dnsRecords",
        "replace inside-1",
        "replace outside dnsConfig.dnsRecords",
        "replace outside-1",
      ]);
      expect((await stage.stack.outputs()).generation)
        .to.be.a("string")
        .and.not.equal(generation);
      const { Instances = [] } = await call(stage.running, "ListInstances", { ServiceId: await idOf("inside") });
      expect(Instances.map(({ Id }) => Id)).to.deep.equal(["inside-1"]);
      expect((await stage.stack.up()).summary).to.deep.equal([]);
    });

    it("are taken down, children first", async () => {
      await stage.stack.destroy();
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}
