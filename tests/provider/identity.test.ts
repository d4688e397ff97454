// Which registry it is: what was recorded in one is never looked for in another.
import { expect } from "chai";
import { createClient } from "../../provider/client.ts";
import { askAccount } from "../../provider/identity.ts";
import { instance } from "../../provider/instance.ts";
import { httpNamespace } from "../../provider/namespace.ts";
import { service } from "../../provider/service.ts";
import { refusal, TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, openWorkbench, settingsFor, type TestEngine } from "./workbench.ts";

describe("the identity of a registry", () => {
  let engine: TestEngine;
  let other: TestEngine;
  before(async () => {
    [engine, other] = await Promise.all([engineInTemp(), engineInTemp()]);
  });
  after(() => Promise.all([engine.stop(), other.stop()]));

  it("is its account number", async () => {
    expect(await askAccount(createClient(settingsFor(engine.url)))).to.equal(engine.account);
  });

  it("is asked once, however much is done", async () => {
    await using proxy = await TestProxy.start(engine.url);
    const bench = await openWorkbench(proxy.url);
    const made = await bench.make(httpNamespace, { name: "asked-once" });
    await bench.look(httpNamespace, made);
    await bench.remove(httpNamespace, made);
    expect(proxy.counts.get("GetCallerIdentity")).to.equal(1);
  });

  it("stops reads, updates and deletes of what another registry holds, naming both", async () => {
    const here = await openWorkbench(engine.url);
    const namespace = await here.make(httpNamespace, { name: "mine" });
    const home = await here.make(service, { name: "api", namespaceId: namespace.id });
    const attributes = { zone: "a" };
    const web = await here.make(instance, { serviceId: home.id, instanceId: "web", attributes });
    await using proxy = await TestProxy.start(other.url);
    const there = await openWorkbench(proxy.url);
    const resources = [
      [httpNamespace, namespace, { name: "mine", description: "new" }],
      [service, home, { name: "api", namespaceId: namespace.id, tags: { a: "1" } }],
      [instance, web, { serviceId: home.id, instanceId: "web", attributes: {} }],
    ] as const;
    for (const [kind, made, news] of resources) {
      const works = [
        () => there.look(kind, made),
        () => there.change(kind, made, news),
        () => there.remove(kind, made),
      ];
      for (const work of works) {
        const { message } = await failureOf(work());
        expect(message)
          .to.include(`registry of account ${engine.account}`)
          .and.include(`registry of account ${other.account}`)
          .and.include("nothing was changed");
      }
    }
    expect([...proxy.counts]).to.deep.equal([["GetCallerIdentity", 1]]);
    expect(await here.look(instance, web)).to.deep.equal(web);
  });

  it("is not known where the endpoint has no STS, and then nothing is refused for it", async () => {
    const answers = [
      refusal("UnknownOperationException"),
      { status: 404, contentType: "text/html", body: "<h1>Not Found</h1>" },
      {
        status: 400,
        contentType: "text/xml",
        body: "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>",
      },
    ];
    for (const answer of answers) {
      await using proxy = await TestProxy.start(engine.url);
      proxy.answering = (operation) => (operation === "GetCallerIdentity" ? answer : undefined);
      const bench = await openWorkbench(proxy.url);
      expect(bench.session.account).to.equal(undefined);
      const made = await bench.make(httpNamespace, { name: `no-sts-${answers.indexOf(answer)}` });
      expect(made.props).not.to.have.property("account");
      const recorded = { ...made, props: { ...made.props, account: "999999999999" } };
      expect((await bench.look(httpNamespace, recorded))?.id).to.equal(made.id);
    }
  });

  it("is its region as well where an account has one in each, as in AWS", async () => {
    const account = "111122223333";
    await using near = await engineInTemp({ account });
    await using far = await engineInTemp({ account, region: "eu-west-1" });
    const here = await openWorkbench(near.url, { regional: true });
    const namespace = await here.make(httpNamespace, { name: "mine" });
    const home = await here.make(service, { name: "api", namespaceId: namespace.id });
    const web = await here.make(instance, { serviceId: home.id, instanceId: "web", attributes: {} });
    const settings = { region: "eu-west-1", regional: true, regionFrom: "AWS_REGION" };
    const there = await openWorkbench(far.url, settings);
    const resources = [
      [httpNamespace, namespace],
      [service, home],
      [instance, web],
    ] as const;
    for (const [kind, made] of resources) {
      for (const work of [() => there.look(kind, made), () => there.remove(kind, made)]) {
        const { message } = await failureOf(work());
        expect(message)
          .to.include(
            "it belongs to the registry of the region us-east-1, but the region is eu-west-1 (from AWS_REGION)",
          )
          .and.include("nothing was changed");
      }
      expect(await here.look(kind, made)).to.deep.equal(made);
    }
    const elsewhere = await openWorkbench(far.url, { ...settings, regional: false });
    expect(await elsewhere.look(httpNamespace, namespace)).to.equal(undefined); // there, the account says all
  });

  it("is the one that is configured, or nothing is asked of it", async () => {
    await using proxy = await TestProxy.start(engine.url);
    await openWorkbench(proxy.url, { account: engine.account });
    const { message } = await failureOf(openWorkbench(proxy.url, { account: other.account }));
    expect(message)
      .to.include(`belongs to the registry of account ${other.account}, as cloudmap:account says`)
      .and.include(`${proxy.url} (from cloudmap:endpoint) is the registry of account ${engine.account}`);
    proxy.answering = () => ({ status: 404, contentType: "text/html", body: "" });
    const unknown = await failureOf(openWorkbench(proxy.url, { account: engine.account }));
    expect(unknown.message).to.include("does not tell whose it is");
    expect([...proxy.counts.keys()]).to.deep.equal(["GetCallerIdentity"]);
  });

  it("is asked again while the endpoint is unwell", async () => {
    await using proxy = await TestProxy.start(engine.url);
    proxy.answering = (_name, _input, count) => (count < 3 ? { status: 503, body: "" } : undefined);
    expect(await askAccount(createClient(settingsFor(proxy.url)))).to.equal(engine.account);
  });
});
