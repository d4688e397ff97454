// The console: what its pages show, and that nothing that is shown can do anything.
import { expect } from "chai";
import { call, makeNamespace, makeService, namespaceOf, type Running, register, start } from "../running.ts";
import { look, type Shown } from "./look.ts";

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
    const services = ["worker", "cart", "mail", "pay"];
    for (const name of services) await makeService(engine, shop, name);
    for (const id of ["a", "b", "c"]) await register(engine, api, id);
    const status = { ServiceId: api, InstanceId: "b", Status: "UNHEALTHY" } as const;
    await call(engine, "UpdateInstanceCustomHealthStatus", status);
    const all = await look(engine, "/");
    expect(all.text).to.match(/shop {2}HTTP {2}5 {2}ns-/);
    const namespace = await look(engine, all.links.get("shop") ?? "");
    expect(namespace.text).to.match(/api {2}reported {2}3 {2}● HEALTHY 2 \n✕ UNHEALTHY 1 \n {2}srv-/);
    expect(namespace.text).to.match(/worker {2}none {2}0 {4}srv-/);
    expect([...namespace.links.keys()]).to.deep.equal(["Namespaces", "api", "cart", "mail", "pay", "worker"]);
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

  it("shows a namespace's services however many others have, each once", async () => {
    await using busy = await start();
    const [crowd, some, one] = [
      await makeNamespace(busy, "crowd"),
      await makeNamespace(busy, "some"),
      await makeNamespace(busy, "one"),
    ];
    await Promise.all(Array.from({ length: 400 }, (_, at) => makeService(busy, crowd, `other-${at}`)));
    await Promise.all(Array.from({ length: 60 }, (_, at) => makeService(busy, some, `s-${100 + at}`)));
    await makeService(busy, one, "alone");
    const page = await look(busy, `/namespaces/${one}`);
    expect(page.text).to.include("alone");
    expect(page.links.has("Next page")).to.equal(false);
    const pages: string[][] = [];
    for (let path: string | undefined = `/namespaces/${some}`; path !== undefined; ) {
      const { text, links }: Shown = await look(busy, path);
      pages.push(text.match(/\bs-1\d\d/g) ?? []);
      path = links.get("Next page");
    }
    expect(pages.flat().sort()).to.deep.equal(Array.from({ length: 60 }, (_, at) => `s-${100 + at}`));
    expect(pages[0]).to.have.length.within(25, 60);

    let after = "";
    for (const MaxResults of [100, 100, 100, 100, 60]) {
      const input = { MaxResults, ...(after !== "" && { NextToken: after }) };
      after = (await call(busy, "ListServices", input)).NextToken ?? "";
    }
    const { Services = [] } = await call(busy, "ListServices", { NextToken: after });
    expect(Services).to.have.length(1);
    const without = Services[0]?.Name === "alone" ? some : one;
    const rest = await look(busy, `/namespaces/${without}?after=${after}`);
    expect(rest.text).to.include("None in this part of the list.").and.not.include("has no service");
  });

  it("says how probes judge, also where nobody has said after how many", async () => {
    const web = await namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name: "web.example" }));
    const DnsConfig = { DnsRecords: [{ Type: "A", TTL: 60 }] } as const;
    await makeService(engine, web, "tcp", { DnsConfig, HealthCheckConfig: { Type: "TCP" } });
    const http = { Type: "HTTP", ResourcePath: "/up", FailureThreshold: 3 } as const;
    await makeService(engine, web, "http", { DnsConfig, HealthCheckConfig: http });
    const { text } = await look(engine, `/namespaces/${web}`);
    expect(text).to.include("TCP probes, threshold 1").and.include("HTTP /up probes, threshold 3");
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
    expect(page.html.indexOf("hold still")).to.be.lessThan(page.html.indexOf("<main>")); // in reach of who uses the keyboard
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

  it("looks again after what passes by itself", async () => {
    await using busy = await start({ throttle: "aws" });
    for (let left = 5; left > 0; left -= 1) expect((await look(busy, "/")).status).to.equal(200);
    const early = await look(busy, "/");
    expect([early.status, early.text.includes("ThrottlingException")]).to.deep.equal([400, true]);
    expect(early.html).to.include('http-equiv="refresh"');
    busy.clock.now += 60_000;
    expect((await look(busy, "/")).status).to.equal(200);
  });

  it("has its own faults in the log, and those of the API once", async () => {
    let isBroken = false;
    const now = () => {
      if (isBroken && new Error().stack?.includes("getInstancesHealthStatus")) throw new Error("no clock");
      return Date.now();
    };
    await using faulty = await start({ now });
    const service = await makeService(faulty, await makeNamespace(faulty, "n"), "s");
    await register(faulty, service, "i");
    isBroken = true;
    const { status, text, html } = await look(faulty, `/services/${service}`);
    expect([status, text.includes("InternalFailure")]).to.deep.equal([500, true]);
    expect(html).to.include('http-equiv="refresh"').and.not.include("no clock");
    expect(faulty.logged.filter((line) => line.startsWith("error"))).to.have.length(1);

    await using late = await start();
    const today = late.clock.now;
    late.clock.now = 8.64e15 + 1_000; // later than a Date can say
    await makeNamespace(late, "n");
    late.clock.now = today;
    const [path = ""] = (await look(late, "/")).links.values();
    expect((await look(late, path)).status).to.equal(500);
    const faults = late.logged.filter((line) => line.startsWith("error"));
    expect(faults).to.have.length(1);
    expect(faults[0])
      .to.include(path)
      .and.match(/RangeError.*page\.ts/);
  });

  it("is not shown to pages of other sites, nor by names that are not the engine's", async () => {
    expect((await look(engine, "/", { "sec-fetch-site": "cross-site" })).status).to.equal(403);
    expect((await look(engine, "/", { origin: "https://evil.example" })).status).to.equal(403);
    expect((await look(engine, "/", { "sec-fetch-site": "none" })).status).to.equal(200);
  });
});
