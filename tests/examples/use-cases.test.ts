// The use cases of docs/use-cases.md: their programs deployed in one stack, changed as each one says, and asked as its clients ask.
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Input } from "../../api/operations.ts";
import { ask } from "../dns/ask.ts";
import { Front } from "../engine/front.ts";
import { call, type Running, register, start } from "../engine/running.ts";
import { deployers } from "../up/deployer.ts";
import { Stack } from "../up/stack.ts";
import { examples, programsIn, together } from "./programs.ts";

const names = [
  ...["vpc-microservices", "ecs-tasks", "canary-metadata", "grpc-endpoints", "blue-green", "multi-az"],
  ...["autoscaling-group", "shared-services", "hybrid-migration", "private-exposure", "mesh-registry"],
];
/** In stacks of their own, for they are of two accounts. */
const apart = ["central-registry/application", "central-registry/platform"];
const outside = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

describe("The programs of the use cases", () => {
  it("are all in docs/use-cases.md and all tested", async () => {
    const doc = readFileSync(join(examples, "../docs/use-cases.md"), "utf8");
    const linked = [...doc.matchAll(/\]\(\.\.\/examples\/(use-cases\/[\w/-]+)\)/g)].map(([, path]) => path);
    const programs = await programsIn("use-cases");
    expect(programs).to.deep.equal([...names, ...apart].map((name) => `use-cases/${name}`).sort());
    expect(linked.sort()).to.deep.equal(programs);
  });

  it("are whole projects that run on their own", async () => {
    for (const program of await programsIn("use-cases")) {
      const read = (file: string) => readFileSync(join(examples, program, file), "utf8");
      const { main, type, dependencies } = JSON.parse(read("package.json"));
      expect([main, type, Object.keys(dependencies)], program).to.deep.equal([
        ...["index.ts", "module"],
        ["@pulumi/pulumi", "pulumi-cloudmap"],
      ]);
      expect(read("Pulumi.yaml")).to.match(/^name: [\w-]+\ndescription: .+\nruntime:\n {2}name: nodejs\n/);
      expect(read("index.ts")).not.to.match(/from "(?!@pulumi\/pulumi"|pulumi-cloudmap")/);
    }
  });
});

