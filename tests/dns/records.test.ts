// Every type of record, by every routing policy, in every state of health: asked by a client that is not ours.
import { expect } from "chai";
import { call, register } from "../engine/running.ts";
import { ask, type Decoded } from "./ask.ts";
import { type Served, serve } from "./served.ts";

type Routing = "MULTIVALUE" | "WEIGHTED";
type Health = "none" | "all healthy" | "some unhealthy" | "all unhealthy";

const healths: readonly Health[] = ["none", "all healthy", "some unhealthy", "all unhealthy"];
const count = 12;
const numbers = Array.from({ length: count }, (_, index) => index);
const ipv4 = (index: number) => `10.1.0.${index}`;
const ipv6 = (index: number) => `fd00::1:${(index + 1).toString(16)}`;

/** What an instance has, and what its record says, for each type. */
const kinds = {
  A: { records: ["A 60"], routings: ["MULTIVALUE", "WEIGHTED"], data: ipv4 },
  AAAA: { records: ["AAAA 61"], routings: ["MULTIVALUE", "WEIGHTED"], data: ipv6 },
  "A of both": { records: ["A 60", "AAAA 61"], routings: ["MULTIVALUE", "WEIGHTED"], data: ipv4 },
  "AAAA of both": { records: ["A 60", "AAAA 61"], routings: ["MULTIVALUE", "WEIGHTED"], data: ipv6 },
  SRV: { records: ["SRV 62"], routings: ["MULTIVALUE", "WEIGHTED"], data: (index: number) => `i${index} 80${index}` },
  CNAME: { records: ["CNAME 63"], routings: ["WEIGHTED"], data: (index: number) => `host-${index}.example.com` },
} as const;
const ttls: Readonly<Record<string, number>> = { A: 60, AAAA: 61, SRV: 62, CNAME: 63 };

const attributes = (index: number) => ({
  AWS_INSTANCE_IPV4: ipv4(index),
  AWS_INSTANCE_IPV6: ipv6(index),
  AWS_INSTANCE_PORT: `80${index}`,
  AWS_INSTANCE_CNAME: `host-${index}.example.com`,
});

/** The data of the answers, as `kinds` writes it. */
function dataOf({ answers = [] }: Decoded): string[] {
  return answers.map((answer) => {
    if (answer.type !== "SRV") return "data" in answer ? String(answer.data) : "";
    return `${answer.data.target.split(".")[0]} ${answer.data.port}`;
  });
}

