// What a DNS server must do with any message: EDNS, errors, truncation, TCP, cookies, limits.

import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import packet from "dns-packet";
import { register } from "../engine/running.ts";
import { addressOf, ask, decode, framed, send, sendTcp } from "./ask.ts";
import { pure, zoneWith } from "./pure.ts";
import { type Served, serve } from "./served.ts";

const name = "web.demo.internal";
const query = (more: Partial<packet.Packet> = {}) =>
  packet.encode({ type: "query", id: 7, questions: [{ name, type: "A" }], ...more });
/** An OPT record: version, flags, options as [code, octets]. */
function opt(
  size: number,
  { version = 0, flags = 0, options = [] as readonly (readonly [number, Buffer])[] } = {},
): Buffer {
  const data = Buffer.concat(
    options.map(([code, value]) => Buffer.concat([uint16(code), uint16(value.length), value])),
  );
  return Buffer.concat([
    Buffer.from([0, 0, 41]),
    uint16(size),
    Buffer.from([0, version]),
    uint16(flags),
    uint16(data.length),
    data,
  ]);
}
function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 255]);
}
/** A query with records after the question. */
function withRecords(records: readonly Buffer[], base = query()): Buffer {
  const header = Buffer.from(base);
  header.writeUInt16BE(records.length, 10);
  return Buffer.concat([header, ...records]);
}
/** The reply's code with the part of it that EDNS adds, and the flags and options of its OPT. */
function ednsOf(reply: Buffer) {
  const found = decode(reply).additionals?.find(({ type }) => type === "OPT");
  if (found?.type !== "OPT") return undefined;
  return {
    size: found.udpPayloadSize,
    rcode: (found.extendedRcode << 4) | ((reply[3] ?? 0) & 15),
    version: found.ednsVersion,
    flags: found.flags,
    options: found.options,
  };
}

