// DNS in threads of its own: what is acknowledged is visible, whichever thread is asked; counts, the query log, starts and stops.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call, register } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { ask } from "./ask.ts";
import { type Served, serve } from "./served.ts";

const canShare = process.platform === "linux" || process.platform === "freebsd";

describe("DNS threads", () => {
  let engine: Served | undefined;
  afterEach(async () => {
    await engine?.[Symbol.asyncDispose]();
    engine = undefined;
  });

  const data = async ({ dns }: Served, name: string, transport: "udp" | "tcp" = "udp") => {
    const { answers = [], rcode } = await ask(dns, name, "A", { transport });
    return answers.length === 0 ? rcode : answers.map((each) => "data" in each && each.data).join();
  };

  for (const threads of canShare ? [1, 3] : [1]) {
    it(`show a change to all who ask after it was acknowledged (${threads})`, async () => {
      engine = await serve({ threads }, { now: Date.now });
      const ServiceId = await engine.makeRecords(await engine.makePrivate("demo.internal"), "web", ["A 0"]);
      const { port } = new URL(`udp://${engine.dns}`);
      expect(Number(port)).to.be.greaterThan(0);
      for (let round = 0; round < 30; round += 1) {
        const address = `10.0.0.${round}`;
        await register(engine, ServiceId, "i", { AWS_INSTANCE_IPV4: address });
        // Each socket has a port of its own, by which the system chooses the thread.
        const found = await Promise.all(
          Array.from({ length: 8 }, (_, index) =>
            data(engine as Served, "web.demo.internal", index % 4 === 0 ? "tcp" : "udp"),
          ),
        );
        expect(new Set(found)).to.deep.equal(new Set([address]));
        if (round % 5 > 0) continue;
        await call(engine, "DeregisterInstance", { ServiceId, InstanceId: "i" });
        expect(await data(engine, "web.demo.internal")).to.equal("NXDOMAIN");
      }
      const { queries, udp, tcp } = await engine.engine.dns.totals();
      expect([udp, tcp]).to.deep.equal([30 * 6 + 6, 30 * 2]);
      expect(queries).to.deep.include({ zone: "demo.internal", type: "A", rcode: "NOERROR", count: 240 });
      expect(queries).to.deep.include({ zone: "demo.internal", type: "A", rcode: "NXDOMAIN", count: 6 });
    });
  }

  it("are counted in the engine's metrics", async () => {
    engine = await serve({}, { now: Date.now });
    await engine.makePrivate("demo.internal");
    await data(engine, "none.demo.internal");
    const text = await (await fetch(`${engine.url}/metrics`)).text();
    expect(text).to.include('cloudmap_dns_queries_total{zone="demo.internal",type="A",rcode="NXDOMAIN"} 1');
    expect(text).to.include('cloudmap_dns_answers_total{transport="udp"} 1');
  });

  it("write a query log", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-dns-"));
    const file = join(folder, "queries.log");
    for (const threads of [0, 1]) {
      engine = await serve({ threads, queryLog: { file, share: 1 } }, { now: Date.now });
      await engine.makePrivate("demo.internal");
      await data(engine, "no\u0007ne.DEMO.internal", "tcp");
      await engine[Symbol.asyncDispose]();
      engine = undefined;
    }
    const lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).to.have.lengthOf(2);
    for (const line of lines) {
      expect(line).to.include({
        client: "127.0.0.1",
        transport: "tcp",
        name: "no\\007ne.demo.internal.",
        type: "A",
        rcode: "NXDOMAIN",
      });
    }
    rmSync(folder, { recursive: true });
  });

  it("log the share of the queries that is asked for, and go on in a new file where the old one was moved", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-dns-"));
    const file = join(folder, "queries.log");
    const lines = (path: string) => readFileSync(path, "utf8").split("\n").length - 1;
    engine = await serve({ queryLog: { file, share: 0.25 } }, { now: Date.now });
    const asked = async (times: number) => {
      for (let round = 0; round < times / 50; round += 1) {
        await Promise.all(Array.from({ length: 50 }, () => data(engine as Served, "none.internal")));
      }
    };
    await asked(400);
    // Of 400 by chance: with 60 more or less than 100, which is seven deviations, it would not be chance.
    await until("the queries are written", () => existsSync(file) && lines(file) > 40);
    renameSync(file, `${file}.old`);
    await engine.engine.reopenLogs();
    expect(lines(`${file}.old`)).to.be.within(40, 160);
    await asked(100);
    await until("there is a new file", () => existsSync(file) && lines(file) > 0);
    rmSync(folder, { recursive: true });
  });

  it("are one where the system does not share ports: more are refused with the reason", async () => {
    const { value: platform = "" } = Object.getOwnPropertyDescriptor(process, "platform") ?? {};
    Object.defineProperty(process, "platform", { value: "darwin" });
    try {
      const reason = await serve({ threads: 2 }).catch((error: Error) => error.message);
      expect(reason).to.equal(
        "--dns-threads 2: threads that share a port need the system's SO_REUSEPORT, which Node does not have on darwin; leave it out",
      );
      engine = await serve({ threads: 1 }, { now: Date.now });
    } finally {
      Object.defineProperty(process, "platform", { value: platform });
    }
    await engine.makePrivate("demo.internal");
    expect(await data(engine, "demo.internal")).to.equal("NOERROR");
  });

  it("go on from memory when the store cannot be written, and when it is closed", async () => {
    const memory = new Memory();
    let full = false;
    const open = openMemory(memory);
    const commit: typeof open.commit = (transaction) =>
      full ? Promise.reject(new Error("gone")) : open.commit(transaction);
    engine = await serve({ threads: 1 }, { now: Date.now, store: { ...open, commit } });
    const service = await engine.makeRecords(await engine.makePrivate("demo.internal"), "web", ["A 0"]);
    await register(engine, service, "i", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    full = true;
    const refused = await register(engine, service, "j", { AWS_INSTANCE_IPV4: "10.0.0.2" }).catch(String);
    expect(refused).to.include("ServiceUnavailable");
    expect(await data(engine, "web.demo.internal")).to.equal("10.0.0.1");
    await open.close();
    expect(await data(engine, "web.demo.internal")).to.equal("10.0.0.1");
  });

  it("say that answers may be old while the store is not reached, and no longer when it is", async () => {
    engine = await serve({ threads: 1 }, { now: Date.now });
    await engine.makePrivate("demo.internal");
    const codes = async () => {
      const { additionals = [] } = await ask(engine?.dns ?? "", "demo.internal", "SOA", { size: 1232 });
      return additionals.flatMap((each) => (each.type === "OPT" ? each.options.map(({ code }) => code) : []));
    };
    expect(await codes()).to.deep.equal([]);
    engine.engine.dns.stale("2026-01-01T00:00:00Z");
    expect(await codes()).to.deep.equal([15]);
    engine.engine.dns.stale(undefined);
    expect(await codes()).to.deep.equal([]);
  });

  it("let go of their ports when the engine stops, and take them again", async () => {
    engine = await serve({ threads: canShare ? 2 : 1 }, { now: Date.now });
    const listen = [engine.dns];
    await engine.restart({ dns: { listen, threads: 1 } });
    expect(engine.dns).to.equal(listen[0]);
  });

  it("explain a port that is taken, or take another one where nobody asked for that one", async () => {
    const other = createSocket("udp4").bind(0, "127.0.0.1");
    await once(other, "listening");
    const listen = [`127.0.0.1:${other.address().port}`];
    const reason = await serve({ listen, threads: 1 }).catch((error: Error) => error.message);
    expect(reason).to.equal(
      `--dns ${listen[0]}: another program has that port; take another one (127.0.0.1:0 takes a free one), or --dns none`,
    );
    engine = await serve({ listen, threads: 1, elsewhere: true });
    expect(engine.dns).not.to.equal(listen[0]);
    other.close();
  });
});
