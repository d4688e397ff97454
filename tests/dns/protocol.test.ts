// What a DNS server must do with any message: EDNS, errors, truncation, TCP.

import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import packet from "dns-packet";
import { register } from "../engine/running.ts";
import { addressOf, ask, decode, framed, send, sendTcp } from "./ask.ts";
import { ednsOf, name, opt, query, withRecords } from "./message.ts";
import { type Served, serve } from "./served.ts";

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