describe("the DNS server", () => {
  let engine: Served;
  before(async () => {
    engine = await serve({ listen: ["127.0.0.1:0", "[::1]:0"] });
    const zone = await engine.makePrivate("demo.internal");
    const web = await engine.makeRecords(zone, "web", ["A 60"]);
    await register(engine, web, "one", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    const long = await engine.makeRecords(zone, `_http._tcp.${"x".repeat(50)}`, ["SRV 10"]);
    const both = await engine.makeRecords(zone, "both", ["A 60", "AAAA 60"]);
    for (let index = 0; index < 8; index += 1) {
      const attributes = {
        AWS_INSTANCE_IPV4: `10.0.1.${index}`,
        AWS_INSTANCE_IPV6: `fd00::${index}`,
        AWS_INSTANCE_PORT: `${index}`,
      };
      await register(engine, long, `instance-${index}`, attributes);
      await register(engine, both, `instance-${index}`, attributes);
    }
  });
  after(() => engine[Symbol.asyncDispose]());

  it("answers over UDP and TCP, on IPv4 and IPv6", async () => {
    const { addresses } = engine.engine.dns;
    expect(addresses).to.have.lengthOf(2);
    for (const address of addresses) {
      for (const transport of ["udp", "tcp"] as const) {
        expect((await ask(address, name, "A", { transport })).answers?.[0], `${address} ${transport}`).to.include({
          data: "10.0.0.1",
        });
      }
    }
  });

  it("copies id, opcode and RD, and sets QR and AA only", async () => {
    const sent = query({ flags: packet.RECURSION_DESIRED | packet.CHECKING_DISABLED | packet.AUTHENTIC_DATA });
    const reply = await send(engine.dns, sent);
    expect(reply.readUInt16BE(0)).to.equal(7);
    expect(reply.readUInt16BE(2)).to.equal(0x8500);
    expect((await send(engine.dns, query())).readUInt16BE(2)).to.equal(0x8400);
  });

  it("answers EDNS with EDNS, and only then: its own size, version 0, DO as asked", async () => {
    expect(ednsOf(await send(engine.dns, query()))).to.equal(undefined);
    const reply = ednsOf(
      await send(engine.dns, withRecords([opt(4096, { flags: 0x8000, options: [[65_001, Buffer.from("x")]] })])),
    );
    expect(reply).to.deep.include({ size: 1232, rcode: 0, version: 0, options: [] });
    expect(reply?.flags).to.equal(0x8000);
  });

  it("answers BADVERS to another version of EDNS", async () => {
    const reply = await send(engine.dns, withRecords([opt(1232, { version: 1 })]));
    expect(ednsOf(reply)).to.include({ rcode: 16, version: 0 });
    expect(decode(reply).answers).to.deep.equal([]);
  });

  it("answers FORMERR to two OPT records, to one that is not at the root, and to broken options", async () => {
    const elsewhere = Buffer.concat([Buffer.from([1, 97]), opt(1232)]);
    const broken = opt(1232, { options: [[10, Buffer.alloc(8)]] });
    broken.writeUInt16BE(99, 13);
    for (const records of [[opt(1232), opt(1232)], [elsewhere], [broken]]) {
      expect(decode(await send(engine.dns, withRecords(records))).rcode).to.equal("FORMERR");
    }
  });

  it("answers FORMERR to no question, to two, to a pointer in the question, and to what is cut or goes on", async () => {
    const none = Buffer.from(query().subarray(0, 12));
    none.writeUInt16BE(0, 4);
    const two = query({
      questions: [
        { name, type: "A" },
        { name, type: "AAAA" },
      ],
    });
    const pointer = Buffer.concat([query().subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
    const cut = query().subarray(0, -3);
    const more = Buffer.concat([query(), Buffer.from([0])]);
    const long = Buffer.concat([
      query().subarray(0, 12),
      ...Array.from({ length: 5 }, () => Buffer.concat([Buffer.from([63]), Buffer.alloc(63, 97)])),
      Buffer.from([0, 0, 1, 0, 1]),
    ]);
    for (const sent of [none, two, pointer, cut, more, long]) {
      const reply = await send(engine.dns, sent);
      expect([reply.readUInt16BE(0), (reply[3] ?? 0) & 15]).to.deep.equal([7, 1]);
    }
  });

  it("answers NOTIMP to other opcodes, in a reply of that opcode", async () => {
    for (const opcode of [1, 2, 4, 5, 6, 15]) {
      const sent = query();
      sent[2] = opcode << 3;
      const reply = await send(engine.dns, sent);
      expect([(reply[2] ?? 0) >> 3, (reply[3] ?? 0) & 15]).to.deep.equal([16 | opcode, 4]);
    }
  });

  it("refuses other classes and zone transfers, and does not do the meta types", async () => {
    for (const [type, rcode] of [
      [252, 5],
      [251, 5],
      [253, 4],
      [254, 4],
      [249, 4],
      [250, 4],
      [41, 1],
    ] as const) {
      const sent = query();
      sent.writeUInt16BE(type, sent.length - 4);
      expect(((await send(engine.dns, sent, "tcp"))[3] ?? 0) & 15, `type ${type}`).to.equal(rcode);
    }
    for (const number of [3, 254, 255]) {
      const sent = query();
      sent.writeUInt16BE(number, sent.length - 2);
      expect(((await send(engine.dns, sent))[3] ?? 0) & 15, `class ${number}`).to.equal(5);
    }
  });

  it("answers NODATA to types that it does not know", async () => {
    const sent = query();
    sent.writeUInt16BE(1000, sent.length - 4);
    const reply = await send(engine.dns, sent);
    expect([(reply[3] ?? 0) & 15, reply.readUInt16BE(6), reply.readUInt16BE(8)]).to.deep.equal([0, 0, 1]);
  });

  it("answers ANY with one set of records", async () => {
    const { answers = [] } = await ask(engine.dns, "both.demo.internal", "ANY", { size: 1232 });
    expect(new Set(answers.map(({ type }) => type))).to.deep.equal(new Set(["A"]));
    expect((await ask(engine.dns, "demo.internal", "ANY")).answers?.map(({ type }) => type)).to.deep.equal(["SOA"]);
  });

  it("answers nothing to responses and to what is shorter than a header, and goes on answering", async () => {
    const response = query();
    response[2] = 0x80;
    for (const sent of [response, Buffer.alloc(0), Buffer.alloc(11, 255)]) {
      const reply = await Promise.race([
        send(engine.dns, sent).catch(() => "silence"),
        anotherAnswer(query(), engine.dns),
      ]);
      expect(reply).to.equal("another query was answered");
    }
  });

  it("cuts what a client cannot take, says so, and leaves a part that is of use", async () => {
    const asked = `_http._tcp.${"x".repeat(50)}.demo.internal`;
    const cut = await ask(engine.dns, asked, "SRV");
    expect(cut.flag_tc).to.equal(true);
    expect(cut.bytes).to.be.at.most(512);
    expect(cut.answers?.length).to.be.within(1, 7);
    const big = await ask(engine.dns, asked, "SRV", { size: 65_535 });
    expect(big.bytes).to.be.at.most(1232);
    expect(big.answers?.length).to.equal(8);
    const whole = await ask(engine.dns, asked, "SRV", { transport: "tcp" });
    expect([whole.flag_tc, whole.answers?.length, whole.additionals?.length]).to.deep.equal([false, 8, 16]);
  });

  it("leaves out additional records that do not fit, without saying that it cut", async () => {
    const asked = `_http._tcp.${"x".repeat(50)}.demo.internal`;
    const { flag_tc, answers, additionals } = await ask(engine.dns, asked, "SRV", { size: 1232 });
    expect([flag_tc, answers?.length]).to.deep.equal([false, 8]);
    expect(additionals?.length).to.be.lessThan(17);
  });

  it("takes a size below 512 for 512", async () => {
    const reply = await ask(engine.dns, "both.demo.internal", "AAAA", { size: 100 });
    expect([reply.flag_tc, reply.answers?.length]).to.deep.equal([false, 8]);
  });

  it("answers many queries of one TCP connection, however they are cut into packets", async () => {
    const all = Array.from({ length: 300 }, (_, id) => query({ id }));
    const replies = await sendTcp(engine.dns, all, all.length);
    expect(replies.map((reply) => reply.readUInt16BE(0)).sort((a, b) => a - b)).to.deep.equal(all.map((_, id) => id));
    const socket = connect({ ...addressOf(engine.dns), noDelay: true });
    for (const octet of framed(query())) {
      socket.write(Buffer.from([octet]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end(); // a client may close its half before the answer comes
    const answer = Buffer.concat(await socket.toArray());
    expect(decode(answer.subarray(2)).answers?.[0]).to.include({ data: "10.0.0.1" });
  });

  it("closes a TCP connection that sends what is no query, and others are served meanwhile", async () => {
    const socket = connect(addressOf(engine.dns));
    socket.on("error", () => {});
    socket.write(framed(Buffer.alloc(5)));
    await once(socket, "close");
    expect((await ask(engine.dns, name, "A", { transport: "tcp" })).rcode).to.equal("NOERROR");
  });

  it("says over TCP how long a connection may stay idle, to who asks", async () => {
    const sent = withRecords([opt(1232, { options: [[11, Buffer.alloc(0)]] })]);
    const options = (reply: Buffer) => ednsOf(reply)?.options.map(({ code }) => code);
    expect(options(await send(engine.dns, sent, "tcp"))).to.deep.equal([11]);
    expect(options(await send(engine.dns, sent, "udp"))).to.deep.equal([]);
  });
});

/** Something to wait for where no answer is to come. */
async function anotherAnswer(sent: Buffer, server: string): Promise<string> {
  for (let round = 0; round < 3; round += 1) await send(server, sent);
  return "another query was answered";
}

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
