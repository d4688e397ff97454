// The plugin host as Pulumi drives it: over gRPC, against a real engine.
import { expect } from "chai";
import { empties, provider } from "../../../provider/plugin/stubs.ts";
import { received, sent } from "../../../provider/plugin/wire.ts";
import { call } from "../../engine/running.ts";
import { until } from "../../sdk/until.ts";
import { engineInTemp, failureOf, type TestEngine } from "../workbench.ts";
import { type Naming, output, type Plugin, reference, secret, startPlugin, unknown, urnOf } from "./plugin.ts";

const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
const { ADD, DELETE, UPDATE, UPDATE_REPLACE } = provider.PropertyDiff.Kind;

const messageOf = async (work: Promise<unknown>) => (await failureOf(work)).message;

describe("the plugin host", () => {
  let engine: TestEngine;
  let plugin: Plugin;
  before(async () => {
    engine = await engineInTemp();
    plugin = await startPlugin();
    await plugin.configure({ endpoint: engine.url, defaultTags: '{"team":"web"}' });
  });
  after(async () => {
    await plugin[Symbol.asyncDispose]();
    await engine.stop();
  });

  /** Checks and makes a resource. */
  const make = async (kind: string, name: string, news: object) => {
    const { inputs, failures } = await plugin.check(urnOf(kind, name), { ...news });
    expect(failures).to.deep.equal([]);
    return { inputs, ...(await plugin.create(urnOf(kind, name), inputs)) };
  };

  it("leads resources through their lives", async () => {
    const shop = await make("HttpNamespace", "shop", { description: "all" });
    expect(shop.inputs.name).to.match(/^shop-[0-9a-f]{7}$/);
    expect(shop.outputs).to.include({ description: "all", name: shop.inputs.name });
    const web = await make("Service", "web", { namespaceId: shop.id });
    const first = await make("Instance", "web-1", { serviceId: web.id, attributes: { zone: "a" } });
    expect(first.id).to.equal(`${web.id}/web-1`);

    const urn = urnOf("Instance", "web-1");
    const { inputs } = await plugin.check(
      urn,
      { serviceId: web.id, attributes: { zone: "b", "a.b": "c" } },
      first.inputs,
    );
    expect(await plugin.diff(urn, first.id, first.outputs, inputs)).to.deep.equal({
      changes: DIFF_SOME,
      replaces: [],
      paths: { "attributes.zone": UPDATE, 'attributes["a.b"]': ADD },
    });
    const updated = await plugin.update(urn, first.id, first.outputs, inputs);
    expect(updated.attributes).to.deep.equal({ zone: "b", "a.b": "c" });
    expect(await plugin.diff(urn, first.id, updated, inputs)).to.deep.include({ changes: DIFF_NONE, paths: {} });
    const read = await plugin.read(urn, first.id, updated, inputs);
    expect(read).to.deep.equal({ id: first.id, outputs: updated, inputs });

    await call(engine, "DeregisterInstance", { ServiceId: web.id, InstanceId: "web-1" });
    expect((await plugin.read(urn, first.id, updated, inputs)).id).to.equal("");
    await plugin.remove(urn, first.id, updated);
    await plugin.remove(urnOf("Service", "web"), web.id, web.outputs);
    await plugin.remove(urnOf("HttpNamespace", "shop"), shop.id, shop.outputs);
    expect((await plugin.read(urnOf("HttpNamespace", "shop"), shop.id, shop.outputs)).id).to.equal("");
  });

  it("knows at preview what can be known, and makes nothing", async () => {
    const urn = urnOf("Service", "planned");
    const { inputs, failures } = await plugin.check(urn, { namespaceId: unknown, description: "soon" });
    expect(failures).to.deep.equal([]);
    const { id, outputs } = await plugin.create(urn, inputs, true);
    expect(id).to.equal("");
    expect(outputs).to.include({ name: "planned", description: "soon", namespaceId: unknown, arn: unknown });
    const shop = await make("HttpNamespace", "preview", { description: "before" });
    const planned = await plugin.update(
      urnOf("HttpNamespace", "preview"),
      shop.id,
      shop.outputs,
      { ...shop.inputs, description: "after" },
      true,
    );
    expect(planned).to.deep.equal({ ...shop.outputs, description: "after" });
    expect((await call(engine, "GetNamespace", { Id: shop.id })).Namespace?.Description).to.equal("before");
  });

  it("plans what cannot be changed in place as a replacement", async () => {
    const shop = await make("HttpNamespace", "replaced", {});
    const urn = urnOf("HttpNamespace", "replaced");
    const news = { ...shop.inputs, name: "another", tags: { added: "x" }, tagsAll: { added: "x" } };
    expect(await plugin.diff(urn, shop.id, { ...shop.outputs, description: "old" }, news)).to.deep.equal({
      changes: DIFF_SOME,
      replaces: ["name"],
      paths: { name: UPDATE_REPLACE, description: DELETE, tags: ADD, "tagsAll.team": DELETE, "tagsAll.added": ADD },
    });
  });

  it("warns on the row of a service that its replacement takes its instances out for a while", async () => {
    const shop = await make("HttpNamespace", "outage", {});
    const web = await make("Service", "outage-web", { namespaceId: shop.id });
    const urn = urnOf("Service", "outage-web");
    await plugin.diff(urn, web.id, web.outputs, { ...web.inputs, description: "new" });
    const told = await until(() => plugin.said.find((each) => each.urn === urn && each.message.includes("made anew")));
    expect(told.message).to.include("its instances are out of discovery until they are registered again");
  });

  it("warns of what is in the way of a removal, which it waits for", async () => {
    const shop = await make("HttpNamespace", "held", {});
    await make("Service", "holds", { namespaceId: shop.id });
    const urn = urnOf("HttpNamespace", "held");
    expect(await messageOf(plugin.remove(urn, shop.id, shop.outputs, 1))).to.include("still in it: holds");
    const told = await until(() => plugin.said.find((each) => each.urn === urn && each.message.includes("holds")));
    expect(told)
      .to.include({ isWarning: true })
      .with.property("message")
      .that.matches(/^the HTTP namespace held-/);
  });

  it("warns once of what Pulumi checks twice, as it does before a replacement", async () => {
    const news = { serviceId: "srv-1", instanceId: "odd", attributes: { AWS_FOO: "x" } };
    const twice = ["odd", "odd", "odder"].map((name) => urnOf("Instance", name));
    for (const urn of twice) await plugin.check(urn, news);
    const told = () => plugin.said.filter(({ message }) => message.includes("AWS_FOO no meaning"));
    await until(() => told().find(({ urn }) => urn === twice[2])); // they come in the order in which they are said
    expect(told().map(({ urn }) => urn)).to.deep.equal(twice.slice(1));
  });

  it("makes nothing new in a registry that what is there does not belong to, and ends where it learns that late", async () => {
    const shop = await make("HttpNamespace", "recorded", {});
    await using other = await engineInTemp();
    await using pointed = await startPlugin();
    const urn = urnOf("HttpNamespace", "recorded");
    await pointed.configure({ endpoint: other.url, account: engine.account });
    expect(await messageOf(pointed.create(urn, { name: "never" }))).to.include("as cloudmap:account says");

    await pointed.configure({ endpoint: other.url });
    const early = await pointed.create(urnOf("HttpNamespace", "too-early"), { name: "too-early" });
    expect(await messageOf(pointed.diff(urn, shop.id, shop.outputs, shop.inputs)))
      .to.include(`it belongs to the registry of account ${engine.account}`)
      .and.include(`made something new there before it knew: the HTTP namespace too-early (${early.id})`);
    expect(await messageOf(pointed.create(urn, { ...shop.inputs, name: "renamed" })))
      .to.include(`other resources of this stack belong to the registry of account ${engine.account}`)
      .and.include(`the registry of account ${other.account}`);
    expect((await call(other, "ListNamespaces", {})).Namespaces).to.have.length(1);
  });

  it("keeps secrets secret, and takes outputs and resources for what they stand for", async () => {
    const shop = await make("HttpNamespace", "secrets", {});
    const web = await make("Service", "secret-web", { namespaceId: output(shop.id) });
    const urn = urnOf("Instance", "secret-1");
    const attributes = { plain: "a", hidden: secret("s3cr3t"), wrapped: output("t0k3n", true) };
    const { inputs } = await plugin.check(urn, { serviceId: reference(web.id), attributes });
    const marked = { plain: "a", hidden: secret("s3cr3t"), wrapped: secret("t0k3n") };
    expect(inputs).to.deep.include({ serviceId: web.id, attributes: marked });
    const made = await plugin.create(urn, inputs);
    expect(made.outputs.attributes).to.deep.equal(marked);
    const { outputs } = await plugin.read(urn, made.id, made.outputs, inputs);
    expect(outputs.attributes).to.deep.equal(marked);
    const found = await call(engine, "GetInstance", { ServiceId: web.id, InstanceId: "secret-1" });
    expect(found.Instance?.Attributes).to.deep.equal({ plain: "a", hidden: "s3cr3t", wrapped: "t0k3n" });
    expect(JSON.stringify(plugin.said)).not.to.match(/s3cr3t|t0k3n/);
  });

  it("checks an instance by the service that it has just made", async () => {
    const shop = await make("HttpNamespace", "shape", {});
    const web = await make("Service", "probed", { namespaceId: shop.id, healthCheckConfig: { type: "TCP" } });
    const { failures } = await plugin.check(urnOf("Instance", "probed-1"), { serviceId: web.id, attributes: {} });
    expect(failures.join()).to.include("AWS_INSTANCE_PORT");
  });

  it("checks a service and its instances by the namespace that it has just made, and imports that with its VPC", async () => {
    const demo = await make("PrivateDnsNamespace", "demo.internal", { vpc: "vpc-1" });
    const { failures } = await plugin.check(urnOf("Service", "bare"), { namespaceId: demo.id });
    expect(failures.join()).to.match(/^dnsConfig.* is required for the service bare in a DNS namespace/);
    const dnsConfig = { dnsRecords: [{ type: "SRV", ttl: 10 }] };
    const inside = await make("Service", "inside", { namespaceId: demo.id, dnsConfig });
    const news = { serviceId: inside.id, attributes: { AWS_EC2_INSTANCE_ID: "i-1" } };
    const instance = await plugin.check(urnOf("Instance", "inside-1"), news);
    expect(instance.failures.join()).to.include("can only be given in a service of an HTTP namespace");
    const imported = await plugin.read(urnOf("PrivateDnsNamespace", "demo.internal"), `${demo.id}:vpc-1`, {}, {});
    expect(imported).to.deep.include({ id: demo.id, outputs: demo.outputs });
  });

  it("is named as the stack's pulumi:autonaming has it, where a suffix would not end in a DNS name or an id", async () => {
    const names = async (mode: Naming["mode"]) => {
      const proposed = { mode, name: "x-9f8e7d6" };
      const all = [
        ["HttpNamespace", {}, "name"],
        ["PrivateDnsNamespace", { vpc: "vpc-1" }, "name"],
        ["Service", { namespaceId: "ns-1" }, "name"],
        ["Instance", { serviceId: "srv-1", attributes: {} }, "instanceId"],
      ] as const;
      const found = all.map(async ([kind, news, property]) => {
        const { inputs } = await plugin.check(urnOf(kind, "x"), news, {}, proposed);
        return inputs[property];
      });
      return Promise.all(found);
    };
    expect(await names("PROPOSE")).to.deep.equal(["x-9f8e7d6", "x", "x", "x"]);
    expect(await names("ENFORCE")).to.deep.equal(Array(4).fill("x-9f8e7d6"));
    expect(await names("DISABLE")).to.deep.equal(Array(4).fill(undefined));
    const { inputs } = await plugin.check(
      urnOf("HttpNamespace", "x"),
      {},
      { name: "x-older" },
      { mode: "PROPOSE", name: "y" },
    );
    expect(inputs.name).to.equal("x-older");
  });

  it("takes over what the dynamic host has written", async () => {
    const shop = await make("HttpNamespace", "moved", {});
    const web = await make("Service", "moved-web", { namespaceId: shop.id });
    const made = await make("Instance", "moved-1", { serviceId: web.id, attributes: { a: "b" } });
    const { serviceId, instanceId, ...kept } = made.outputs;
    const hidden = { __provider: "exports.handler=…", __own: "0123456789" };
    const urn = urnOf("Instance", "moved-1");
    const { inputs } = await plugin.check(urn, { serviceId, attributes: { a: "b" } }, { ...made.inputs, ...hidden });
    expect(inputs).to.deep.equal(made.inputs);
    expect((await plugin.diff(urn, made.id, { ...kept, ...hidden }, inputs)).changes).to.equal(DIFF_NONE);
    expect((await plugin.read(urn, made.id, { ...kept, ...hidden })).outputs).to.deep.equal(made.outputs);
    expect(instanceId).to.equal("moved-1");
  });

  it("shows how far an operation is on the row of its resource", async () => {
    const slow = await engineInTemp({ operationDelay: 1000 });
    const own = await startPlugin();
    await own.configure({ endpoint: slow.url });
    await own.create(urnOf("HttpNamespace", "rows"), { name: "rows" });
    const shown = () => own.said.some(({ message }) => message.startsWith("[2/2]"));
    while (!shown()) await new Promise((resolve) => setTimeout(resolve, 10)); // it comes on its own connection
    await own[Symbol.asyncDispose]();
    await slow.stop();
    const rows = own.said.filter(({ ephemeral, urn }) => ephemeral && urn === urnOf("HttpNamespace", "rows"));
    const told = rows.map(({ message }) => message).join("\n"); // the first line only where the second is late
    expect(told).to.match(
      /^(\[1\/2\] CreateHttpNamespace\n)?\[2\/2\] CreateHttpNamespace: operation (SUBMITTED|PENDING|SUCCESS), \d/,
    );
  });

  it("names what it was doing to which resource, and why it failed", async () => {
    const error = await messageOf(
      plugin.create(urnOf("Instance", "lost"), { serviceId: "srv-none", instanceId: "lost", attributes: {} }),
    );
    expect(error).to.include("creating the instance lost: ").and.include("ServiceNotFound");
    const { failures } = await plugin.check(urnOf("Service", "bad"), {
      namespaceId: "ns-1",
      dnsConfig: { dnsRecords: [{ type: "MX", ttl: -1 }] },
    });
    expect(failures.map((failure) => failure.split(": ")[0])).to.include.members([
      "dnsConfig.dnsRecords[0].type",
      "dnsConfig.dnsRecords[0].ttl",
    ]);
    expect(await messageOf(plugin.check(urnOf("Nothing", "x"), {}))).to.include("no resource cloudmap:index:Nothing");
  });

  it("answers functions, and says what is wrong with their arguments", async () => {
    const shop = await make("HttpNamespace", "asked", { name: "asked" });
    const invoke = async (name: string, args: object) => {
      const request = new provider.InvokeRequest().setTok(`cloudmap:index:${name}`).setArgs(sent({ ...args }));
      return plugin.ask<typeof request, InstanceType<typeof provider.InvokeResponse>>(({ invoke }) => invoke, request);
    };
    const answer = await invoke("getNamespace", { name: output("asked") });
    expect(received(answer.getReturn())).to.include({ id: shop.id, name: "asked" });
    const [failure] = (await invoke("getNamespace", { type: "HTTP" })).getFailuresList();
    expect(failure?.getReason()).to.include("one of these must be given");
    expect(await messageOf(invoke("getEverything", {}))).to.include("no function cloudmap:index:getEverything");
  });

  it("says what is wrong with a provider's configuration", async () => {
    const { failures } = await plugin.checkConfig({ endpoint: "nowhere", defaultTags: "[]", regoin: "eu-central-1" });
    expect(failures).to.have.length(3);
    expect(failures.join("\n"))
      .to.match(/regoin is nothing/)
      .and.match(/defaultTags must be a map/)
      .and.match(/no endpoint/);
    for (const keys of [
      { secretKey: secret("x"), accessKey: "y" },
      { secretKey: secret(null), accessKey: null }, // as `pulumi do` says that there are none
    ]) {
      expect((await plugin.checkConfig({ endpoint: engine.url, ...keys })).failures).to.deep.equal([]);
    }
  });

  it("ends what is under way when it is cancelled, and records what is made", async () => {
    const slow = await engineInTemp({ operationDelay: 600_000 });
    const own = await startPlugin();
    await own.configure({ endpoint: slow.url });
    const made = own.create(urnOf("HttpNamespace", "slow"), { name: "slow" }).catch((error) => error);
    while (!own.said.some(({ message }) => message.startsWith("[2/2]")))
      await new Promise((resolve) => setTimeout(resolve, 10));
    await own.ask(({ cancel }) => cancel, new empties.Empty());
    expect(String(await made)).to.match(/had not ended .*; the wait was cancelled\. The next run goes on with it/);
    await own[Symbol.asyncDispose]();
    await slow.stop();
  });
});
