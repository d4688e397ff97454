/** The neighbour Route 53: the name servers and the VPC of a DNS namespace's hosted zone. */
import { expect } from "chai";
import { call, makeNamespace, namespaceOf, type Running, start } from "../running.ts";

describe("Route 53", () => {
  let engine: Running;
  before(async () => {
    engine = await start({ account: "123456789012", region: "eu-west-1" });
  });
  after(() => engine[Symbol.asyncDispose]());

  const ask = async (path: string, method = "GET", headers = {}) => {
    const answer = await fetch(`${engine.url}/2013-04-01/${path}`, { method, headers });
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
  };
  const zoneOf = async (Id: string) =>
    (await call(engine, "GetNamespace", { Id })).Namespace?.Properties?.DnsProperties?.HostedZoneId ?? "";

  it("shows the VPC of a private zone", async () => {
    const input = { Name: "corp.internal", Vpc: "vpc-<&>", CreatorRequestId: "t" };
    const Id = await namespaceOf(engine, await call(engine, "CreatePrivateDnsNamespace", input));
    const zone = await zoneOf(Id);
    const { status, type, text } = await ask(`hostedzone/${zone}`);
    expect({ status, type }).to.deep.equal({ status: 200, type: "text/xml" });
    expect(text.replaceAll(/\n */g, "")).to.equal(
      '<?xml version="1.0" encoding="UTF-8"?>' +
        '<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZone>' +
        `<Id>/hostedzone/${zone}</Id><Name>corp.internal.</Name><CallerReference>t</CallerReference>` +
        "<Config><Comment>Created by Cloud Map</Comment><PrivateZone>true</PrivateZone></Config>" +
        "<LinkedService><ServicePrincipal>servicediscovery.amazonaws.com</ServicePrincipal>" +
        `<Description>arn:aws:servicediscovery:eu-west-1:123456789012:namespace/${Id}</Description></LinkedService>` +
        "</HostedZone><VPCs><VPC><VPCRegion>eu-west-1</VPCRegion><VPCId>vpc-&lt;&amp;&gt;</VPCId></VPC></VPCs>" +
        "</GetHostedZoneResponse>",
    );
  });

  it("shows the name servers of a public zone, where the operator names them", async () => {
    const Id = await namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name: "named.example.com" }));
    const set = async () =>
      /<DelegationSet>.*<\/DelegationSet>|$/.exec((await ask(`hostedzone/${await zoneOf(Id)}`)).text)?.[0];
    expect(await set()).to.equal("");
    const named = ["ns1.example.com", "ns2.example.com"].map((name) => ({ name, addresses: [] }));
    await engine.restart({ dns: { listen: ["127.0.0.1:0"], threads: 0, nameServers: named } });
    expect(await set()).to.equal(
      "<DelegationSet><NameServers><NameServer>ns1.example.com</NameServer><NameServer>ns2.example.com</NameServer></NameServers></DelegationSet>",
    );
  });

  it("knows no zone of an HTTP namespace, of none, or by another spelling", async () => {
    const http = await makeNamespace(engine, "http");
    const Id = await namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" }));
    const zone = await zoneOf(Id);
    for (const unknown of [`Z${http.slice(3).toUpperCase()}`, "Z1", zone.toLowerCase(), `${zone}X`, "__proto__"]) {
      const { status, text } = await ask(`hostedzone/${unknown}`);
      expect(status, unknown).to.equal(404);
      expect(text)
        .to.include("<Type>Sender</Type><Code>NoSuchHostedZone</Code>")
        .and.to.include(`No hosted zone found with ID: ${unknown}<`);
    }
    expect((await ask(`hostedzone/${zone}`)).text).to.include("<PrivateZone>false</PrivateZone>");
    await call(engine, "DeleteNamespace", { Id });
    expect((await ask(`hostedzone/${zone}`)).status).to.equal(404);
  });

  it("answers nothing else, in the words of its protocol", async () => {
    for (const [path, method] of [
      ["hostedzone", "GET"],
      ["hostedzone/", "GET"],
      ["hostedzone/Z1/rrset", "GET"],
      ["hostedzone/Z1", "DELETE"],
      ["healthcheck", "POST"],
    ] as const) {
      const { status, text } = await ask(path, method);
      expect(status, path).to.equal(400);
      expect(text)
        .to.include("<Code>UnknownOperationException</Code>")
        .and.to.include(`not ${method} /2013-04-01/${path}`);
    }
  });

  it("is no way past the guards", async () => {
    const refused = await ask("hostedzone/Z1", "GET", { origin: "http://evil.example" });
    expect(refused.status).to.equal(403);
  });
});
