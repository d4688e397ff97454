// The limit of connections to the API: those beyond it are refused, and whoever watches over the engine is told.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { readSettings } from "../../../local/settings.ts";
import { until } from "../../local/until.ts";
import { makeNamespace, type Running, start } from "../running.ts";

const most = 4;

describe("connections to the API", () => {
  let engine: Running;
  before(async () => {
    engine = await start({ maxConnections: most });
  });
  after(() => engine[Symbol.asyncDispose]());

  const open = async () => {
    const { hostname: host, port } = new URL(engine.url);
    const socket = connect({ host, port: Number(port) });
    await once(socket, "connect");
    return socket.on("error", () => {}); // a reset is one way to be refused
  };
  const healthz = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  /** What comes back on a connection, or that it was closed. */
  const answered = (socket: Socket) => {
    socket.write(healthz);
    return Promise.race([
      once(socket, "data").then(([chunk]) => String(chunk).slice(0, 15)),
      once(socket, "close").then(() => "closed"),
    ]);
  };

  it("are refused beyond the limit, counted, and told of once; those that are open go on, and there is room again", async () => {
    const held: Socket[] = [];
    // What the last scrape or another client had open may still be on its way out.
    await until("as many are open as may be", async () => {
      const socket = await open();
      if ((await answered(socket)) === "HTTP/1.1 200 OK") held.push(socket);
      return held.length === most;
    });
    for (let times = 0; times < 2; times += 1) expect(await answered(await open())).to.equal("closed");
    expect(await answered(held[0] as Socket)).to.equal("HTTP/1.1 200 OK");
    const warnings = () => engine.logged.filter((line) => line.startsWith("warn connections are refused: 4 are open"));
    expect(warnings()).to.have.lengthOf(1);
    for (const socket of held) await once(socket.destroy(), "close");
    await until("there is room again", async () => (await answered(await open())) === "HTTP/1.1 200 OK");
    const text = await (await fetch(`${engine.url}/metrics`, { headers: { connection: "close" } })).text();
    expect(Number(/^cloudmap_http_refused_connections_total (\d+)$/m.exec(text)?.[1])).to.be.at.least(2);
  });

  it("are many by default", async () => {
    await using usual = await start();
    await makeNamespace(usual, "n");
    const { hostname: host, port } = new URL(usual.url);
    const sockets = Array.from({ length: 200 }, () => connect({ host, port: Number(port) }));
    for (const socket of sockets) if (socket.connecting) await once(socket, "connect");
    expect(await answered(sockets[199] as Socket)).to.equal("HTTP/1.1 200 OK");
    for (const socket of sockets) socket.destroy();
  });

  it("are limited by --max-connections, which takes a number", () => {
    expect(readSettings({ maxConnections: "100" })).to.deep.equal({ maxConnections: 100 });
    for (const wrong of ["0", "-1", "many", "1e3"]) {
      expect(() => readSettings({ maxConnections: wrong })).to.throw(
        `--max-connections takes a number from 1, and not "${wrong}"`,
      );
    }
  });
});
