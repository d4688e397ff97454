// What Route 53 tells of a DNS namespace's zone: its name servers and its VPC, where the endpoint lets the caller ask.
import { expect } from "chai";
import type { Resource } from "../../provider/kind.ts";
import { privateDnsNamespace, publicDnsNamespace } from "../../provider/namespace.ts";
import { TestProxy } from "./proxy.ts";
import { engineInTemp, failureOf, openWorkbench, type TestEngine, type Workbench } from "./workbench.ts";

const names = ["ns1.example.net", "ns2.example.net"];
const imported = ({ id }: Resource, suffix = ""): Resource => ({ id: `${id}${suffix}`, props: {} });

describe("The zone of a DNS namespace", () => {
  let engine: TestEngine;
  let proxy: TestProxy;
  let bench: Workbench;

  before(async () => {
    const nameServers = names.map((name) => ({ name, addresses: [] }));
    engine = await engineInTemp({ dns: { listen: ["127.0.0.1:0"], threads: 0, nameServers } });
    proxy = await TestProxy.start(engine.url);
    bench = await openWorkbench(proxy.url);
  });
  beforeEach(() => {
    proxy.answering = () => undefined;
    proxy.counts.clear();
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await engine.stop();
  });
  const asked = () => proxy.counts.get("GetHostedZone") ?? 0;

  it("tells its name servers when it is made, and is not asked again by a refresh", async () => {
    const made = await bench.make(publicDnsNamespace, { name: "a.example.com" });
    expect(made.props.nameServers).to.deep.equal(names);
    expect(await bench.look(publicDnsNamespace, made)).to.deep.equal(made);
    const later = await bench.change(publicDnsNamespace, made, { name: "a.example.com", description: "d" });
    expect(later.props.nameServers).to.deep.equal(names);
    expect(asked()).to.equal(1);
  });

  it("tells the VPC of an import, which Cloud Map does not", async () => {
    const made = await bench.make(privateDnsNamespace, { name: "a.internal", vpc: "vpc-1" });
    expect(asked()).to.equal(0);
    expect(await bench.look(privateDnsNamespace, imported(made))).to.deep.equal(made);
    expect(await bench.look(privateDnsNamespace, imported(made, ":vpc-1"))).to.deep.equal(made);
    const open = await bench.make(publicDnsNamespace, { name: "b.example.com" });
    expect(await bench.look(publicDnsNamespace, imported(open))).to.deep.equal(open);
  });

  it("refuses an import that names another VPC, which would be replaced by the next update", async () => {
    const made = await bench.make(privateDnsNamespace, { name: "b.internal", vpc: "vpc-1" });
    const error = await failureOf(bench.look(privateDnsNamespace, imported(made, ":vpc-2")));
    expect(error.message).to.match(/b\.internal \(ns-\w+\) is not in vpc-2, but in vpc-1/);
  });

  it("is passed over where the caller may not see it, the endpoint does not know it, or nobody answers", async () => {
    const denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    const page = "<html><body>Not here</body></html>";
    const replies = [
      { status: 403, contentType: "text/xml", body: denied },
      { status: 404, contentType: "text/html", body: page },
      { status: 200, contentType: "text/html", body: page },
      { status: 500, contentType: "text/plain", body: "oh" },
      { status: 400, body: { __type: "UnknownOperationException", Message: "?" } },
    ];
    for (const [index, reply] of replies.entries()) {
      proxy.answering = (operation) => (operation === "GetHostedZone" ? reply : undefined);
      const made = await bench.make(publicDnsNamespace, { name: `without-${index}.example.com` });
      expect(made.props).not.to.have.property("nameServers");
      expect(await bench.look(publicDnsNamespace, made)).to.deep.equal(made);
      const hidden = await bench.make(privateDnsNamespace, { name: `without-${index}.internal`, vpc: "vpc-1" });
      expect((await bench.look(privateDnsNamespace, imported(hidden)))?.props).not.to.have.property("vpc");
    }
  });

  it("is asked again when it was busy", async () => {
    const busy =
      "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
    const reply = { status: 400, contentType: "text/xml", body: busy };
    proxy.answering = (operation, _, count) => (operation === "GetHostedZone" && count < 3 ? reply : undefined);
    const made = await bench.make(publicDnsNamespace, { name: "busy.example.com" });
    expect(made.props.nameServers).to.deep.equal(names);
    expect(asked()).to.equal(3);
  });

  it("keeps what is known of it once it may be asked no more", async () => {
    const made = await bench.make(publicDnsNamespace, { name: "known.example.com" });
    proxy.answering = (operation) => (operation === "GetHostedZone" ? { status: 403, body: "" } : undefined);
    expect(await bench.look(publicDnsNamespace, made)).to.deep.equal(made);
  });
});
