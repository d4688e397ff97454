// Aliases: answered with the addresses of another name, from our zones, a table or a resolver.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { expect } from "chai";
import packet, { type Answer } from "dns-packet";
import { register } from "../engine/running.ts";
import { ask } from "./ask.ts";
import { type Served, serve } from "./served.ts";

/** A resolver that knows a few names, counts what it is asked, and can fall silent. */
async function startResolver(records: Readonly<Record<string, readonly Answer[]>>) {
  const asked: string[] = [];
  const state = { silent: false };
  const socket: Socket = createSocket("udp4");
  socket.on("message", (message, { port, address }) => {
    const query = packet.decode(message);
    const { name = "", type = "A" } = query.questions?.[0] ?? {};
    asked.push(`${name} ${type}`);
    if (state.silent) return;
    const known = records[name];
    const answers = known?.filter((each) => each.type === type || each.type === "CNAME") ?? [];
    const flags = packet.RECURSION_AVAILABLE | (known === undefined ? 3 : 0);
    socket.send(
      packet.encode({
        type: "response",
        ...(query.id !== undefined && { id: query.id }),
        flags,
        questions: query.questions ?? [],
        answers,
      }),
      port,
      address,
    );
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { address: `127.0.0.1:${socket.address().port}`, asked, state, stop: () => socket.close() };
}

describe("DNS aliases", () => {
  let engine: Served;
  let zone: string;
  let resolver: Awaited<ReturnType<typeof startResolver>>;
  beforeEach(async () => {
    resolver = await startResolver({
      "lb.example.com": [
        { type: "A", name: "lb.example.com", ttl: 30, data: "192.0.2.1" },
        { type: "A", name: "lb.example.com", ttl: 40, data: "192.0.2.2" },
        { type: "AAAA", name: "lb.example.com", ttl: 50, data: "2001:db8::1" },
      ],
      "four.example.com": [{ type: "A", name: "four.example.com", ttl: 30, data: "192.0.2.4" }],
    });
    const table = [{ name: "Table.example.com", addresses: ["192.0.2.8", "192.0.2.9", "2001:db8::8"] }];
    engine = await serve({ aliases: { servers: [resolver.address], table } });
    zone = await engine.makePrivate("demo.internal");
  });
  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    resolver.stop();
  });

  const makeAlias = async (name: string, target: string) => {
    const service = await engine.makeRecords(zone, name, ["A 60", "AAAA 60"], { routing: "WEIGHTED" });
    await register(engine, service, "i", { AWS_ALIAS_DNS_NAME: target });
  };
  const look = async (name: string, type = "A", transport: "udp" | "tcp" = "udp") => {
    const answer = await ask(engine.dns, `${name}.demo.internal`, type, { transport, size: 1232 });
    const opt = answer.additionals?.find((each) => each.type === "OPT");
    const option = opt?.type === "OPT" ? opt.options.find(({ code }) => Number(code) === 15) : undefined;
    const error = option && "data" in option && Buffer.isBuffer(option.data) ? option.data.readUInt16BE(0) : undefined;
    return {
      rcode: answer.rcode,
      found: (answer.answers ?? []).map((each) => ("data" in each ? `${each.data} ${"ttl" in each && each.ttl}` : "")),
      error,
      soa: answer.authorities?.length,
    };
  };

  it("are answered by a resolver, under the name asked for, with the target's TTL, which runs down", async () => {
    await makeAlias("web", "LB.example.com");
    expect((await look("web")).found).to.have.members(["192.0.2.1 30", "192.0.2.2 30"]);
    expect((await look("web", "AAAA", "tcp")).found).to.deep.equal(["2001:db8::1 50"]);
    engine.clock.now += 10_500;
    expect((await look("web")).found).to.have.members(["192.0.2.1 20", "192.0.2.2 20"]);
    expect(resolver.asked.map((each) => each.toLowerCase())).to.deep.equal(["lb.example.com a", "lb.example.com aaaa"]);
  });

  it("are asked for once by many who wait", async () => {
    await makeAlias("web", "lb.example.com");
    const all = await Promise.all(Array.from({ length: 20 }, () => look("web")));
    for (const { found } of all) expect(found).to.have.lengthOf(2);
    expect(resolver.asked).to.have.lengthOf(1);
  });

  it("without the type are NODATA, also when their target does not exist", async () => {
    await makeAlias("four", "four.example.com");
    await makeAlias("none", "none.example.com");
    expect(await look("four", "AAAA")).to.deep.include({ rcode: "NOERROR", found: [], soa: 1 });
    expect(await look("none")).to.deep.include({ rcode: "NOERROR", found: [], soa: 1 });
  });

  it("are answered from an operator's table, and from our own zones, without a resolver", async () => {
    await makeAlias("table", "table.example.COM.");
    await makeAlias("inner", "web.demo.internal");
    await makeAlias("lost", "nowhere.demo.internal");
    const web = await engine.makeRecords(zone, "web", ["A 77"]);
    await register(engine, web, "i", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    expect((await look("table")).found).to.have.members(["192.0.2.8 60", "192.0.2.9 60"]);
    expect((await look("table", "AAAA")).found).to.deep.equal(["2001:db8::8 60"]);
    expect((await look("inner")).found).to.deep.equal(["10.0.0.1 77"]);
    expect(await look("lost")).to.deep.include({ rcode: "NOERROR", found: [], soa: 1 });
    expect(resolver.asked).to.deep.equal([]);
  });

  it("go on with old addresses and say so when the resolver falls silent, and fail clearly without any", async () => {
    await makeAlias("web", "lb.example.com");
    await look("web");
    resolver.state.silent = true;
    engine.clock.now += 60_000;
    const stale = await look("web");
    expect(stale.found).to.have.members(["192.0.2.1 30", "192.0.2.2 30"]);
    expect(stale.error).to.equal(3);
    engine.clock.now += 86_400_000;
    expect(await look("web")).to.deep.include({ rcode: "SERVFAIL", found: [], error: 22 });
    resolver.state.silent = false;
    engine.clock.now += 6_000;
    expect((await look("web")).found).to.have.lengthOf(2);
  });

  it("fail clearly where there is no resolver", async () => {
    await engine.restart({ dns: { listen: ["127.0.0.1:0"], threads: 0 } });
    await makeAlias("web", "lb.example.com");
    expect(await look("web")).to.deep.include({ rcode: "SERVFAIL", error: 22 });
  });

  it("take their turn by weight beside addresses", async () => {
    const service = await engine.makeRecords(zone, "mixed", ["A 60"], { routing: "WEIGHTED" });
    await register(engine, service, "alias", { AWS_ALIAS_DNS_NAME: "four.example.com" });
    await register(engine, service, "own", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    const seen = new Set<string>();
    for (let asked = 0; asked < 200 && seen.size < 2; asked += 1)
      for (const each of (await look("mixed")).found) seen.add(each);
    expect([...seen]).to.have.members(["10.0.0.1 60", "192.0.2.4 30"]);
  });
});
