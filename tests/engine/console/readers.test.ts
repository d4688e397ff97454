// Who sees what of the console: the holders of access keys, what their keys may read.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { consolePurpose } from "../../../api/extensions.ts";
import { tokenFor } from "../../../engine/auth/token.ts";
import { callAs, type Gated, home, keyOf, startGated, type TestKey, targetOf } from "../auth/gated.ts";
import { basic, look } from "./look.ts";

describe("the console of an engine with access keys", () => {
  const root = keyOf("root");
  const blind = keyOf("blind");
  const temporary = { ...keyOf("temporary"), sessionTokens: ["sixteen characters"] };
  const consumer = { ...keyOf("consumer"), account: "111111111111" };
  const allow = (...names: string[]) => [
    { Statement: { Effect: "Allow", Action: names.map((name) => `servicediscovery:${name}`), Resource: "*" } },
  ];
  const ofServices = { ...keyOf("services"), policies: allow("List*", "GetService") };
  const ofNamespaces = { ...keyOf("namespaces"), policies: allow("List*", "GetNamespace") };
  const token = (key: TestKey) => basic(key, tokenFor(consolePurpose, key));
  let gated: Gated;
  before(async () => {
    const limited = [{ ...blind, policies: allow("ListNamespaces") }, ofServices, ofNamespaces];
    const keys = [root, ...limited, temporary, consumer];
    gated = await startGated({ keys });
    const namespace = await targetOf(gated, root, await callAs(gated, root, "CreateHttpNamespace", { Name: "shared" }));
    const input = { NamespaceId: namespace, Name: "api", HealthCheckCustomConfig: {} };
    const { Service: { Id: ServiceId = "" } = {} } = await callAs(gated, root, "CreateService", input);
    await callAs(gated, root, "RegisterInstance", { ServiceId, InstanceId: "one", Attributes: {} });
    gated.write({ keys, shares: [{ namespace, accounts: [consumer.account] }] });
    await gated.engine.restart();
  });
  after(() => gated[Symbol.asyncDispose]());

  it("asks who is there, and says how to answer", async () => {
    for (const headers of [
      {},
      basic(root, "wrong"),
      basic(root, root.secretAccessKey),
      basic(root, tokenFor("cloudmap:GetMetrics", root)),
      basic(keyOf("stranger"), tokenFor(consolePurpose, keyOf("stranger"))),
      basic(root, "much too long".repeat(100)),
      token(temporary),
    ]) {
      const { status, headers: told, html, text } = await look(gated.engine, "/", headers);
      expect(status).to.equal(401);
      expect(told.get("www-authenticate")).to.match(/^Basic realm="cloudmap"/);
      expect(text).to.include("cloudmap console").and.not.include("shared");
      expect(html).to.not.include('http-equiv="refresh"');
    }
  });

  it("shows a key's holder what the key may read, and no more", async () => {
    const all = await look(gated.engine, "/", token(root));
    expect(all.html).to.include(`account ${home}`);
    const path = all.links.get("shared") ?? "";
    expect((await look(gated.engine, path, token(root))).text).to.match(/api {2}reported {2}1 {2}● HEALTHY 1/);
    expect((await look(gated.engine, "/", token(blind))).links.has("shared")).to.equal(true);
    const { status, text } = await look(gated.engine, path, token(blind));
    expect(status).to.equal(403);
    expect(text).to.include("servicediscovery:GetNamespace").and.not.include("srv-");
  });

  it("leads to what another account shares, by its ARN", async () => {
    const all = await look(gated.engine, "/", token(consumer));
    expect(all.html).to.include(`account ${consumer.account}`);
    const namespace = await look(gated.engine, all.links.get("shared") ?? "", token(consumer));
    expect(namespace.status, namespace.text).to.equal(200);
    expect(namespace.text).to.match(/api {2}reported {2}1 {2}● HEALTHY 1/);
    const service = await look(gated.engine, namespace.links.get("api") ?? "", token(consumer));
    expect(service.status, service.text).to.equal(200);
    expect((await look(gated.engine, service.links.get("shared") ?? "", token(consumer))).status).to.equal(200);
    const nothing = await look(gated.engine, "/namespaces/ns-nothing", token(consumer));
    expect(nothing.status).to.equal(404);
    expect(nothing.html).to.include(`account ${consumer.account}`).and.not.include(home);
  });

  it("leaves out what its reader may not see beside what a page is about", async () => {
    const path = (await look(gated.engine, "/", token(root))).links.get("shared") ?? "";
    const namespace = await look(gated.engine, path, token(ofNamespaces));
    expect(namespace.status, namespace.text).to.equal(200);
    expect(namespace.text).to.match(/api {2}reported {2}1 {2}srv-/);
    const service = await look(gated.engine, namespace.links.get("api") ?? "", token(ofServices));
    expect(service.status, service.text).to.equal(200);
    expect(service.text)
      .to.match(/^one {2}$/m)
      .and.not.include("HEALTHY");
    expect(service.links.get(path.replace("/namespaces/", ""))).to.equal(path);
    const operations = await look(gated.engine, "/operations", token(ofServices));
    expect(operations.status, operations.text).to.equal(200);
    expect(operations.text.match(/● SUCCESS/g)).to.have.length(2);
    expect(operations.text).to.match(/State {2}Id {2}/); // without the columns of which nothing is known
  });

  it("is in the audit log and the metrics by what its pages ask, in its reader's name or in nobody's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-console-"));
    const auditLog = join(folder, "audit.log");
    {
      await using seen = await startGated({ keys: [root] }, { auditLog });
      await look(seen.engine, "/", { ...token(root), "user-agent": "a browser" });
      await look(seen.engine, "/services/srv-any", { ...basic(root, "wrong"), "user-agent": "a guess" });
      const metrics = basic(root, tokenFor("cloudmap:GetMetrics", root));
      const { html } = await look(seen.engine, "/metrics", metrics);
      expect(html).to.include('cloudmap_requests_total{operation="ListNamespaces",result="OK"} 1');
      expect(html).to.include('cloudmap_requests_total{operation="GetService",result="InvalidClientTokenId"} 1');
    }
    const events = readFileSync(auditLog, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    rmSync(folder, { recursive: true });
    expect(
      events.map(({ eventName, userAgent, userIdentity, errorCode }) => [
        eventName,
        userAgent,
        userIdentity.accessKeyId,
        errorCode,
      ]),
    ).to.deep.equal([
      ["ListNamespaces", "a browser", root.accessKeyId, undefined],
      ["GetService", "a guess", undefined, "InvalidClientTokenId"],
    ]);
  });

  it("opens nothing else with its token", async () => {
    const headers = { ...token(root), "content-type": "application/x-amz-json-1.1" };
    const target = { "x-amz-target": "Route53AutoNaming_v20170314.ListNamespaces" };
    const api = await fetch(gated.engine.url, { method: "POST", headers: { ...headers, ...target }, body: "{}" });
    expect(api.status).to.equal(400);
    expect((await fetch(`${gated.engine.url}/metrics`, { headers })).status).to.equal(401);
  });
});
