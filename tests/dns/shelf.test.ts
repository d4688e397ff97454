// Answers that are given from the shelf are those that would be given without it.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import packet, { type RecordType } from "dns-packet";
import type { Change } from "../../engine/dns/change.ts";
import { randomOf } from "../engine/trial.ts";
import { until } from "../local/until.ts";
import { decode } from "./ask.ts";
import { type Pure, pure, zoneWith } from "./pure.ts";

const vpcs = [
  { vpc: "vpc-a", network: "10.0.0.0", prefix: 8 },
  { vpc: "vpc-b", network: "10.1.0.0", prefix: 16 },
];
const zones: readonly [id: string, name: string, vpc?: string][] = [
  ["ns-p", "demo.internal"],
  ["ns-q", "demo.internal", "vpc-a"],
  ["ns-r", "web.demo.internal", "vpc-b"],
  ["ns-s", "other.internal", "vpc-b"],
];
const clients = ["127.0.0.1", "10.0.0.1", "10.1.0.1", "198.51.100.1"];
const names = ["web", "api", "api.web", "WEB"];

/** One that keeps nothing. */
function forgetful(options: Parameters<typeof pure>[0]): Pure {
  const all = pure(options);
  all.view.keep = () => {};
  return all;
}

function lookUp({ respond }: Pure, from: string, name: string, type: string) {
  const question = packet.encode({ type: "query", id: 1, questions: [{ name, type: type as RecordType }] });
  const { rcode, flag_aa, answers = [], authorities = [] } = decode(respond(question, from) ?? Buffer.alloc(0));
  const found = answers.map(
    (each) => `${each.name} ${each.type} ${"ttl" in each && each.ttl} ${"data" in each && each.data}`,
  );
  return { rcode, flag_aa, found: found.sort(), authorities: authorities.map((each) => each.name) };
}

function serviceOf(zone: string, name: string, RoutingPolicy: "MULTIVALUE" | "WEIGHTED", TTL: number): Change {
  const Id = `srv-${zone}-${name}`;
  const DnsRecords = [
    { Type: "A" as const, TTL },
    { Type: "AAAA" as const, TTL: TTL + 1 },
  ];
  const record = { Id, Name: name, NamespaceId: zone, DnsConfig: { RoutingPolicy, DnsRecords } };
  return { service: Id, record: { ...record, HealthCheckCustomConfig: { FailureThreshold: 1 } } };
}

function instanceOf(zone: string, name: string, number: number, health?: "HEALTHY" | "UNHEALTHY", Since = 0): Change {
  const attributes = { AWS_INSTANCE_IPV4: `192.0.2.${number}`, AWS_INSTANCE_IPV6: `2001:db8::${number}` };
  const state = { attributes, health: health && { Status: health, Since } };
  return { instance: `i-${number}`, of: `srv-${zone}-${name}`, state };
}

