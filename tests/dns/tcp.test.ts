// The limits of DNS over TCP: connections that ask nothing, and too many of them.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { until } from "../local/until.ts";
import { addressOf, ask, framed } from "./ask.ts";
import { query } from "./message.ts";
import { type Served, serve } from "./served.ts";

const limits = { idle: 1_000, maxConnections: 3 };

describe("DNS over TCP", () => {
  let engine: Served;
  const sockets: Socket[] = [];
  before(async () => {
    engine = await serve({ tcp: limits }, { now: Date.now });
    await engine.makePrivate("demo.internal");
  });
  afterEach(async () => {
    const open = sockets.splice(0).filter((socket) => !socket.closed);
    await Promise.all(open.map((socket) => once(socket.destroy(), "close")));
  });
  after(() => engine[Symbol.asyncDispose]());

  const open = async (to: Served = engine, localAddress = "127.0.0.1") => {
    const socket = connect({ ...addressOf(to.dns), noDelay: true, localAddress });
    sockets.push(socket.resume().on("error", () => {})); // a reset is one way to be refused
    await once(socket, "connect");
    return socket;
  };
  /** Whether a query on the connection is answered, before it is closed. */
  const answered = (socket: Socket) =>
    new Promise<boolean>((resolve) => {
      const end = (isAnswered: boolean) => {
        socket.off("data", data).off("close", close);
        resolve(isAnswered);
      };
      const [data, close] = [() => end(true), () => end(false)];
      if (socket.destroyed) return resolve(false);
      socket.on("data", data).on("close", close);
      socket.write(framed(query()));
    });

  it("ends a TCP connection that asks nothing for a time, also one that drips, and not one that asks", async () => {
    const began = performance.now();
    const asking = await open();
    const [silent, dripping] = await Promise.all([open(), open()]);
    const whole = framed(query());
    let sent = 0;
    // Two octets of length and the header, over and over without an end: never a whole query.
    const drip = setInterval(() => dripping.write(whole.subarray(sent, ++sent)), limits.idle / 10);
    let [asked, gap] = [began, 0];
    try {
      while (!silent.closed || !dripping.closed) {
        const isAnswered = await answered(asking);
        gap = Math.max(gap, performance.now() - asked);
        asked = performance.now();
        // A machine that stands still for that long makes it one that asks nothing.
        if (!isAnswered) return expect(gap).to.be.at.least(limits.idle * 0.9);
      }
      expect(performance.now() - began).to.be.at.least(limits.idle * 0.9);
      expect(sent).to.be.below(whole.length);
    } finally {
      clearInterval(drip);
    }
    await until("one that asks nothing any more is closed too", () => asking.closed);
  });

  it("refuses TCP connections that are too many, and counts them", async () => {
    const { refusedConnections: before } = await engine.engine.dns.totals();
    const held = await Promise.all(Array.from({ length: limits.maxConnections }, () => open()));
    for (const socket of held) expect(await answered(socket)).to.equal(true);
    expect(await answered(await open())).to.equal(false);
    expect(await answered(held[0] as Socket), "one that was there").to.equal(true);
    expect((await ask(engine.dns, "demo.internal", "SOA")).rcode).to.equal("NOERROR");
    expect((await engine.engine.dns.totals()).refusedConnections - before).to.equal(1);
    const text = await (await fetch(`${engine.url}/metrics`)).text();
    expect(text).to.match(/^cloudmap_dns_refused_connections_total [1-9]/m);
    await once((held[0] as Socket).destroy(), "close");
    await until("there is room again", async () => answered(await open()));
  });

  it("refuses those of one client that are too many, and serves the others", async function () {
    if (process.platform !== "linux") this.skip(); // elsewhere this machine has no second address of itself
    await using other = await serve({ tcp: { maxOfClient: 2 } }, { now: Date.now });
    await other.makePrivate("demo.internal");
    const greedy = await Promise.all([open(other), open(other)]);
    for (const socket of greedy) expect(await answered(socket)).to.equal(true);
    for (let tries = 0; tries < 10; tries += 1) expect(await answered(await open(other))).to.equal(false);
    expect(await answered(greedy[0] as Socket), "one that was there").to.equal(true);
    expect(await answered(await open(other, "127.0.0.2")), "another client").to.equal(true);
    expect((await other.engine.dns.totals()).refusedConnections).to.equal(10);
    await once((greedy[0] as Socket).destroy(), "close");
    await until("there is room again", async () => answered(await open(other)));
    expect(await answered(await open(other)), "and no more than there was").to.equal(false);
  });
});
