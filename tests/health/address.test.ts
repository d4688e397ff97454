// Where probes may go, as a table: an address, and why not.
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { listOf, type ProbeRules, probeRules } from "../../engine/health/address.ts";

const metadata = "its address is a cloud's metadata";
const linkLocal = "its address is link-local";
const loopback = "its address is loopback";
const unspecified = "its address is unspecified";
const multicast = "its address is multicast or broadcast";
const own = "it is this engine itself";

/** Whatever the engine listens on. */
const always: readonly (readonly [address: string, reason: string | undefined])[] = [
  ["192.0.2.44", undefined],
  ["10.1.2.3", undefined],
  ["172.16.0.1", undefined],
  ["192.168.1.1", undefined],
  ["100.64.0.1", undefined],
  ["2001:db8::44", undefined],
  ["fd12:3456::1", undefined],
  ["::ffff:192.0.2.44", undefined],
  ["64:ff9b::192.0.2.44", undefined],
  ["2002:c000:22c::1", undefined],
  ["169.254.169.254", linkLocal],
  ["169.254.170.2", linkLocal],
  ["169.254.0.1", linkLocal],
  ["169.255.0.1", undefined],
  ["168.63.129.16", metadata],
  ["100.100.100.200", metadata],
  ["192.0.0.192", metadata],
  ["fd00:ec2::254", metadata],
  ["FD00:0EC2:0:0:0:0:0:254", metadata],
  ["fd00:ec2::23", metadata],
  ["fd20:ce::254", metadata],
  ["fd00:42::42", metadata],
  ["fe80::1", linkLocal],
  ["febf::1", linkLocal],
  ["fec0::1", undefined],
  ["fe80::1%lo", "its address has a zone, and so is link-local"],
  ["::1%lo", "its address has a zone, and so is link-local"],
  ["::ffff:169.254.169.254", linkLocal],
  ["::ffff:a9fe:a9fe", linkLocal],
  ["0:0:0:0:0:FFFF:A9FE:A9FE", linkLocal],
  ["64:ff9b::169.254.169.254", linkLocal],
  ["64:ff9b::a9fe:a9fe", linkLocal],
  ["64:ff9b::a83f:8110", metadata],
  ["64:ff9b:1::a9fe:a9fe", "its address is local NAT64"],
  ["64:ff9b:1:fffe::1", "its address is local NAT64"],
  ["64:ff9b:2::a9fe:a9fe", undefined],
  ["::169.254.169.254", linkLocal],
  ["2002:a9fe:a9fe::", linkLocal],
  ["2002:a9fe:a9fe:1::1", linkLocal],
  ["0.0.0.0", unspecified],
  ["0.1.2.3", unspecified],
  ["::", unspecified],
  ["::ffff:0.0.0.0", unspecified],
  ["64:ff9b::", unspecified],
  ["224.0.0.1", multicast],
  ["255.255.255.255", multicast],
  ["ff02::1", multicast],
  ["::ffff:224.0.0.1", multicast],
];

/** Refused where the engine can be reached from elsewhere. */
const thisMachine = [
  ...["127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1"],
  ...["64:ff9b::127.0.0.1", "64:ff9b::7fff:1", "2002:7f00:1::"],
];

const away: ProbeRules = { own: [{ host: "10.0.0.5", port: 7700 }] };
const home: ProbeRules = {
  own: [
    { host: "127.0.0.1", port: 7700 },
    { host: "::1", port: 7753 },
  ],
};
const why = (rules: ProbeRules, address: string, port = 80) => probeRules(rules)(address, port);

describe("a probe", () => {
  for (const [address, reason] of always) {
    it(`${reason === undefined ? "may go to" : "may not go to"} ${address}`, () => {
      expect([why(away, address), why(home, address)]).to.deep.equal([reason, reason]);
    });
  }

  for (const address of thisMachine) {
    it(`may go to ${address} only where the engine listens on loopback alone`, () => {
      expect([why(away, address), why(home, address)]).to.deep.equal([loopback, undefined]);
      const both: ProbeRules = { own: [...home.own, ...away.own] };
      expect(why(both, address)).to.equal(loopback);
    });
  }

  it("may not go to what the engine itself listens on, in whichever form the address is", () => {
    for (const address of ["10.0.0.5", "::ffff:10.0.0.5", "::ffff:a00:5", "64:ff9b::a00:5", "2002:a00:5::1"]) {
      expect([why(away, address, 7700), why(away, address, 7701)], address).to.deep.equal([own, undefined]);
    }
    expect(why(home, "127.0.0.1", 7700)).to.equal(own);
    expect(why(home, "::ffff:127.0.0.1", 7700)).to.equal(own);
    expect(why(home, "0:0::0:1", 7753)).to.equal(own);
    expect(why(home, "127.0.0.1", 7753)).to.equal(undefined);
    expect(why({ own: [{ host: "localhost", port: 1 }] }, "::1", 1)).to.equal(own);
  });

  it("may not go to any address of this machine where the engine listens on all of them", () => {
    const addresses = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address));
    const theirs = addresses.filter((address) => !address.startsWith("fe80"));
    expect(theirs).to.include("127.0.0.1");
    for (const host of ["0.0.0.0", "::"]) {
      const rules: ProbeRules = { own: [{ host, port: 7700 }], allow: [] };
      for (const address of theirs) {
        expect(why(rules, address, 7700), address).to.be.oneOf([own, loopback]);
        if (!address.includes(":")) expect(why(rules, `::ffff:${address}`, 7700), address).to.be.oneOf([own, loopback]);
      }
      expect(why(rules, "192.0.2.44", 7700)).to.equal(undefined);
    }
  });

  it("may go where the operator allows it, and nowhere else", () => {
    const allow = ["127.0.0.0/8", "169.254.10.0/24", "fd00:ec2::254", "64:ff9b:1::/48", "::1/128"];
    const rules = { ...away, allow };
    for (const address of ["127.9.9.9", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "169.254.10.9", "fd00:ec2::254"]) {
      expect(why(rules, address), address).to.equal(undefined);
    }
    expect(why(rules, "64:ff9b:1::a9fe:a9fe")).to.equal(undefined);
    expect(why(rules, "::1")).to.equal(undefined);
    expect(why(rules, "169.254.169.254")).to.equal(linkLocal);
    expect(why(rules, "fd00:ec2::253")).to.equal(metadata);
    expect(why(rules, "fe80::1%lo")).to.include("zone");
  });

  it("has its networks given as CIDRs or addresses; anything else is an error that says so", () => {
    expect(listOf(["10.0.0.0/8", "fd00::/8", "192.0.2.1"]).check("192.0.2.1")).to.equal(true);
    for (const text of ["", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10/8", "here", "1.2.3.4/8/9", "fe80::1%lo"]) {
      expect(() => listOf([text]), text).to.throw("--probe-allow takes a network such as 10.0.0.0/8");
    }
  });
});
