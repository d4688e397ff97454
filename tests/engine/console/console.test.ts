// The console: what its pages show, to whom, and that nothing that is shown can do anything.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { consolePurpose } from "../../../api/extensions.ts";
import { tokenFor } from "../../../engine/auth/token.ts";
import { callAs, type Gated, home, keyOf, startGated, type TestKey, targetOf } from "../auth/gated.ts";
import { call, makeNamespace, makeService, namespaceOf, type Running, register, start } from "../running.ts";

interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What is read, without its markup, a line for each row of a table. */
  readonly text: string;
  /** Text and target of each link in the main part. */
  readonly links: ReadonlyMap<string, string>;
}

async function look(to: { url: string }, path: string, headers: Record<string, string> = {}): Promise<Shown> {
  const answer = await fetch(`${to.url}${path}`, { headers });
  const html = await answer.text();
  const main = /<main>(.*)<\/main>/s.exec(html)?.[1] ?? "";
  const links = [...main.matchAll(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/g)].map(([, href = "", text = ""]) => {
    return [plain(text), plain(href)] as const;
  });
  return { status: answer.status, headers: answer.headers, html, text: plain(main), links: new Map(links) };
}

/** Cells are apart by two blanks, and the entities are what they stand for. */
function plain(markup: string): string {
  const spaced = markup.replace(/<\/(td|dt|th)>/g, "  ").replace(/<\/(div|dd)>/g, " \n");
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return spaced.replace(/<[^>]*>/g, "").replace(/&(\w+|#39);/g, (_all, name) => characters[name] ?? "?");
}

function basic({ accessKeyId }: TestKey, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${accessKeyId}:${password}`).toString("base64")}` };
}

describe("the console", () => {
  let engine: Running;
  before(async () => {
    engine = await start({ healthWindow: 0 });
  });
  after(() => engine[Symbol.asyncDispose]());

  it("says what to do where there is no namespace", async () => {
    await using empty = await start();
    const { status, text } = await look(empty, "/");
    expect(status).to.equal(200);
    expect(text).to.include("There is no namespace").and.include("create-http-namespace");
  });

  it("leads from the namespaces to a service and its instances, with their health", async () => {
    const shop = await makeNamespace(engine, "shop");
    const api = await makeService(engine, shop, "api", { HealthCheckCustomConfig: {}, Description: "for customers" });
    await makeService(engine, shop, "worker");
    for (const id of ["a", "b", "c"]) await register(engine, api, id);
    const status = { ServiceId: api, InstanceId: "b", Status: "UNHEALTHY" } as const;
    await call(engine, "UpdateInstanceCustomHealthStatus", status);
    const all = await look(engine, "/");
    expect(all.text).to.match(/shop {2}HTTP {2}2 {2}ns-/);
    const namespace = await look(engine, all.links.get("shop") ?? "");
    expect(namespace.text).to.match(/api {2}reported {2}3 {2}● HEALTHY 2 \n✕ UNHEALTHY 1 \n {2}srv-/);
    expect(namespace.text).to.match(/worker {2}none {2}0 {4}srv-/);
    const service = await look(engine, namespace.links.get("api") ?? "");
    expect(service.text).to.include("Description  for customers");
    const rows = service.text.split("\n").filter((line) => /HEALTHY/.test(line));
    expect(rows.map((row) => row.split("  ").slice(0, 2).join(" "))).to.deep.equal([
      "a ● HEALTHY",
      "b ✕ UNHEALTHY",
      "c ● HEALTHY",
    ]);
    expect([...service.links.keys()]).to.deep.equal(["Namespaces", "shop"]);
  });

  it("shows where instances are, and the DNS name and the tags of what has them", async () => {
    const input = { Name: "corp.internal", Vpc: "vpc-1", Tags: [{ Key: "team", Value: "platform" }] };
    const corp = await namespaceOf(engine, await call(engine, "CreatePrivateDnsNamespace", input));
    const DnsRecords = ["A", "AAAA"].map((Type) => ({ Type: Type as "A" | "AAAA", TTL: 60 }));
    const db = await makeService(engine, corp, "db", { DnsConfig: { DnsRecords } });
    const Attributes = {
      AWS_INSTANCE_IPV4: "10.1.0.7",
      AWS_INSTANCE_IPV6: "fd00::7",
      AWS_INSTANCE_PORT: "5432",
      zone: "a",
    };
    await call(engine, "RegisterInstance", { ServiceId: db, InstanceId: "primary", Attributes });
    expect((await look(engine, `/namespaces/${corp}`)).text).to.include("Tags  team=platform");
    const { text } = await look(engine, `/services/${db}`);
    expect(text).to.include("DNS name  db.corp.internal").and.include("DNS records  A 60 s, AAAA 60 s");
    expect(text).to.include("primary  ○ UNKNOWN  10.1.0.7:5432 \n[fd00::7]:5432 \n  zone=a");
  });

  it("shows the operations, the newest first, and why one failed", async () => {
    const make = (Vpc: string) => call(engine, "CreatePrivateDnsNamespace", { Name: "twice.internal", Vpc });
    const begun: string[] = [];
    for (const vpc of ["vpc-2", "vpc-3", "vpc-2"]) {
      engine.clock.now += 1_000; // those of one moment are in no order
      begun.push((await make(vpc)).OperationId ?? "");
    }
    const { text, links } = await look(engine, "/operations");
    const [failed, second, first] = text.split(/UTC(?= {2})/).slice(1, 4);
    expect(failed).to.match(/^ {2}CREATE_NAMESPACE {2}✕ FAILCANNOT_CREATE_HOSTED_ZONE: .*twice\.internal/);
    for (const row of [second, first]) expect(row).to.match(/^ {2}CREATE_NAMESPACE {2}● SUCCESS {2}ns-/);
    expect([failed, second, first].map((row, at) => row?.includes(begun[2 - at] ?? "?"))).to.deep.equal([
      true,
      true,
      true,
    ]);
    const made = /ns-\w+/.exec(first ?? "")?.[0] ?? "";
    expect((await look(engine, links.get(made) ?? "")).text).to.include("twice.internal");
  });

  it("shows lists page by page, each entry once", async () => {
    const many = await makeNamespace(engine, "many");
    const big = await makeService(engine, many, "big");
    await Promise.all(Array.from({ length: 230 }, (_, at) => register(engine, big, `i-${1000 + at}`)));
    const seen: string[] = [];
    for (let path: string | undefined = `/services/${big}`; path !== undefined; ) {
      const { status, text, links }: Shown = await look(engine, path);
      expect(status).to.equal(200);
      seen.push(...(text.match(/i-1\d\d\d/g) ?? []));
      path = links.get("Next page");
    }
    expect(seen).to.deep.equal(Array.from({ length: 230 }, (_, at) => `i-${1000 + at}`));
  });

  it("writes nothing as markup that somebody else has written", async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
    const shop = await makeNamespace(engine, "evil");
    const api = await makeService(engine, shop, "api", { Description: `${evil} \u202e` });
    const Attributes = { "<b>key</b>": evil, constructor: "1", AWS_INSTANCE_CNAME: "x.example" };
    await call(engine, "RegisterInstance", { ServiceId: api, InstanceId: "i", Attributes });
    const { html, text } = await look(engine, `/services/${api}`);
    expect(html).to.not.match(/<script|<img|<b>|\u202e/);
    expect(text).to.include(`${evil} \\u{202e}`).and.include(`<b>key</b>=${evil}`).and.include("constructor=1");
  });

  it("is a page that loads, runs and sends nothing, and that no other page frames or keeps", async () => {
    const { headers, html } = await look(engine, "/");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy)
      .to.include("default-src 'none'")
      .and.include("frame-ancestors 'none'")
      .and.include("form-action 'none'");
    expect(policy).to.not.include("script-src");
    expect(headers.get("cache-control")).to.equal("no-store");
    expect(headers.get("x-content-type-options")).to.equal("nosniff");
    expect(html.match(/<(script|link|form|iframe|img)\b/g)).to.equal(null);
  });

  it("looks again by itself, until it is held still", async () => {
    const page = await look(engine, "/");
    expect(page.html).to.include('<meta http-equiv="refresh"');
    expect(page.html).to.include('<a href="/?still=yes">hold still</a>');
    const still = await look(engine, "/?still=yes");
    expect(still.html).to.not.include('http-equiv="refresh"');
    expect(still.html).to.include('<a href="/">go on</a>');
  });

  it("says what is not there, and does not ask for it again and again", async () => {
    for (const [path, code, status] of [
      ["/namespaces/ns-nothing", "NamespaceNotFound", 404],
      ["/services/srv-nothing", "ServiceNotFound", 404],
      ["/?after=nonsense", "InvalidInput", 400],
      ["/?after=a&after=b", "InvalidInput", 400],
    ] as const) {
      const shown = await look(engine, path);
      expect([shown.status, shown.text.includes(code)], path).to.deep.equal([status, true]);
      expect(shown.html).to.not.include('http-equiv="refresh"');
    }
    expect((await look(engine, "/services/%")).status).to.be.within(400, 499);
  });

  it("is not shown to pages of other sites, nor by names that are not the engine's", async () => {
    expect((await look(engine, "/", { "sec-fetch-site": "cross-site" })).status).to.equal(403);
    expect((await look(engine, "/", { origin: "https://evil.example" })).status).to.equal(403);
    expect((await look(engine, "/", { "sec-fetch-site": "none" })).status).to.equal(200);
  });
});

