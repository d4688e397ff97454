// What the classes register with Pulumi: the same as its own dynamic resources, with short hidden inputs beside.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import * as cloudmap from "../../sdk/index.ts";
import { until } from "./until.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly id?: string | undefined;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];

/** Answers with the inputs and an id, as an update would. */
async function answerWithInputs(): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({ type, name, inputs, id });
        return { id: id || `id-of-${name}`, state: { ...inputs, arn: `arn-of-${name}` } };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    false,
    "acme",
  );
}

async function registration(name: string): Promise<Registered> {
  return until(() => registered.find((each) => each.name === name));
}

async function hidden(name: string): Promise<Record<string, unknown>> {
  return (await registration(name)).inputs.__own as Record<string, unknown>;
}

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

describe("the classes", () => {
  before(answerWithInputs);
  beforeEach(() => registered.splice(0));

  it("register what pulumi.dynamic.Resource registers: its type, its key, and a text with a handler", async () => {
    const provider: pulumi.dynamic.ResourceProvider = { create: async () => ({ id: "1", outs: {} }) };
    class Theirs extends pulumi.dynamic.Resource {
      constructor(name: string) {
        super(provider, name, { name: "api" }, {}, "cloudmap", "Service");
      }
    }
    new Theirs("theirs");
    new cloudmap.Service("ours", { namespaceId: "ns-1" });
    const [theirs, ours] = [await registration("theirs"), await registration("ours")];
    expect(ours.type).to.equal(theirs.type).and.equal("pulumi-nodejs:dynamic/cloudmap:Service");
    expect(theirs.inputs.__provider).to.be.a("string").and.include("exports.handler = ");
    expect(ours.inputs.__provider).to.equal('exports.handler=()=>require("pulumi-cloudmap/dynamic/service")');
  });

  it("name a text that loads a subpath which the package exports, and does nothing else", async () => {
    new cloudmap.HttpNamespace("shop");
    new cloudmap.Service("api", { namespaceId: "ns-1" });
    new cloudmap.Instance("web", { serviceId: "srv-1", attributes: {} });
    new cloudmap.PrivateDnsNamespace("demo", { vpc: "vpc-1" });
    new cloudmap.PublicDnsNamespace("example.com");
    const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    for (const name of ["shop", "api", "web", "demo", "example.com"]) {
      const text = String((await registration(name)).inputs.__provider);
      const asked: string[] = [];
      const module: { handler?: () => unknown } = {};
      new Function("exports", "require", text)(module, (path: string) => asked.push(path));
      expect(asked).to.deep.equal([]);
      module.handler?.();
      expect(asked).to.have.length(1);
      expect(exports).to.have.property(asked[0]?.replace("pulumi-cloudmap", ".") ?? "");
    }
    expect((await registration("web")).inputs.__provider).to.have.length(63);
  });

  it("give every property as an output", async () => {
    const shop = new cloudmap.HttpNamespace("shop", { name: "shop", tags: { a: "1" } });
    const api = new cloudmap.Service("api", { namespaceId: shop, healthCheckCustomConfig: {} });
    const web = new cloudmap.Instance("web", { serviceId: api, attributes: { zone: "a" } });
    const demo = new cloudmap.PrivateDnsNamespace("demo.internal", { vpc: "vpc-1" });
    const open = new cloudmap.PublicDnsNamespace("example.com", { properties: { dnsProperties: { soa: { ttl: 5 } } } });
    expect(await resolved(demo.vpc)).to.equal("vpc-1");
    expect(await resolved(open.properties)).to.deep.equal({ dnsProperties: { soa: { ttl: 5 } } });
    for (const each of [demo.hostedZone, open.hostedZone, demo.generation, api.generation, demo.properties]) {
      expect(pulumi.Output.isInstance(each)).to.equal(true);
    }
    expect(await resolved(shop.arn)).to.equal("arn-of-shop");
    expect(pulumi.Output.isInstance(api.arn)).to.equal(true);
    expect(await resolved(shop.tagsAll)).to.deep.equal({ a: "1" });
    expect(await resolved(api.namespaceId)).to.equal("id-of-shop");
    expect(await resolved(web.serviceId)).to.equal("id-of-api");
    expect(await resolved(web.attributes)).to.deep.equal({ zone: "a" });
    for (const output of [shop.httpName, shop.account, api.type, api.description, web.account, web.instanceId]) {
      expect(pulumi.Output.isInstance(output)).to.equal(true);
    }
  });

  it("tell names that need not be given: with a suffix for namespaces, verbatim for what is a name to others", async () => {
    new cloudmap.HttpNamespace("shop");
    new cloudmap.Service("api", { namespaceId: "ns-1" });
    new cloudmap.Instance("web", { serviceId: "srv-1", attributes: {} });
    expect((await hidden("shop")).n).to.match(/^shop-[0-9a-f]{7}$/);
    new cloudmap.PrivateDnsNamespace("demo.internal", { vpc: "vpc-1" });
    new cloudmap.PublicDnsNamespace("example.com");
    expect((await hidden("demo.internal")).n).to.equal("demo.internal");
    expect((await hidden("example.com")).n).to.equal("example.com");
    expect((await hidden("api")).n).to.equal("api");
    expect((await hidden("web")).n).to.equal("web");
    expect((await registration("shop")).inputs).not.to.have.property("name");
  });

  it("tell the names that the stack's pulumi:autonaming makes, where a suffix would not end in a DNS name or an id", async () => {
    const names = async (autonaming: object) => {
      pulumi.runtime.setAllConfig({ "pulumi:autonaming": JSON.stringify(autonaming), "project:region": "eu" });
      registered.splice(0);
      new cloudmap.HttpNamespace("shop");
      new cloudmap.Service("api", { namespaceId: "ns-1" });
      const found = [(await hidden("shop")).n, (await hidden("api")).n];
      pulumi.runtime.setAllConfig({});
      return found;
    };
    const [suffixed] = await names({});
    expect(suffixed).to.match(/^shop-[0-9a-f]{7}$/);
    expect(await names({ mode: "default" })).to.deep.equal([suffixed, "api"]);
    expect(await names({ mode: "verbatim" })).to.deep.equal(["shop", "api"]);
    expect(await names({ mode: "disabled" })).to.deep.equal([undefined, undefined]);
    const filled = (text: string) => text.replaceAll("<", "${").replaceAll(">", "}");
    const pattern = filled("<project>-<stack>-<name>-<config.region>-<hex(4)><num(3)><alphanum(2)>-<other>");
    const [made, api] = await names({ pattern });
    expect(made).to.match(/^project-stack-shop-eu-[0-9a-f]{4}\d{3}[a-z0-9]{2}-\$\{other\}$/);
    expect(api).to.equal("api");
    expect(await names({ pattern }), "the same at every run").to.deep.equal([made, api]);
    expect((await names({ pattern: filled("x-<name>-<string(5)>"), enforce: true }))[1]).to.match(/^x-api-[a-z]{5}$/);
    expect((await names({ pattern: filled("<uuid>") }))[0]).to.match(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    );
    const providers = { cloudmap: { mode: "verbatim", resources: { "cloudmap:index:Service": { mode: "disabled" } } } };
    expect(await names({ mode: "disabled", providers })).to.deep.equal(["shop", undefined]);
    expect(await names({ mode: "verbatim", providers: { aws: { mode: "disabled" } } })).to.deep.equal(["shop", "api"]);
  });

  it("tell an owner that is the same at every run, and another for every resource, stack and project", async () => {
    new cloudmap.Service("same", { namespaceId: "ns-1" });
    const owner = (await hidden("same")).o;
    expect(owner).to.match(/^[\w-]{10}$/);
    registered.splice(0);
    new cloudmap.Service("same", { namespaceId: "ns-2" });
    expect((await hidden("same")).o).to.equal(owner);

    const parent = new pulumi.ComponentResource("my:index:Group", "group");
    new cloudmap.Service("child", { namespaceId: "ns-1" }, { parent });
    new cloudmap.Service("child-of-none", { namespaceId: "ns-1" });
    const owners = [owner, (await hidden("child")).o, (await hidden("child-of-none")).o];
    for (const [project, stack, organization] of [
      ["other", "stack", "acme"],
      ["project", "other", "acme"],
      ["project", "stack", "other"],
    ]) {
      await pulumi.runtime.setMocks({ newResource: answer, call: () => ({}) }, project, stack, false, organization);
      const name = `same`;
      registered.splice(0);
      new cloudmap.Service(name, { namespaceId: "ns-1" });
      owners.push((await hidden(name)).o);
    }
    expect(new Set(owners).size).to.equal(owners.length);
    for (const each of owners) expect(each).to.match(/^[\w-]{10}$/);
    await answerWithInputs();
  });

  it("tell stacks of one name on file backends apart, unless cloudmap:owner says that they belong together", async () => {
    const onFiles = async (url: string, config: Record<string, string> = {}) => {
      await pulumi.runtime.setMocks(
        { newResource: answer, call: () => ({}) },
        "project",
        "stack",
        false,
        "organization",
      );
      pulumi.runtime.setAllConfig(config);
      registered.splice(0);
      process.env.PULUMI_BACKEND_URL = url;
      new cloudmap.Service("api", { namespaceId: "ns-1" });
      return (await hidden("api")).o;
    };
    const before = process.env.PULUMI_BACKEND_URL;
    try {
      const [a, b] = [await onFiles("file:///a"), await onFiles("file:///b")];
      expect(a).not.to.equal(b);
      const owner = { "cloudmap:owner": "us" };
      expect(await onFiles("file:///a", owner))
        .to.equal(await onFiles("file:///b", owner))
        .and.not.equal(a);
    } finally {
      if (before === undefined) delete process.env.PULUMI_BACKEND_URL;
      else process.env.PULUMI_BACKEND_URL = before;
      pulumi.runtime.setAllConfig({});
      await answerWithInputs();
    }
  });

  it("pass time-outs on, which the dynamic host is not told", async () => {
    const customTimeouts = { create: "1m", update: "2m", delete: "3m" };
    new cloudmap.HttpNamespace("patient", {}, { customTimeouts });
    expect(await hidden("patient")).to.include({ c: "1m", u: "2m", d: "3m" });
    new cloudmap.HttpNamespace("usual");
    expect(await hidden("usual")).to.have.keys("o", "n");
  });

  it("pass the shape of a parent that is handed over, and nothing of one that is only named", async () => {
    const shop = new cloudmap.HttpNamespace("shop");
    const healthCheckConfig = { type: "TCP" } as const;
    const api = new cloudmap.Service("api", { namespaceId: shop, healthCheckConfig });
    new cloudmap.Instance("handed", { serviceId: api, attributes: {} });
    new cloudmap.Instance("named", { serviceId: api.id, attributes: {} });
    expect((await hidden("api")).p).to.deep.equal({ namespaceType: "HTTP" });
    expect((await hidden("handed")).p).to.deep.equal({ namespaceType: "HTTP", healthCheckConfig });
    expect(await hidden("named")).not.to.have.property("p");
    const dnsConfig = { dnsRecords: [{ type: "A", ttl: 1 }] } as const;
    const demo = new cloudmap.PrivateDnsNamespace("demo", { vpc: "vpc-1" });
    const open = new cloudmap.PublicDnsNamespace("example.com");
    new cloudmap.Service("inside", { namespaceId: demo, dnsConfig });
    new cloudmap.Service("outside", { namespaceId: open, dnsConfig });
    new cloudmap.Service("unknown", { namespaceId: demo.id, dnsConfig });
    expect((await hidden("inside")).p).to.deep.equal({ namespaceType: "DNS_PRIVATE" });
    expect((await hidden("outside")).p).to.deep.equal({ namespaceType: "DNS_PUBLIC" });
    expect((await hidden("unknown")).p).to.deep.equal({});
    expect((await registration("handed")).inputs.serviceId).to.equal("id-of-api");
  });

  it("know a service's ARN from its namespace's while an update is only planned", async () => {
    const arn = "arn:aws:servicediscovery:eu-central-1:123456789012:namespace/ns-1";
    const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => ({
      id: name === "shop" ? "ns-1" : "srv-1",
      state: type.endsWith("HttpNamespace") ? { ...inputs, arn } : inputs,
    });
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "stack", true, "acme");
    const api = new cloudmap.Service("api", { namespaceId: new cloudmap.HttpNamespace("shop") });
    const known = await resolved(api.arn);
    await answerWithInputs();
    expect(known).to.equal("arn:aws:servicediscovery:eu-central-1:123456789012:service/srv-1");
  });

  it("know of an instance what its id says, while the state that is previewed does not repeat it", async () => {
    const stateOf = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
      const { serviceId: _, instanceId: _id, ...state } = inputs;
      return {
        id: { same: "srv-1/its/id", arn: "srv-1/arn", fresh: "" }[name] ?? "",
        state: name === "fresh" ? inputs : state,
      };
    };
    await pulumi.runtime.setMocks({ newResource: stateOf, call: () => ({}) }, "project", "stack", true, "acme");
    const attributes = {};
    const same = new cloudmap.Instance("same", { serviceId: "srv-1", attributes });
    const known = [await resolved(same.serviceId), await resolved(same.instanceId)];
    const fresh = new cloudmap.Instance("fresh", { serviceId: "srv-2", instanceId: "web", attributes });
    known.push(await resolved(fresh.serviceId), await resolved(fresh.instanceId));
    await answerWithInputs();
    expect(known).to.deep.equal(["srv-1", "its/id", "srv-2", "web"]);
    const arn = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1";
    const byArn = new cloudmap.Instance("arn", { serviceId: arn, attributes });
    expect(await resolved(byArn.serviceId)).to.equal(arn);
    await pulumi.runtime.setMocks({ newResource: stateOf, call: () => ({}) }, "project", "stack", false, "acme");
    const unnamed = new cloudmap.Instance("same", { serviceId: "srv-1", attributes });
    expect(await resolved(unnamed.instanceId)).to.equal("its/id");
    await answerWithInputs();
  });

  it("read what exists by its id, with nothing else", async () => {
    cloudmap.HttpNamespace.get("n", "ns-1");
    cloudmap.PrivateDnsNamespace.get("p", "ns-2:vpc-1");
    cloudmap.PublicDnsNamespace.get("o", "ns-3");
    cloudmap.Service.get("s", "srv-1");
    cloudmap.Instance.get("i", "srv-1/web");
    for (const [name, id] of [
      ["n", "ns-1"],
      ["p", "ns-2:vpc-1"],
      ["o", "ns-3"],
      ["s", "srv-1"],
      ["i", "srv-1/web"],
    ] as const) {
      const { inputs, ...rest } = await registration(name);
      expect(rest.id).to.equal(id);
      expect(Object.keys(inputs)).to.deep.equal(["__provider"]);
    }
  });
});

function answer({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs) {
  registered.push({ type, name, inputs, id });
  return { id: `id-of-${name}`, state: inputs };
}
