// How weights are shared out, and what of a component is refused before anything is registered.
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { placed } from "../../sdk/group.ts";
import * as cloudmap from "../../sdk/index.ts";
import { weightOf } from "../../sdk/weight.ts";

const all = (weight: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Number(weightOf("blue", weight, count, index)));

describe("weights", () => {
  it("add up to exactly the group's, nothing for nobody, nothing above 255", () => {
    for (const [weight, count] of [
      [100, 3],
      [7, 7],
      [0, 4],
      [255, 1],
      [1000, 4],
      [13, 5],
    ] as const) {
      const shares = all(weight, count);
      expect(shares.reduce((sum, each) => sum + each, 0)).to.equal(weight);
      expect(Math.max(...shares) - Math.min(...shares)).to.be.at.most(1);
      expect(Math.min(...shares)).to.be.at.least(weight === 0 ? 0 : 1);
      expect(Math.max(...shares)).to.be.at.most(255);
    }
  });

  it("are refused where they cannot be shared, and it is said which could", () => {
    expect(() => all(2, 5))
      .to.throw('The weight of the group "blue" is 2, too little')
      .and.match(/by 3 or more/);
    expect(() => all(256, 1)).to.throw("it can be 255");
    for (const weight of [-1, 1.5, Number.NaN]) expect(() => all(weight, 1)).to.throw("must be a whole number");
  });
});

describe("the instances of groups", () => {
  const blue = { weight: 1, instances: { a: {} } };

  it("have the attributes of the service, the group and their own, the closest last", () => {
    const attributes = { port: "1", zone: "1", version: "1" };
    const own = { weight: 5, attributes: { zone: "2", version: "2" }, instances: { a: { version: "3" } } };
    expect(placed("web", { attributes, groups: { blue: own } })).to.deep.equal([
      {
        instanceId: "a",
        attributes: { port: "1", zone: "2", version: "3", group: "blue", CLOUDMAP_WEIGHT: "5" },
        customHealthStatus: undefined,
      },
    ]);
    expect(placed("web", { attributes, instances: { b: { zone: "2" } } })).to.deep.equal([
      { instanceId: "b", attributes: { port: "1", zone: "2", version: "1" }, customHealthStatus: undefined },
    ]);
  });

  it("have the health of the service or the group, for all or by their ids, the closest first", () => {
    const instances = { a: {}, b: {} };
    const health = (all: Parameters<typeof placed>[1]) =>
      Object.fromEntries(
        placed("web", all).map(({ instanceId, customHealthStatus }) => [instanceId, customHealthStatus]),
      );
    expect(health({ instances })).to.deep.equal({ a: undefined, b: undefined });
    expect(health({ instances, customHealthStatus: "UNHEALTHY" })).to.deep.equal({ a: "UNHEALTHY", b: "UNHEALTHY" });
    expect(health({ instances, customHealthStatus: { b: "HEALTHY" } })).to.deep.equal({ a: undefined, b: "HEALTHY" });
    const later = pulumi.output("HEALTHY");
    expect(health({ instances, customHealthStatus: later })).to.deep.equal({ a: later, b: later });
    const green = { customHealthStatus: { a: "HEALTHY" }, instances };
    const groups = { green, blue: { instances: { c: {} } } };
    expect(health({ groups, customHealthStatus: "UNHEALTHY" })).to.deep.equal({
      ...{ a: "HEALTHY", b: "UNHEALTHY", c: "UNHEALTHY" },
    });
    expect(() => health({ groups, customHealthStatus: { d: "HEALTHY" } })).to.throw('web has no instance "d"');
    const astray = { green: { ...green, customHealthStatus: { c: "HEALTHY" } }, blue: groups.blue };
    expect(() => health({ groups: astray })).to.throw('web: the group "green" has no instance "c"');
  });

  it("have their share also of a weight that is an output", async () => {
    const [first] = placed("web", { groups: { blue: { weight: pulumi.output(9), instances: { a: {}, b: {} } } } });
    const share = first?.attributes.CLOUDMAP_WEIGHT;
    expect(await new Promise((done) => pulumi.output(share).apply(done))).to.equal("5");
  });

  it("are refused in two groups at once, or where only some groups have a weight", () => {
    expect(() => placed("web", { groups: { blue, green: blue } })).to.throw('web: "a" is in more than one group');
    const green = { instances: { b: {} } };
    expect(() => placed("web", { groups: { blue, green } })).to.throw('and so must "green"');
  });
});

describe("DiscoverableService", () => {
  it("needs one namespace and its instances in one way, and passes on to its parts what they take", async () => {
    const parts = new Map<string, Readonly<Record<string, unknown>>>();
    const newResource = ({ type, inputs }: pulumi.runtime.MockResourceArgs) => {
      parts.set(type.slice(type.lastIndexOf(":") + 1), inputs);
      return { id: "x", state: inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "stack", false, "acme");
    const make = (args: cloudmap.DiscoverableServiceArgs) => () => new cloudmap.DiscoverableService("web", args);
    expect(make({})).to.throw("web needs either namespaceId");
    expect(make({ namespaceId: "ns-1", namespace: { type: "HTTP" } })).to.throw("web needs either namespaceId");
    expect(make({ namespaceId: "ns-1", instances: {}, groups: {} })).to.throw("both instances and groups");
    const instances = { a: { AWS_INSTANCE_IPV4: "192.0.2.1" } };
    const made = make({
      ...{
        namespace: { type: "HTTP", adopt: false },
        type: "HTTP",
        healthCheckCustomConfig: {},
        tags: { team: "shop" },
      },
      ...{ region: "eu-west-1", adopt: true, serviceAttributes: { owner: "shop" }, forceDestroy: true },
      ...{ waitUntilHealthy: true, customHealthStatus: "HEALTHY", instances },
    })();
    expect(made.instances).to.have.keys("a");
    await new Promise((done) => made.instances.a?.id.apply(done));
    expect(parts.get("HttpNamespace")).to.include({ region: "eu-west-1", adopt: false });
    expect(parts.get("Service")).to.deep.include({
      ...{ name: "web", type: "HTTP", healthCheckCustomConfig: {}, tags: { team: "shop" } },
      ...{ region: "eu-west-1", adopt: true, attributes: { owner: "shop" }, forceDestroy: true },
    });
    expect(parts.get("Instance")).to.deep.include({
      ...{ region: "eu-west-1", adopt: true, attributes: instances.a },
      ...{ waitUntilHealthy: true, customHealthStatus: "HEALTHY" },
    });
  });
});