describe("answers that are kept", () => {
  const seed = Number(process.env.SHELF_SEED ?? Math.floor(Math.random() * 1e6));

  it(`are those of one that keeps none, whatever changes, whoever asks, at every moment (SHELF_SEED=${seed})`, () => {
    const random = randomOf(seed);
    const below = (end: number) => Math.floor(random() * end);
    const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T; // never empty
    const both = [pure({ vpcs }), forgetful({ vpcs })] as const;
    const [{ clock }, { clock: other }] = both;
    const change = (): Change => {
      const [id, Name, Vpc] = pick(zones);
      const name = pick(names.slice(0, 3));
      const kind = random();
      if (kind < 0.05) return { zone: id, record: undefined };
      if (kind < 0.2) return { zone: id, record: { Id: id, Name, SoaTtl: 15, CreateDate: 1, ...(Vpc && { Vpc }) } };
      if (kind < 0.3) return serviceOf(id, name, "MULTIVALUE", below(100));
      if (kind < 0.35) return { service: `srv-${id}-${name}`, record: undefined };
      if (kind < 0.45) return { instance: `i-${below(8)}`, of: `srv-${id}-${name}`, state: undefined };
      return instanceOf(id, name, below(8), pick([undefined, "HEALTHY", "UNHEALTHY"]), clock.now + below(3) * 1_000);
    };
    let found = 0;
    for (let step = 0; step < 2_000; step += 1) {
      const changed = change();
      for (const each of both) each.apply(changed);
      clock.now += pick([0, 0, 500, 1_000, -1_000]);
      other.now = clock.now;
      for (let asked = 0; asked < 4; asked += 1) {
        const from = pick(clients);
        const name = `${pick(names)}.${pick(["demo.internal", "Web.demo.internal", "other.internal"])}`;
        const type = pick(["A", "AAAA", "ANY"]);
        const [kept, fresh] = both.map((each) => lookUp(each, from, name, type));
        expect(kept, `${name} ${type} for ${from} at step ${step}`).to.deep.equal(fresh);
        if (fresh?.found.length) found += 1;
      }
    }
    expect(found, "questions with an answer").to.be.greaterThan(500);
  });

  it("are of every subset and order, and of one record by each in turn where the service is WEIGHTED", () => {
    const all = pure();
    all.apply(...zoneWith("ns-a", "demo.internal", "192.0.2.1"), serviceOf("ns-a", "many", "MULTIVALUE", 60));
    all.apply(serviceOf("ns-a", "one", "WEIGHTED", 60));
    for (let number = 0; number < 12; number += 1) {
      all.apply(instanceOf("ns-a", "many", number), instanceOf("ns-a", "one", number));
    }
    for (const [name, most] of [
      ["many", 8],
      ["one", 1],
    ] as const) {
      const seen = new Set<string>();
      for (let asked = 0; asked < 500; asked += 1) {
        const { found } = lookUp(all, "127.0.0.1", `${name}.demo.internal`, "AAAA");
        expect(new Set(found)).to.have.lengthOf(most);
        for (const each of found) seen.add(each);
      }
      expect(seen).to.have.lengthOf(12);
    }
  });

  it("are found again among many, each without being made again", () => {
    const count = 5_000;
    const all = pure();
    let made = 0;
    const { keep } = all.view;
    all.view.keep = (...args) => {
      made += 1;
      keep.apply(all.view, args);
    };
    all.apply(...zoneWith("ns-a", "demo.internal", "192.0.2.1"));
    for (let number = 0; number < count; number += 1) {
      all.apply(serviceOf("ns-a", `s${number}`, "MULTIVALUE", 60), instanceOf("ns-a", `s${number}`, number % 250));
    }
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < count; number += 1) {
        const { found } = lookUp(all, "127.0.0.1", `s${number}.demo.internal`, "A");
        expect(found).to.deep.equal([`s${number}.demo.internal A 60 192.0.2.${number % 250}`]);
      }
      expect(made).to.equal(count);
    }
  });

  it("leave nothing behind of names that come and go", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const all = pure();
    all.apply(...zoneWith("ns-a", "demo.internal", "192.0.2.1"));
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (let number = 0; number < 8_000; number += 1) {
      const name = `${"x".repeat(50)}${number}`;
      all.apply(serviceOf("ns-a", name, "MULTIVALUE", 60));
      for (let index = 0; index < 4; index += 1) all.apply(instanceOf("ns-a", name, index));
      expect(lookUp(all, "127.0.0.1", `${name}.demo.internal`, "AAAA").found).to.have.lengthOf(4);
      all.apply({ service: `srv-ns-a-${name}`, record: undefined });
    }
    await until("there is room for few of them, of which all take 1,300 KiB", () => {
      collect(); // what it finds is let go of a little later
      return process.memoryUsage().arrayBuffers - before < 640 * 1024;
    });
    expect(lookUp(all, "127.0.0.1", "web.demo.internal", "A").found).to.have.lengthOf(1);
  });
});