describe("DNS records", () => {
  let engine: Served;
  let zone: string;
  before(async () => {
    engine = await serve();
    zone = await engine.makePrivate("demo.internal");
  });
  after(() => engine[Symbol.asyncDispose]());

  for (const [kind, { records, routings, data }] of Object.entries(kinds)) {
    const type = kind.split(" ")[0] ?? "";
    for (const routing of routings as readonly Routing[]) {
      for (const health of healths) {
        it(`answer ${kind}, ${routing}, health: ${health}`, async () => {
          const name = `${kind}-${routing}-${health}`.replaceAll(" ", "-").toLowerCase();
          const custom = health === "none" ? {} : { HealthCheckCustomConfig: {} };
          const service = await engine.makeRecords(zone, name, records, { routing, ...custom });
          const isDown = (index: number) =>
            health === "all unhealthy" || (health === "some unhealthy" && index % 2 === 1);
          for (const index of numbers) {
            await register(engine, service, `i${index}`, {
              ...attributes(index),
              ...(isDown(index) && { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }),
            });
          }
          const wanted = numbers.filter((index) => health === "all unhealthy" || !isDown(index)).map(data);
          const most = routing === "WEIGHTED" ? 1 : Math.min(8, wanted.length);
          const seen = new Set<string>();
          const orders = new Set<string>();
          for (let asked = 0; asked < 20 || (asked < 500 && seen.size < wanted.length); asked += 1) {
            const answer = await ask(engine.dns, `${name}.demo.internal`, type, { size: 1232 });
            const found = dataOf(answer);
            expect(answer.rcode).to.equal("NOERROR");
            expect(answer.flag_aa).to.equal(true);
            expect(found).to.have.lengthOf(most);
            expect(new Set(found).size).to.equal(found.length);
            expect(wanted).to.include.members(found);
            for (const record of answer.answers ?? []) expect(record).to.include({ type, ttl: ttls[type] });
            for (const each of found) seen.add(each);
            orders.add(found.join());
          }
          expect(seen.size, "all are answered in time").to.equal(wanted.length);
          expect(orders.size, "in other subsets and orders each time").to.be.greaterThan(
            routing === "WEIGHTED" ? 4 : 15,
          );
        });
      }
    }
  }

  it("name the instance in SRV, send its addresses along, and resolve that name by itself", async () => {
    const service = await engine.makeRecords(zone, "_http._tcp.api", ["SRV 10"]);
    await register(engine, service, "one", { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "8080" });
    await register(engine, service, "two.b", { AWS_INSTANCE_IPV6: "fd00::2", AWS_INSTANCE_PORT: "8081" });
    const { answers = [], additionals = [] } = await ask(engine.dns, "_http._tcp.api.demo.internal", "SRV");
    const byPort = new Map(
      answers.map((answer) => (answer.type === "SRV" ? [answer.data.port, answer.data] : [0, undefined])),
    );
    expect(byPort.get(8080)).to.deep.equal({
      priority: 1,
      weight: 1,
      port: 8080,
      target: "one._http._tcp.api.demo.internal",
    });
    expect(byPort.get(8081)).to.deep.include({ target: "two.b._http._tcp.api.demo.internal" });
    const found = additionals.map((each) => ("data" in each ? `${each.name} ${each.type} ${each.data}` : ""));
    expect(found).to.have.members([
      "one._http._tcp.api.demo.internal A 10.0.0.1",
      "two.b._http._tcp.api.demo.internal AAAA fd00::2",
    ]);
    for (const [name, type, data] of [
      ["one", "A", ["10.0.0.1"]],
      ["one", "AAAA", []],
      ["two.b", "AAAA", ["fd00::2"]],
      ["two.b", "ANY", ["fd00::2"]],
      ["b", "A", []],
    ] as const) {
      const answer = await ask(engine.dns, `${name}._http._tcp.api.demo.internal`, type);
      expect([answer.rcode, dataOf(answer)], `${name} ${type}`).to.deep.equal(["NOERROR", data]);
    }
  });

  it("give instances that no name can be made of a name all the same", async () => {
    const service = await engine.makeRecords(zone, "odd", ["SRV 10"]);
    const ids = ["x".repeat(64), "a..b", ".a", "a:b/c@d", "Case", "case"];
    for (const [index, id] of ids.entries()) {
      await register(engine, service, id, { AWS_INSTANCE_IPV4: `10.2.0.${index}`, AWS_INSTANCE_PORT: String(index) });
    }
    const { answers = [] } = await ask(engine.dns, "odd.demo.internal", "SRV", { size: 1232 });
    expect(answers).to.have.lengthOf(ids.length);
    for (const answer of answers) {
      if (answer.type !== "SRV") continue;
      const found = dataOf(await ask(engine.dns, answer.data.target, "A"));
      expect(found, answer.data.target).to.include(`10.2.0.${answer.data.port}`);
    }
  });

  it("weigh by CLOUDMAP_WEIGHT, and answer what weighs nothing only when nothing else is left", async () => {
    const service = await engine.makeRecords(zone, "weighed", ["A 5"], {
      routing: "WEIGHTED",
      HealthCheckCustomConfig: {},
    });
    const weights = { "10.3.0.1": "3", "10.3.0.2": "1", "10.3.0.3": "0" };
    for (const [address, weight] of Object.entries(weights)) {
      await register(engine, service, `w${weight}`, { AWS_INSTANCE_IPV4: address, CLOUDMAP_WEIGHT: weight });
    }
    const tally = async () => {
      const seen: Record<string, number> = {};
      for (let asked = 0; asked < 400; asked += 1) {
        const [found = ""] = dataOf(await ask(engine.dns, "weighed.demo.internal", "A"));
        seen[found] = (seen[found] ?? 0) + 1;
      }
      return seen;
    };
    const seen = await tally();
    expect(Object.keys(seen)).to.have.members(["10.3.0.1", "10.3.0.2"]);
    expect(seen["10.3.0.1"]).to.be.within(240, 355); // 300 expected; six standard deviations are 52
    for (const InstanceId of ["w3", "w1"]) {
      await call(engine, "UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId, Status: "UNHEALTHY" });
    }
    engine.clock.now += 30_000;
    expect(Object.keys(await tally())).to.deep.equal(["10.3.0.3"]);
  });

  it("say each address once, though two instances have it", async () => {
    const service = await engine.makeRecords(zone, "shared", ["A 5"]);
    for (const id of ["a", "b"]) await register(engine, service, id, { AWS_INSTANCE_IPV4: "10.4.0.1" });
    expect(dataOf(await ask(engine.dns, "shared.demo.internal", "A"))).to.deep.equal(["10.4.0.1"]);
  });

  it("follow a CNAME within our zones, and stop where it leads out of them or in a circle", async () => {
    const make = async (name: string, target: string) => {
      const service = await engine.makeRecords(zone, name, ["CNAME 20"], { routing: "WEIGHTED" });
      await register(engine, service, "i", { AWS_INSTANCE_CNAME: target });
    };
    const service = await engine.makeRecords(zone, "end", ["A 7"]);
    await register(engine, service, "i", { AWS_INSTANCE_IPV4: "10.5.0.1" });
    await make("first", "SECOND.demo.internal");
    await make("second", "end.demo.internal.");
    await make("lost", "nowhere.demo.internal");
    await make("circle", "circle.demo.internal");
    const chain = async (name: string, type = "A") => {
      const answer = await ask(engine.dns, `${name}.demo.internal`, type);
      return [answer.rcode, (answer.answers ?? []).map(({ name, type }) => `${name.toLowerCase()} ${type}`)];
    };
    expect(await chain("first")).to.deep.equal([
      "NOERROR",
      ["first.demo.internal CNAME", "second.demo.internal CNAME", "end.demo.internal A"],
    ]);
    expect(await chain("first", "CNAME")).to.deep.equal(["NOERROR", ["first.demo.internal CNAME"]]);
    expect(await chain("lost")).to.deep.equal(["NXDOMAIN", ["lost.demo.internal CNAME"]]);
    expect(await chain("circle")).to.deep.equal(["NOERROR", ["circle.demo.internal CNAME"]]);
  });

  it("are there when a registration is answered, and gone when a deregistration is", async () => {
    const ServiceId = await engine.makeRecords(zone, "quick", ["A 0"]);
    for (let round = 0; round < 50; round += 1) {
      await register(engine, ServiceId, "i", { AWS_INSTANCE_IPV4: `10.6.0.${round}` });
      expect(dataOf(await ask(engine.dns, "quick.demo.internal", "A"))).to.deep.equal([`10.6.0.${round}`]);
      await call(engine, "DeregisterInstance", { ServiceId, InstanceId: "i" });
      expect((await ask(engine.dns, "quick.demo.internal", "A")).rcode).to.equal("NXDOMAIN");
    }
  });

  it("follow health at every moment of its window, as the API does", async () => {
    const ServiceId = await engine.makeRecords(zone, "window", ["A 0"], { HealthCheckCustomConfig: {} });
    for (const index of [1, 2])
      await register(engine, ServiceId, `i${index}`, { AWS_INSTANCE_IPV4: `10.7.0.${index}` });
    await call(engine, "UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId: "i1", Status: "UNHEALTHY" });
    for (const [wait, wanted] of [
      [0, ["10.7.0.1", "10.7.0.2"]],
      [29_999, ["10.7.0.1", "10.7.0.2"]],
      [1, ["10.7.0.2"]],
    ] as const) {
      engine.clock.now += wait;
      expect(dataOf(await ask(engine.dns, "window.demo.internal", "A"))).to.have.members(wanted);
      const { Instances = [] } = await call(engine, "DiscoverInstances", {
        NamespaceName: "demo.internal",
        ServiceName: "window",
      });
      expect(Instances.map(({ Attributes }) => Attributes?.AWS_INSTANCE_IPV4)).to.have.members(wanted);
    }
  });

  it("change their TTL with the service, and go with its DnsConfig", async () => {
    const Id = await engine.makeRecords(zone, "changing", ["A 5"]);
    await register(engine, Id, "i", { AWS_INSTANCE_IPV4: "10.8.0.1" });
    await call(engine, "UpdateService", { Id, Service: { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 77 }] } } });
    const { answers } = await ask(engine.dns, "changing.demo.internal", "A");
    expect(answers?.[0]).to.include({ ttl: 77, data: "10.8.0.1" });
    await call(engine, "UpdateService", { Id, Service: {} });
    expect((await ask(engine.dns, "changing.demo.internal", "A")).rcode).to.equal("NXDOMAIN");
  });
});
