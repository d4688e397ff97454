// Which names exist, in which zone, and for whom.
import { expect } from "chai";
import packet, { type RecordType } from "dns-packet";
import { call, register } from "../engine/running.ts";
import { ask, type Decoded, decode } from "./ask.ts";
import { type Pure, pure, zoneWith } from "./pure.ts";
import { type Served, serve } from "./served.ts";

/** The SOA of a negative answer: its owner, its TTL and its MINIMUM. */
function soaOf({ authorities = [], answers = [] }: Decoded) {
  expect(answers).to.deep.equal([]);
  const [soa] = authorities;
  return soa?.type === "SOA" ? [soa.name, soa.ttl, soa.data.minimum] : undefined;
}

describe("DNS zones", () => {
  let engine: Served;
  before(async () => {
    engine = await serve({
      nameServers: [
        { name: "ns1.demo.internal", addresses: ["192.0.2.53", "2001:db8::53"] },
        { name: "ns2.example.net", addresses: [] },
      ],
    });
    const zone = await engine.makePrivate("demo.internal", "vpc-1", 33);
    for (const [name, records] of [
      [".", "A 60"],
      ["_http._tcp.api", "SRV 10"],
      ["web", "AAAA 20"],
      ["empty", "A 20"],
    ] as const) {
      const service = await engine.makeRecords(zone, name, [records]);
      const attributes = { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_IPV6: "fd00::1", AWS_INSTANCE_PORT: "80" };
      if (name !== "empty") await register(engine, service, "one", attributes);
    }
    await engine.makePublic("public.example.com");
  });
  after(() => engine[Symbol.asyncDispose]());

  it("answer NXDOMAIN with the SOA to a name that does not exist, or has no instance", async () => {
    for (const name of ["none", "none.web", "empty", "x.y.z", "*"]) {
      const answer = await ask(engine.dns, `${name}.demo.internal`, "A");
      expect([answer.rcode, answer.flag_aa, soaOf(answer)], name).to.deep.equal([
        "NXDOMAIN",
        true,
        ["demo.internal", 33, 33],
      ]);
    }
    const other = await ask(engine.dns, "none.public.example.com", "A");
    expect(soaOf(other)).to.deep.equal(["public.example.com", 60, 60]);
  });

  it("answer NODATA with the SOA to a name without the type", async () => {
    for (const [name, type] of [
      ["web", "A"],
      ["web", "TXT"],
      ["web", "UNKNOWN_65"],
      ["_http._tcp.api", "A"],
      ["one._http._tcp.api", "SRV"],
    ]) {
      const answer = await ask(engine.dns, `${name}.demo.internal`, type ?? "");
      expect([answer.rcode, soaOf(answer)], name).to.deep.equal(["NOERROR", ["demo.internal", 33, 33]]);
    }
  });

  it("answer NODATA to an empty non-terminal", async () => {
    for (const name of ["_tcp.api", "api"]) {
      const answer = await ask(engine.dns, `${name}.demo.internal`, "A");
      expect([answer.rcode, soaOf(answer)], name).to.deep.equal(["NOERROR", ["demo.internal", 33, 33]]);
    }
  });

  it("have SOA and NS at their own name, with the servers' addresses, beside the service named .", async () => {
    const soa = (await ask(engine.dns, "demo.internal", "SOA")).answers?.[0];
    expect(soa?.type === "SOA" && soa.data).to.include({
      mname: "ns1.demo.internal",
      rname: "hostmaster.demo.internal",
      minimum: 33,
    });
    const ns = await ask(engine.dns, "demo.internal", "NS", { size: 1232 });
    expect(ns.answers?.map((each) => "data" in each && each.data)).to.deep.equal([
      "ns1.demo.internal",
      "ns2.example.net",
    ]);
    expect(
      ns.additionals?.filter(({ type }) => type !== "OPT").map((each) => "data" in each && each.data),
    ).to.deep.equal(["192.0.2.53", "2001:db8::53"]);
    const apex = await ask(engine.dns, "demo.internal", "A");
    expect(apex.answers?.[0]).to.include({ name: "demo.internal", data: "10.0.0.1", ttl: 60 });
    expect(soaOf(await ask(engine.dns, "demo.internal", "MX"))).to.deep.equal(["demo.internal", 33, 33]);
  });

  it("move the SOA's serial with every change", async () => {
    const serial = async () => {
      const soa = (await ask(engine.dns, "public.example.com", "SOA")).answers?.[0];
      return soa?.type === "SOA" ? (soa.data.serial ?? 0) : 0;
    };
    const before = await serial();
    const zone = (await call(engine, "ListNamespaces", {})).Namespaces?.find(
      ({ Name }) => Name === "public.example.com",
    );
    await register(engine, await engine.makeRecords(zone?.Id ?? "", "new", ["A 1"]), "i", {
      AWS_INSTANCE_IPV4: "192.0.2.1",
    });
    expect(await serial()).to.be.greaterThan(before);
  });

  it("refuse names outside of them", async () => {
    for (const name of ["example.com", "internal", "xdemo.internal", "."]) {
      const answer = await ask(engine.dns, name, "A");
      expect([answer.rcode, answer.flag_aa], name).to.deep.equal(["REFUSED", false]);
    }
  });

  it("compare names without case, and answer in the case that was asked", async () => {
    const name = "wEb.DeMo.iNtErNaL";
    const answer = await ask(engine.dns, name, "AAAA");
    expect(answer.questions?.[0]?.name).to.equal(name);
    expect(answer.answers?.[0]).to.include({ name, data: "fd00::1" });
  });

  it("answer the names of the engine itself, with data- before them, and those of this machine", async () => {
    for (const [name, type, data] of [
      ["ns1.demo.internal", "A", "192.0.2.53"],
      ["data-ns1.demo.internal", "AAAA", "2001:db8::53"],
      ["data-localhost", "A", "127.0.0.1"],
      ["data-cloudmap.localhost", "AAAA", "::1"],
      ["localhost", "A", "127.0.0.1"],
    ] as const) {
      expect((await ask(engine.dns, name, type)).answers?.[0], name).to.include({ type, data });
    }
    expect((await ask(engine.dns, "notlocalhost", "A")).rcode).to.equal("REFUSED");
  });

  it("go with their namespaces", async () => {
    const id = await engine.makePublic("going.example.com");
    expect((await ask(engine.dns, "going.example.com", "SOA")).rcode).to.equal("NOERROR");
    await call(engine, "DeleteNamespace", { Id: id });
    expect((await ask(engine.dns, "going.example.com", "SOA")).rcode).to.equal("REFUSED");
  });

  it("are read again when the engine starts again", async () => {
    await engine.restart({ dns: { listen: ["127.0.0.1:0"], threads: 1 } });
    expect((await ask(engine.dns, "web.demo.internal", "AAAA")).answers?.[0]).to.include({ data: "fd00::1" });
    expect((await ask(engine.dns, "empty.demo.internal", "A")).rcode).to.equal("NXDOMAIN");
  });
});

