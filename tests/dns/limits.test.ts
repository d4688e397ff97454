// DNS cookies, and the limit of equal answers to a network that has none.
import { expect } from "chai";
import { decode } from "./ask.ts";
import { ednsOf, opt, query, withRecords } from "./message.ts";
import { pure, zoneWith } from "./pure.ts";

describe("DNS cookies", () => {
  const client = Buffer.from("2464c4abcf10c957", "hex");
  const cookieOf = (reply: Buffer | undefined) => {
    const hex = (reply ?? Buffer.alloc(0)).toString("hex");
    const at = hex.indexOf("000a0018");
    return at < 0 ? undefined : hex.slice(at + 8, at + 56);
  };

  it("are made as in RFC 9018, appendix A.1", () => {
    const { clock, respond } = pure();
    clock.now = 1_559_731_985_000;
    const reply = respond(withRecords([opt(1232, { options: [[10, client]] })]), "198.51.100.100");
    expect(cookieOf(reply)).to.equal("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  });

  it("are answered without a question too", () => {
    const { respond } = pure();
    const bare = Buffer.from(query().subarray(0, 12));
    bare.writeUInt16BE(0, 4);
    const reply = respond(withRecords([opt(1232, { options: [[10, client]] })], bare), "198.51.100.100");
    expect([cookieOf(reply)?.slice(0, 16), (reply?.[3] ?? 0) & 15]).to.deep.equal([client.toString("hex"), 0]);
  });

  it("of a wrong size are FORMERR", () => {
    const { respond } = pure();
    for (const size of [0, 7, 9, 15, 41]) {
      const reply = respond(withRecords([opt(1232, { options: [[10, Buffer.alloc(size)]] })]), "198.51.100.100");
      expect((reply?.[3] ?? 0) & 15, `${size} octets`).to.equal(1);
    }
  });

  it("free a client from the limit of answers, for an hour and at its address only", () => {
    const all = pure({ rate: 5 });
    all.apply(...zoneWith("ns-p", "demo.internal", "192.0.2.9"));
    const cookie = Buffer.from(
      cookieOf(all.respond(withRecords([opt(1232, { options: [[10, client]] })]), "198.51.100.100")) ?? "",
      "hex",
    );
    const sent = withRecords([opt(1232, { options: [[10, cookie]] })]);
    const answered = (from: string) => {
      let count = 0;
      for (let index = 0; index < 40; index += 1) {
        const reply = all.respond(sent, from);
        if (reply !== undefined && decode(reply).answers?.length === 1) count += 1;
      }
      return count;
    };
    expect(answered("198.51.100.100")).to.equal(40);
    expect(answered("198.51.100.101")).to.be.at.most(5);
    all.clock.now += 3_700_000;
    expect(answered("198.51.100.100")).to.be.at.most(5);
  });
});

describe("the limit of equal DNS answers", () => {
  const ask = (all: ReturnType<typeof pure>, from: string, count: number, transport?: "udp" | "tcp") =>
    Array.from({ length: count }, () => all.respond(query(), from, transport));
  const limited = () => {
    const all = pure({ rate: 10, vpcs: [{ vpc: "vpc-a", network: "10.0.0.0", prefix: 8 }] });
    all.apply(...zoneWith("ns-p", "demo.internal", "192.0.2.9"));
    return all;
  };

  it("holds back half of what is over it, and cuts the other half so that clients come over TCP", () => {
    const all = limited();
    const replies = ask(all, "198.51.100.1", 30);
    expect(replies.filter((reply) => reply === undefined)).to.have.lengthOf(10);
    const cut = replies.filter((reply) => reply !== undefined && decode(reply).flag_tc);
    expect(cut).to.have.lengthOf(10);
    expect(Math.max(...cut.map((reply) => reply?.length ?? 0))).to.equal(query().length);
    expect(all.counters.totals()).to.include({ dropped: 10, slipped: 10 });
    expect(ask(all, "198.51.100.200", 1)[0], "another address of the network").to.equal(undefined);
    expect(ask(all, "198.51.101.1", 1)[0], "another network").not.to.equal(undefined);
  });

  it("begins again each second", () => {
    const all = limited();
    ask(all, "198.51.100.1", 30);
    all.clock.now += 1_000;
    expect(ask(all, "198.51.100.1", 10).every((reply) => reply !== undefined)).to.equal(true);
  });

  it("counts names that do not exist together", () => {
    const all = limited();
    const replies = Array.from({ length: 30 }, (_, index) =>
      all.respond(query({ questions: [{ name: `x${index}.demo.internal`, type: "A" }] }), "198.51.100.1"),
    );
    expect(replies.filter((reply) => reply === undefined)).to.have.lengthOf(10);
  });

  it("is not for this machine, the networks of VPCs, and TCP", () => {
    for (const [from, transport] of [
      ["127.0.0.1", "udp"],
      ["::1", "udp"],
      ["10.1.2.3", "udp"],
      ["198.51.100.1", "tcp"],
    ] as const) {
      const replies = ask(limited(), from, 100, transport);
      expect(
        replies.every((reply) => reply !== undefined && !decode(reply).flag_tc),
        from,
      ).to.equal(true);
    }
  });
});

describe("DNS before its registry is read", () => {
  it("says that it is not ready while the registry is read", () => {
    const all = pure();
    all.responder.ready = false;
    const found = ednsOf(all.respond(withRecords([opt(1232)]), "127.0.0.1") ?? Buffer.alloc(0));
    expect([found?.rcode, found?.options.map(({ code }) => Number(code))]).to.deep.equal([2, [15]]);
  });
});