for (const deployer of deployers) {
  describe(`The use cases, under ${deployer.name}`, function () {
    this.timeout(180_000);
    let engine: Running;
    let front: Front;
    let stack: Stack;
    let folder: string;
    let outputs: Record<string, Record<string, unknown>>;

    before(async () => {
      const listen = ["127.0.0.1:0", ...(outside === undefined ? [] : [`${outside}:0`])];
      const vpcs = outside === undefined ? [] : [{ vpc: "vpc-0a99", network: outside, prefix: 32 }];
      engine = await start({ now: Date.now, healthWindow: 0, dns: { listen, threads: 0, vpcs } });
      front = new Front(engine);
      await front.open();
      folder = await together("use-cases", names);
      stack = await Stack.open(deployer, { "cloudmap:endpoint": front.url }, folder);
      await stack.up();
      outputs = (await stack.outputs()) as typeof outputs;
    });
    after(async () => {
      await stack[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    const resolve = async (name: string, type = "A", server = engine.engine.dns.addresses[0] ?? "") => {
      const { rcode, answers = [] } = await ask(server, name, type);
      return rcode === "NOERROR" ? answers.map((each) => ("data" in each ? each.data : undefined)).sort() : rcode;
    };
    const discover = async (NamespaceName: string, ServiceName: string, more: Partial<Input<"DiscoverInstances">>) => {
      const { Instances = [] } = await call(engine, "DiscoverInstances", { NamespaceName, ServiceName, ...more });
      return Instances.map(({ InstanceId = "" }) => InstanceId).sort();
    };
    const weights = async (NamespaceName: string, ServiceName: string) => {
      const { Instances = [] } = await call(engine, "DiscoverInstances", { NamespaceName, ServiceName });
      return Object.fromEntries(
        Instances.map(({ InstanceId, Attributes }) => [InstanceId, Attributes?.CLOUDMAP_WEIGHT]),
      );
    };
    const cache = () => String(outputs["autoscaling-group"]?.serviceId);

    it("1: a name in a VPC resolves to the instances that its service has", async () => {
      expect(await resolve("orders.corp.internal")).to.deep.equal(["10.0.1.11", "10.0.2.12"]);
      expect(outputs["vpc-microservices"]?.names).to.deep.equal(["orders.corp.internal", "users.corp.internal"]);
    });

    it("2: each task is there with its port", async () => {
      const ports = (await resolve("payments.ecs.internal", "SRV")) as { port: number }[];
      expect(ports.map(({ port }) => port).sort()).to.deep.equal([32_769, 32_770]);
    });

    it("3: a client that asks for a version gets that one, and sees what each instance weighs", async () => {
      const v2 = { QueryParameters: { version: "v2", stage: "production" } };
      expect(await discover("canary", "catalog", v2)).to.deep.equal(["catalog-3"]);
      expect(await weights("canary", "catalog")).to.deep.equal({
        "catalog-1": "45",
        "catalog-2": "45",
        "catalog-3": "10",
      });
    });

    it("4: a gRPC target resolves to all endpoints at once, in both families", async () => {
      expect(outputs["grpc-endpoints"]?.target).to.equal("dns:///users.grpc.internal:50051");
      const hosts = [41, 42, 43];
      expect(await resolve("users.grpc.internal")).to.deep.equal(hosts.map((host) => `10.0.1.${host}`));
      expect(await resolve("users.grpc.internal", "AAAA")).to.deep.equal(hosts.map((host) => `fd00::${host}`));
    });

    it("6: the name that clients keep resolves to what is live", async () => {
      expect(await resolve("cart.shop.internal")).to.deep.equal(["10.0.1.51", "cart-blue.shop.internal"]);
    });

    it("7: a client gets the instances of its zone, and those of others where it has none", async () => {
      const question = outputs["multi-az"]?.question as { readonly optionalParameters: Record<string, string> };
      const own = { OptionalParameters: question.optionalParameters };
      expect(await discover("zones", "search", own)).to.deep.equal(["search-61", "search-62"]);
      const none = { OptionalParameters: { az: "us-east-1c" } };
      expect(await discover("zones", "search", none)).to.have.length(3);
    });

    it("8: nodes come and go by lifecycle hooks", async () => {
      for (const node of ["i-0a1", "i-0a2"]) await register(engine, cache(), node, { AWS_INSTANCE_IPV4: "10.0.3.1" });
      await call(engine, "DeregisterInstance", { ServiceId: cache(), InstanceId: "i-0a2" });
      expect(await discover("fleet", "cache", {})).to.deep.equal(["i-0a1"]);
    });

    it("9: a shared service keeps its name, and what is unhealthy leaves it", async () => {
      expect(await resolve("auth.platform.internal")).to.deep.equal(["10.0.9.11", "10.0.9.12"]);
      const ServiceId = String((await stack.resource("auth")).id);
      const unhealthy = { ServiceId, InstanceId: "auth-11", Status: "UNHEALTHY" } as const;
      await call(engine, "UpdateInstanceCustomHealthStatus", unhealthy);
      expect(await resolve("auth.platform.internal")).to.deep.equal(["10.0.9.12"]);
    });

    it("10: machines of both kinds are under one name, each by its share", async () => {
      expect(await weights("migration.internal", "inventory")).to.deep.equal({
        "inventory-vm": "80",
        "inventory-1": "10",
        "inventory-2": "10",
      });
    });

    const why = outside === undefined ? " (this machine has no address but loopback)" : "";
    (why ? it.skip : it)(`11: a name is known in its own VPC and not in another${why}`, async () => {
      expect(await resolve("db.data.internal")).to.deep.equal(["10.8.0.5"]); // this machine sees all
      const inApp = engine.engine.dns.addresses[1];
      expect(await resolve("web.app.internal", "A", inApp)).to.deep.equal(["10.9.0.5"]);
      expect(await resolve("db.data.internal", "A", inApp)).to.equal("REFUSED");
    });

    it("12: a mesh finds the endpoints of a virtual node by its attributes", async () => {
      const { virtualNode, clusterLoadAssignment } = outputs["mesh-registry"] ?? {};
      const { awsCloudMap } = (virtualNode as { serviceDiscovery: { awsCloudMap: Node } }).serviceDiscovery;
      const { namespaceName, serviceName, attributes } = awsCloudMap;
      const QueryParameters = Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
      expect(await discover(namespaceName, serviceName, { QueryParameters })).to.deep.equal(["checkout-v2"]);
      const address = { socket_address: { address: "10.0.1.82", port_value: 8080 } };
      expect(clusterLoadAssignment).to.deep.equal({
        cluster_name: "checkout-v2",
        endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
      });
    });

    it("2, 3, 6, 8, 10: numbers and names that are changed change what they stand for, and nothing else", async () => {
      front.take();
      await stack.configure({
        "cloudmap:endpoint": front.url,
        ...{ "together:tasks": "3", "together:canary": "100", "together:live": "green", "together:moved": "100" },
      });
      await stack.up();
      expect([...front.writes].sort()).to.deep.equal(
        [
          ...["catalog-1", "catalog-2", "catalog-3", "live", "task-3"],
          ...["inventory-1", "inventory-2", "inventory-vm"],
        ]
          .map((id) => `RegisterInstance ${id}`)
          .sort(),
      );
      expect(await resolve("payments.ecs.internal", "SRV")).to.have.length(3);
      expect(await resolve("cart.shop.internal")).to.deep.equal(["10.0.1.52", "cart-green.shop.internal"]);
      expect(Object.values(await weights("canary", "catalog")).sort()).to.deep.equal(["0", "0", "100"]);
      expect(await discover("fleet", "cache", {})).to.deep.equal(["i-0a1"]);
      const seen = await Promise.all(Array.from({ length: 20 }, () => resolve("inventory.migration.internal")));
      expect(new Set(seen.flat())).to.deep.equal(new Set(["10.0.1.71", "10.0.2.72"]));
    });

    it("are all taken down, with the nodes that hooks left behind", async () => {
      await stack.destroy();
      expect((await call(engine, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });
  });
}

interface Node {
  readonly namespaceName: string;
  readonly serviceName: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}
