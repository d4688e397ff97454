// 20,000 packets that no client would send: nothing breaks, nothing is left behind, and clients are served afterwards.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { register } from "../engine/running.ts";
import { randomOf } from "../engine/trial.ts";
import { addressOf, ask } from "./ask.ts";
import { packetOf, registry, show, throwAt } from "./fuzz.ts";
import type { Pure } from "./pure.ts";
import { serve } from "./served.ts";

const count = 20_000;
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

describe(`the DNS server under odd packets (seed ${seed})`, () => {
  it("answers 20,000 of them as it should, and leaves nothing behind", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const all = registry();
    throwAt(all, 2_000, randomOf(seed + 1));
    const before = heap();
    const found = throwAt(all, count, randomOf(seed));
    const grown = heap() - before;
    console.log(`      ${show(found)}`);
    expect([...found.broken].slice(0, 3)).to.deep.equal([]);
    for (const stage of [
      "silence",
      "FORMERR",
      "NOTIMP",
      "BADVERS",
      "REFUSED",
      "NXDOMAIN",
      "no data",
      "answer",
    ] as const) {
      expect(found.stages.get(stage) ?? 0, `packets that got to ${stage}`).to.be.greaterThan(20);
    }
    expect(grown / 1024 / 1024, "MiB grown").to.be.lessThan(2);
  });

  it("takes them over UDP, and serves clients afterwards", async () => {
    await using engine = await serve({ threads: 1 }, { now: Date.now });
    const zone = await engine.makePrivate("demo.internal");
    for (const [name, records] of [
      ["web", "A 60"],
      ["_http._tcp", "SRV 60"],
    ] as const) {
      const attributes = { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "80" };
      await register(engine, await engine.makeRecords(zone, name, [records]), "one", attributes);
    }
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { host, port } = addressOf(engine.dns);
    const random = randomOf(seed + 2);
    for (let sent = 0; sent < count; sent += 200) {
      for (let index = 0; index < 200; index += 1) socket.send(packetOf(random), port, host);
      expect((await ask(engine.dns, "web.demo.internal", "A", { transport: "tcp" })).answers).to.have.lengthOf(1);
    }
    socket.close();
    expect((await ask(engine.dns, "one._http._tcp.demo.internal", "A")).answers?.[0]).to.include({ data: "10.0.0.1" });
    const { failed, udp, ignored } = await engine.engine.dns.totals();
    expect(failed).to.equal(0);
    expect(udp + ignored).to.be.greaterThan(count / 2); // what the system's buffer took
    expect(engine.logged.filter((line) => line.startsWith("error"))).to.deep.equal([]);
  });

  const bugs: readonly [what: string, plant: (all: Pure) => Pure][] = [
    [
      "throws at an octet above 127",
      (all) => {
        const { zoneOf } = all.view;
        all.view.zoneOf = (name, client) => {
          if (/[\x80-\xff]/.test(name)) throw new RangeError("planted");
          return zoneOf.call(all.view, name, client);
        };
        return all;
      },
    ],
    [
      "counts an answer too many for ANY",
      (all) => ({
        ...all,
        respond: (sent, from) => {
          const reply = all.respond(sent, from);
          if (reply && reply.readUInt16BE(6) > 0 && sent.includes(Buffer.from([0, 255, 0, 1])))
            reply[7] = (reply[7] ?? 0) + 1;
          return reply;
        },
      }),
    ],
    [
      "answers to responses",
      (all) => ({
        ...all,
        respond: (sent, from) =>
          sent.length >= 12 && (sent[2] ?? 0) >= 0x80 ? Buffer.from(sent.subarray(0, 12)) : all.respond(sent, from),
      }),
    ],
  ];
  for (const [what, plant] of bugs) {
    it(`notices a server that ${what}`, () => {
      expect(throwAt(plant(registry()), count, randomOf(seed)).broken.size).to.be.greaterThan(0);
    });
  }
});
