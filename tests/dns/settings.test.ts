// What an operator says of DNS, by flags or by variables: how it is read, and how it is refused.
import { expect } from "chai";
import { type DnsTexts, dnsTextsFrom, dnsVariables, readDns } from "../../local/dns-settings.ts";

describe("the flags of DNS", () => {
  const refusal = (texts: DnsTexts) => {
    try {
      return readDns(texts);
    } catch (error) {
      return String(error);
    }
  };

  it("are not needed: 127.0.0.1:7753, or a free port where that is taken", () => {
    const nothing = { vpcs: [], nameServers: [], aliases: { servers: [], table: [] } };
    expect(readDns({})).to.deep.equal({ listen: ["127.0.0.1:7753"], elsewhere: true, ...nothing });
    expect(readDns({}, "127.0.0.1:0")).to.deep.include({ listen: ["127.0.0.1:0"], elsewhere: true });
    expect(readDns({ dns: ["none"] })).to.equal(undefined);
  });

  it("say where it listens, and then nowhere else", () => {
    const dns = ["10.0.0.53:53", "[::1]:7753"];
    expect(readDns({ dns })).to.deep.include({ listen: dns, elsewhere: false });
  });

  it("give networks to VPCs", () => {
    const { vpcs } = readDns({ vpc: ["vpc-1a=10.0.0.0/8", "vpc-1a=fd00::/8", "home=192.168.1.0/24"] }) ?? {};
    expect(vpcs).to.deep.equal([
      { vpc: "vpc-1a", network: "10.0.0.0", prefix: 8 },
      { vpc: "vpc-1a", network: "fd00::", prefix: 8 },
      { vpc: "home", network: "192.168.1.0", prefix: 24 },
    ]);
    for (const wrong of ["vpc-1", "vpc-1=10.0.0.0", "vpc-1=10.0.0.0/33", "vpc-1=fd00::/129", "=10.0.0.0/8", "v=a/8"]) {
      expect(refusal({ vpc: [wrong] }), wrong).to.equal(
        `Error: --vpc takes ID=CIDR, such as vpc-1a2b3c4d=10.0.0.0/8, and not "${wrong}"`,
      );
    }
  });

  it("name the servers, with addresses where the engine is to answer these names", () => {
    const nameServer = ["ns1.example.com=192.0.2.53+2001:db8::53", "ns2.example.com."];
    expect(readDns({ nameServer })?.nameServers).to.deep.equal([
      { name: "ns1.example.com", addresses: ["192.0.2.53", "2001:db8::53"] },
      { name: "ns2.example.com.", addresses: [] },
    ]);
    for (const wrong of ["", "192.0.2.53", "ns1..com", "ns1.com=here", `${"a".repeat(64)}.com`]) {
      expect(refusal({ nameServer: [wrong] }), wrong).to.include("--name-server takes NAME or NAME=ADDRESS");
    }
  });

  it("give resolvers for aliases, and a table of their addresses", () => {
    const aliasResolver = ["10.0.0.2", "10.0.0.2:5353", "[fd00::2]:53", "lb.example.com=192.0.2.7+192.0.2.8"];
    expect(readDns({ aliasResolver })?.aliases).to.deep.equal({
      servers: ["10.0.0.2", "10.0.0.2:5353", "[fd00::2]:53"],
      table: [{ name: "lb.example.com", addresses: ["192.0.2.7", "192.0.2.8"] }],
    });
    for (const wrong of ["", "resolver.example.com", "lb.example.com=", "lb.example.com=here", "10.0.0:53"]) {
      expect(refusal({ aliasResolver: [wrong] }), wrong).to.include("--alias-resolver takes a resolver's ADDRESS");
    }
  });

  it("are numbers within bounds: threads, equal answers a second, the share that is logged", () => {
    expect(readDns({ dnsThreads: "4", dnsRate: "0", queryLog: "q.log", queryLogShare: "0.01" })).to.deep.include({
      threads: 4,
      rate: 0,
      queryLog: { file: "q.log", share: 0.01 },
    });
    expect(readDns({ queryLog: "q.log" })?.queryLog).to.deep.equal({ file: "q.log", share: 1 });
    for (const wrong of ["0", "65", "1.5", "two", "-1"]) {
      expect(refusal({ dnsThreads: wrong }), wrong).to.equal(
        `Error: --dns-threads takes a number from 1 to 64, and not "${wrong}"`,
      );
    }
    for (const wrong of ["-1", "1000001", "fast"]) {
      expect(refusal({ dnsRate: wrong }), wrong).to.include("--dns-rate takes a number from 0 to 1000000, and not");
    }
    for (const wrong of ["0", "1.1", "all", "-0.5"]) {
      expect(refusal({ queryLog: "q.log", queryLogShare: wrong }), wrong).to.include(
        "--query-log-share takes a number",
      );
    }
  });

  it("are variables too, with commas where several are taken; empty ones say nothing", () => {
    const values = {
      dns: "127.0.0.1:53, [::1]:53",
      dnsThreads: "2",
      dnsRate: "7",
      vpc: "vpc-1=10.0.0.0/8,vpc-2=172.16.0.0/12",
      aliasResolver: "10.0.0.2",
      nameServer: "ns1.example.com",
      queryLog: "/var/log/q",
      queryLogShare: "0.5",
    };
    const env = Object.fromEntries(Object.entries(values).map(([key, value]) => [dnsVariables[key as "dns"], value]));
    const read = readDns(dnsTextsFrom(env));
    expect(read).to.deep.include({ listen: ["127.0.0.1:53", "[::1]:53"], threads: 2, rate: 7 });
    expect(read?.vpcs).to.have.lengthOf(2);
    expect([read?.nameServers?.length, read?.aliases?.servers, read?.queryLog]).to.deep.equal([
      1,
      ["10.0.0.2"],
      { file: "/var/log/q", share: 0.5 },
    ]);
    const empty = Object.fromEntries(Object.values(dnsVariables).map((name) => [name, ""]));
    expect(readDns(dnsTextsFrom(empty))).to.deep.equal(readDns({}));
  });
});