describe("the console of an engine with access keys", () => {
  const root = keyOf("root");
  const blind = keyOf("blind");
  const consumer = { ...keyOf("consumer"), account: "111111111111" };
  const token = (key: TestKey) => basic(key, tokenFor(consolePurpose, key));
  let gated: Gated;
  before(async () => {
    const nothing = [{ Statement: { Effect: "Allow", Action: "servicediscovery:ListNamespaces", Resource: "*" } }];
    const keys = [root, { ...blind, policies: nothing }, consumer];
    gated = await startGated({ keys });
    const namespace = await targetOf(gated, root, await callAs(gated, root, "CreateHttpNamespace", { Name: "shared" }));
    await callAs(gated, root, "CreateService", { NamespaceId: namespace, Name: "api" });
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
    expect((await look(gated.engine, path, token(root))).text).to.match(/api {2}none/);
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
    const service = await look(gated.engine, namespace.links.get("api") ?? "", token(consumer));
    expect(service.status, service.text).to.equal(200);
    expect((await look(gated.engine, service.links.get("shared") ?? "", token(consumer))).status).to.equal(200);
  });

  it("is in the audit log and the metrics by what its pages ask, in its reader's name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-console-"));
    const auditLog = join(folder, "audit.log");
    {
      await using seen = await startGated({ keys: [root] }, { auditLog });
      await look(seen.engine, "/", { ...token(root), "user-agent": "a browser" });
      const metrics = basic(root, tokenFor("cloudmap:GetMetrics", root));
      const { html } = await look(seen.engine, "/metrics", metrics);
      expect(html).to.include('cloudmap_requests_total{operation="ListNamespaces",result="OK"} 1');
    }
    const events = readFileSync(auditLog, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    rmSync(folder, { recursive: true });
    expect(
      events.map(({ eventName, userAgent, userIdentity }) => [eventName, userAgent, userIdentity.accessKeyId]),
    ).to.deep.equal([["ListNamespaces", "a browser", root.accessKeyId]]);
  });

  it("opens nothing else with its token", async () => {
    const headers = { ...token(root), "content-type": "application/x-amz-json-1.1" };
    const target = { "x-amz-target": "Route53AutoNaming_v20170314.ListNamespaces" };
    const api = await fetch(gated.engine.url, { method: "POST", headers: { ...headers, ...target }, body: "{}" });
    expect(api.status).to.equal(400);
    expect((await fetch(`${gated.engine.url}/metrics`, { headers })).status).to.equal(401);
  });
});