describe("who sees which DNS zone", () => {
  const vpcs = [
    { vpc: "vpc-a", network: "10.0.0.0", prefix: 8 },
    { vpc: "vpc-b", network: "10.1.0.0", prefix: 16 },
    { vpc: "vpc-b", network: "fd00::", prefix: 8 },
  ];
  const lookUp = ({ respond }: Pure, from: string, name = "web.demo.internal", type = "A") => {
    const question = packet.encode({ type: "query", id: 1, questions: [{ name, type: type as RecordType }] });
    const answer = decode(respond(question, from) ?? Buffer.alloc(0));
    const [first] = answer.answers ?? [];
    return first !== undefined && "data" in first ? first.data : answer.rcode;
  };

  it("is the private one of its VPC: that of the narrowest network where several have the name", () => {
    const all = pure({ vpcs });
    all.apply(...zoneWith("ns-a", "demo.internal", "192.0.2.1", { Vpc: "vpc-a" }));
    expect(lookUp(all, "10.1.0.1")).to.equal("192.0.2.1");
    all.apply(...zoneWith("ns-b", "Demo.Internal", "192.0.2.2", { Vpc: "vpc-b" }));
    expect(lookUp(all, "10.2.0.1")).to.equal("192.0.2.1");
    expect(lookUp(all, "10.1.0.1")).to.equal("192.0.2.2");
    expect(lookUp(all, "::ffff:10.1.0.1")).to.equal("192.0.2.2");
    expect(lookUp(all, "fd12::1")).to.equal("192.0.2.2");
    expect(lookUp(all, "198.51.100.1")).to.equal("REFUSED");
    expect(lookUp(all, "2001:db8::1")).to.equal("REFUSED");
  });

  it("is a public one for everyone, but hidden in a VPC by the private one of its name", () => {
    const all = pure({ vpcs });
    all.apply(
      ...zoneWith("ns-p", "demo.internal", "192.0.2.9"),
      ...zoneWith("ns-a", "demo.internal", "192.0.2.1", { Vpc: "vpc-a", web: "inner" }),
    );
    expect(lookUp(all, "198.51.100.1")).to.equal("192.0.2.9");
    expect(lookUp(all, "10.0.0.1")).to.equal("NXDOMAIN");
    expect(lookUp(all, "10.0.0.1", "inner.demo.internal")).to.equal("192.0.2.1");
    expect(lookUp(all, "198.51.100.1", "inner.demo.internal")).to.equal("NXDOMAIN");
  });

  it("is all of them for this machine: the first that has the name, private ones before", () => {
    const all = pure({ vpcs });
    all.apply(
      ...zoneWith("ns-p", "demo.internal", "192.0.2.9"),
      ...zoneWith("ns-a", "demo.internal", "192.0.2.1", { Vpc: "vpc-a", web: "inner" }),
    );
    expect(lookUp(all, "127.0.0.1")).to.equal("192.0.2.9");
    expect(lookUp(all, "::1", "inner.demo.internal")).to.equal("192.0.2.1");
    all.apply(...zoneWith("ns-b", "demo.internal", "192.0.2.2", { Vpc: "vpc-b" }));
    expect(lookUp(all, "127.0.0.1")).to.equal("192.0.2.2");
  });

  it("is the closest one above the name, of those that are seen", () => {
    const all = pure({ vpcs });
    all.apply(
      ...zoneWith("ns-p", "internal", "192.0.2.9", { web: "web.demo" }),
      ...zoneWith("ns-a", "demo.internal", "192.0.2.1", { Vpc: "vpc-a", web: "x" }),
    );
    expect(lookUp(all, "198.51.100.1")).to.equal("192.0.2.9");
    expect(lookUp(all, "10.0.0.1")).to.equal("NXDOMAIN");
  });

  it("leaves nothing behind when services and zones go, whatever the order of what came", () => {
    const all = pure();
    const changes = zoneWith("ns-a", "demo.internal", "192.0.2.1", { web: "a.b.c" });
    for (let round = 0; round < 3; round += 1) {
      all.apply(...changes);
      expect(lookUp(all, "127.0.0.1", "c.demo.internal")).to.equal("NOERROR");
      all.apply({ instance: "i", of: "srv-ns-a", state: undefined });
      expect(lookUp(all, "127.0.0.1", "c.demo.internal")).to.equal("NXDOMAIN");
      all.apply({ service: "srv-ns-a", record: undefined }, { zone: "ns-a", record: undefined });
      expect(lookUp(all, "127.0.0.1", "demo.internal", "SOA")).to.equal("REFUSED");
    }
  });
});
