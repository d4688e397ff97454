// The dynamic host as Pulumi drives it: through the CommonJS entries that users' states name, against a real engine.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { dynamic } from "@pulumi/pulumi";
import { expect } from "chai";
import { formatDuration } from "../../provider/duration.ts";
import { kinds } from "../../provider/kinds.ts";
import { call } from "../engine/running.ts";
import { allowing } from "../local/until.ts";
import { TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, type TestEngine } from "./workbench.ts";

type Provider = Required<dynamic.ResourceProvider>;

const require = createRequire(import.meta.url);
const entry = (name: string): Provider => require(`../../provider/dynamic/${name}.cts`);
const text = 'exports.handler=()=>require("pulumi-cloudmap/dynamic/instance")';

async function configure(provider: Provider, values: Readonly<Record<string, string>>): Promise<void> {
  const get = (key: string) => values[key];
  await provider.configure({ config: { get, require: (key) => get(key) ?? "" } });
}

/** What is printed while something is done. */
async function printed(work: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

describe("the dynamic host", () => {
  let engine: TestEngine;
  const [namespaces, services, instances] = ["http-namespace", "service", "instance"].map(entry) as [
    Provider,
    Provider,
    Provider,
  ];
  before(async () => {
    engine = await engineInTemp();
    for (const provider of [namespaces, services, instances]) {
      await configure(provider, { "cloudmap:endpoint": engine.url, "cloudmap:defaultTags": '{"team":"web"}' });
    }
  });
  after(() => engine.stop());

  it("has an entry for each kind that the package exports by the name in users' states", () => {
    const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const entries = Object.keys(exports).filter((key) => key.startsWith("./dynamic/"));
    expect(entries).to.have.length(Object.keys(kinds).length);
    for (const each of entries) expect(entry(each.slice("./dynamic/".length))).to.have.keys(Object.keys(instances));
  });

  it("leads a resource through its life, and keeps its hidden inputs to itself", async () => {
    const news = {
      __provider: text,
      __own: { o: "0123456789", n: "shop", p: undefined, c: "1m", d: "20s" },
      tags: { own: "1" },
    };
    const { inputs, failures } = await namespaces.check({}, news);
    expect(failures).to.deep.equal([]);
    expect(inputs).to.deep.equal({
      __own: { o: "0123456789", c: "1m", d: "20s" },
      name: "shop",
      tags: { own: "1" },
      tagsAll: { team: "web", own: "1" },
    });
    const { id, outs } = await namespaces.create({ ...inputs, __provider: text });
    expect(outs).to.have.keys("name", "tags", "tagsAll", "arn", "generation", "httpName", "account", "__own");
    expect(outs.__own).to.deep.equal({ d: "20s" });
    expect(await namespaces.diff(id, outs, inputs)).to.deep.equal({
      changes: false,
      replaces: [],
      deleteBeforeReplace: true,
    });

    const read = await namespaces.read(id, { ...outs, __provider: text });
    expect(read.props).to.deep.equal(outs);
    expect(read.inputs).to.deep.equal({ name: "shop", tags: { own: "1" }, tagsAll: { team: "web", own: "1" } });

    const sooner = { ...inputs, __own: { o: "0123456789", d: "5s" } };
    expect((await namespaces.diff(id, outs, sooner)).changes).to.equal(true);
    expect((await namespaces.update(id, outs, sooner)).outs).to.deep.equal({ ...outs, __own: { d: "5s" } });
    await namespaces.delete(id, outs);
    expect(await namespaces.read(id, outs)).to.deep.equal({ id: "", props: {} });
  });

  it("keeps no output that the id says, and goes on from states that do", async () => {
    const { id: namespaceId, outs: space } = await namespaces.create({ name: "lean" });
    const { id: serviceId, outs: home } = await services.create({ name: "api", namespaceId });
    const inputs = { serviceId, instanceId: "a/b", attributes: { zone: "a" } };
    const { id, outs } = await instances.create(inputs);
    expect(id).to.equal(`${serviceId}/a/b`);
    expect(outs).to.deep.equal({ attributes: inputs.attributes, account: engine.account });
    const old = { ...outs, serviceId, instanceId: "a/b" };
    const same = { changes: false, replaces: [], deleteBeforeReplace: true };
    for (const state of [outs, old]) {
      expect(await instances.diff(id, state, inputs)).to.deep.equal(same);
      expect((await instances.diff(id, state, { ...inputs, serviceId: "srv-2" })).replaces).to.deep.equal([
        "serviceId",
      ]);
      expect((await instances.diff(id, state, { ...inputs, instanceId: "c" })).replaces).to.deep.equal(["instanceId"]);
      expect(await instances.read(id, { ...state, __provider: text })).to.deep.equal({ id, props: state, inputs });
      expect((await instances.update(id, state, inputs)).outs).to.deep.equal(outs);
    }
    expect((await instances.read(id, { __provider: text })).props).to.deep.equal(old); // a get has nothing but outputs
    await instances.delete(id, outs);
    expect(await instances.read(id, outs)).to.deep.equal({ id: "", props: {} });

    const byArn = await instances.create({ ...inputs, serviceId: home.arn });
    expect(byArn.outs.serviceId).to.equal(home.arn); // as the program writes it
    expect(await instances.diff(id, byArn.outs, inputs)).to.deep.equal(same);
    await instances.delete(id, byArn.outs);
    await services.delete(serviceId, home);
    await namespaces.delete(namespaceId, space);
  });

  it("keeps an owner alone as a plain text, and ignores another one in the diff", async () => {
    const news = { __own: { o: "0123456789" }, __provider: text, serviceId: "srv-1", instanceId: "a", attributes: {} };
    const { inputs } = await instances.check({}, news);
    expect(inputs.__own).to.equal("0123456789");
    const outs = { serviceId: "srv-1", instanceId: "a", attributes: {}, account: engine.account };
    expect((await instances.diff("srv-1/a", outs, { ...inputs, __own: "another" })).changes).to.equal(false);
  });

  it("uses the time-outs that the program gives", async () => {
    await using proxy = await TestProxy.start(engine.url);
    await configure(namespaces, { "cloudmap:endpoint": proxy.url });
    proxy.rewriting = (operation, output) => {
      const { Operation } = output as { Operation: object };
      return operation === "GetOperation" ? { body: { Operation: { ...Operation, Status: "PENDING" } } } : undefined;
    };
    const inputs = { __provider: text, __own: { o: "0123456789", c: `${allowing(900)}ms`, d: "100ms" }, name: "timed" };
    const error = (await failureOf(namespaces.create(inputs))) as Error & {
      id: string;
      properties: object;
      reasons: string[];
    };
    expect(error.message).to.match(/^creating the HTTP namespace timed: /);
    expect(error.message).to.include(`allowed were ${formatDuration(allowing(900))}`);
    expect(error.id).to.match(/^ns-/);
    expect(error.properties).to.include({ __provider: text, name: "timed" });
    expect(error.reasons).to.deep.equal([error.message]);
    const removal = await failureOf(namespaces.delete(error.id, { ...error.properties, __own: { d: "100ms" } }));
    expect(removal.message).to.include("allowed were 100 ms");
    await configure(namespaces, { "cloudmap:endpoint": engine.url });
  });

  it("shows no stack trace for what is no fault of ours", async () => {
    await configure(services, { "cloudmap:endpoint": "http://127.0.0.1:1", "cloudmap:maxRetries": "0" });
    const calls = [
      () => services.create({ name: "api", namespaceId: "ns-1" }),
      () => services.read("srv-1", { name: "api" }),
      () => services.update("srv-1", { name: "api" }, { name: "api" }),
      () => services.delete("srv-1", { name: "api" }),
    ];
    const messages = await Promise.all(
      calls.map(async (call) => {
        const error = await failureOf(call());
        expect(`${error}: ${error.stack}`).not.to.match(/\n|\bat .*:\d+/);
        return error.message;
      }),
    );
    expect(messages.map((message) => message.split(":")[0])).to.deep.equal([
      "creating the service api",
      "reading the service api (srv-1)",
      "updating the service api (srv-1)",
      "deleting the service api (srv-1)",
    ]);
    for (const message of messages) expect(message).to.include("nothing listens at http://127.0.0.1:1");
    await configure(services, { "cloudmap:endpoint": engine.url });
  });

  it("says that a get of what is not there found nothing, but blanks what is gone", async () => {
    const error = await failureOf(services.read("srv-none", { __provider: text }));
    expect(error.message).to.equal("reading the service srv-none: there is none of this id");
    expect(await services.read("srv-none", { name: "api", namespaceId: "ns-1" })).to.deep.equal({ id: "", props: {} });
  });

  it("calls nothing for checks and diffs", async () => {
    await configure(instances, { "cloudmap:endpoint": "http://127.0.0.1:1" });
    const news = { __own: { o: "0123456789" }, __provider: text, serviceId: "srv-1", instanceId: "a", attributes: {} };
    const { inputs } = await instances.check({}, news);
    await instances.diff("srv-1/a", inputs, inputs);
    await configure(instances, { "cloudmap:endpoint": engine.url });
  });

  it("tells of configuration that cannot be used with the first check", async () => {
    await configure(services, { "cloudmap:endpoint": engine.url, "cloudmap:defaultTags": "web" });
    const error = await failureOf(services.check({}, { name: "api", namespaceId: "ns-1" }));
    expect(error.message).to.equal(
      'checking the service api: cloudmap:defaultTags must be a map of strings such as {"team":"web"}',
    );
    await configure(services, { "cloudmap:endpoint": engine.url });
  });

  it("warns once of a replacement that takes instances out for a while, and of no other", async () => {
    const olds = { name: "api", namespaceId: "ns-1", type: "HTTP", description: "a" };
    const lines = await printed(async () => {
      for (const _ of [1, 2]) await services.diff("srv-1", olds, { ...olds, description: "b" });
      await services.diff("srv-1", olds, { ...olds, name: "other" });
      await services.diff("srv-1", olds, { ...olds, tags: { a: "1" } });
      const dnsConfig = { dnsRecords: [{ type: "A", ttl: 1 }] };
      const dns = { ...olds, name: "web", type: "DNS_HTTP", dnsConfig };
      await services.diff("srv-2", dns, { ...dns, description: "b" });
      await services.diff("srv-2", dns, { ...dns, dnsConfig: { dnsRecords: [{ type: "SRV", ttl: 1 }] } });
    });
    const sentence = (name: string, what: string, from: string) =>
      `cloudmap: Warning: service ${name}: ${what} cannot be changed in place, so that it is deleted and made anew: its instances are out of ${from} until they are registered again`;
    expect(lines.split("\n")).to.deep.equal([
      sentence("api", "description", "discovery"),
      sentence("web", "dnsConfig", "DNS and discovery"),
    ]);
  });

  it("makes nothing new in a registry that what is there does not belong to", async () => {
    await using other = await engineInTemp();
    const { outs, id } = await namespaces.create({ name: "recorded", __own: "0123456789" });
    await configure(namespaces, { "cloudmap:endpoint": other.url });
    await namespaces.diff(id, outs, { ...outs, name: "renamed" });
    const error = await failureOf(namespaces.create({ name: "renamed", __own: "0123456789" }));
    expect(error.message)
      .to.include(`other resources of this stack belong to the registry of account ${engine.account}`)
      .and.include(`the registry of account ${other.account}`);
    expect((await call(other, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    await configure(namespaces, { "cloudmap:endpoint": engine.url, "cloudmap:defaultTags": '{"team":"web"}' });
  });

  it("ends where what is there belongs to another registry, also once something new was made", async () => {
    await using other = await engineInTemp();
    const { outs, id } = await namespaces.create({ name: "known-late", __own: "0123456789" });
    await configure(namespaces, { "cloudmap:endpoint": other.url });
    const early = await namespaces.create({ name: "too-early", __own: "0123456789" });
    const error = await failureOf(namespaces.diff(id, outs, outs));
    expect(error.message)
      .to.include(`it belongs to the registry of account ${engine.account}`)
      .and.include(`made something new there before it knew: the HTTP namespace too-early (${early.id})`)
      .and.include("pulumi destroy --target");
    await configure(namespaces, { "cloudmap:endpoint": other.url, "cloudmap:account": engine.account });
    const refused = await failureOf(namespaces.create({ name: "never", __own: "0123456789" }));
    expect(refused.message).to.include("as cloudmap:account says");
    expect((await call(other, "ListNamespaces", {})).Namespaces).to.have.length(1);
    await configure(namespaces, { "cloudmap:endpoint": engine.url, "cloudmap:defaultTags": '{"team":"web"}' });
  });

  it("prints each warning once", async () => {
    const news = {
      __own: { o: "0123456789" },
      serviceId: "srv-1",
      instanceId: "warned",
      attributes: { AWS_PORT: "1" },
    };
    const lines = await printed(async () => {
      for (const _ of [1, 2, 3]) await instances.check({}, news);
    });
    expect(lines).to.equal(
      "cloudmap: Warning: instance warned of srv-1: Cloud Map gives the attribute AWS_PORT no meaning; is it misspelt?",
    );
  });
});
