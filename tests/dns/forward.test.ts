// Resolvers that forward a zone to us, configured as docs/dns.md says: unbound and dnsmasq.
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import packet from "dns-packet";
import { register } from "../engine/running.ts";
import { addressOf, ask } from "./ask.ts";
import { type Served, serve } from "./served.ts";
import { has } from "./tool.ts";

const text = readFileSync(new URL("../../docs/dns.md", import.meta.url), "utf8");

/** The indented lines after a heading such as "unbound:", with our port in place of the one in the text. */
function documented(heading: string, port: number): string {
  const block = new RegExp(`^${heading}:\n\n((?: {4}.*\n)+)`, "m").exec(text)?.[1] ?? "";
  return block.replace(/^ {4}/gm, "").replaceAll("7753", String(port));
}

/** A port that nobody has, for UDP nor for TCP: connections of other programs have ports too. */
async function freePort(): Promise<number> {
  for (;;) {
    const udp = createSocket("udp4").bind(0, "127.0.0.1");
    await once(udp, "listening");
    const { port } = udp.address();
    const tcp = createServer().listen(port, "127.0.0.1");
    const isFree = await once(tcp, "listening").then(
      () => true,
      () => false,
    );
    udp.close();
    tcp.close();
    if (isFree) return port;
  }
}

/** A resolver looks for names only where that is desired. */
const recursive = { packet: { flags: packet.RECURSION_DESIRED } };
/** A resolver that could not ask us remembers that for five seconds (RFC 2308 7.1, RFC 9520): asking has to last longer. */
const patience = 15_000;

/** Asks until the resolver is up. */
async function whenUp(server: string, name: string, type: string) {
  const until = performance.now() + patience;
  for (;;) {
    const answer = await ask(server, name, type, { ...recursive, size: 1232, patience: 500 }).catch(
      (error: Error) => error,
    );
    if (!(answer instanceof Error) && answer.rcode !== "SERVFAIL") return answer;
    if (performance.now() > until) throw answer instanceof Error ? answer : new Error(`${name} ${type}: SERVFAIL`);
    await wait(100);
  }
}

describe("a resolver that forwards a zone to us", function () {
  this.timeout(90_000);
  let engine: Served;
  let folder: string;
  let zone: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-forward-"));
    engine = await serve({ threads: 1 }, { now: Date.now });
    zone = await engine.makePrivate("demo.internal", "vpc-1", 0);
    const web = await engine.makeRecords(zone, "web", ["A 60"]);
    const srv = await engine.makeRecords(zone, "_http._tcp", ["SRV 60"]);
    for (let index = 0; index < 20; index += 1) {
      const attributes = { AWS_INSTANCE_IPV4: `10.0.0.${index}`, AWS_INSTANCE_PORT: "80" };
      await register(engine, web, `i${index}`, attributes);
      await register(engine, srv, `i${index}`, attributes);
    }
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a resolver and waits until it answers; with another port where somebody took the one that was free. */
  const begin = async (command: string, argsAt: (port: number) => readonly string[]): Promise<string> => {
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
    for (let tries = 1; ; tries += 1) {
      const port = await freePort();
      const child = spawn(command, argsAt(port), { env, stdio: ["ignore", "pipe", "pipe"] });
      children.push(child);
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => said.push(text));
      const server = `127.0.0.1:${port}`;
      const ended = once(child, "exit").then(() => "ended");
      const what = await Promise.race([ended, whenUp(server, "web.demo.internal", "A").catch(String)]);
      if (typeof what === "object") return server;
      if (what !== "ended" || tries >= 5) throw new Error(`${command}: ${what}; it said:\n${said.join("")}`);
    }
  };
  const answersWell = async (server: string) => {
    const found = await whenUp(server, "web.demo.internal", "A");
    expect([found.rcode, found.answers?.length]).to.deep.equal(["NOERROR", 8]);
    expect((await whenUp(server, "_http._tcp.demo.internal", "SRV")).answers).to.have.lengthOf(8);
    expect((await whenUp(server, "i3._http._tcp.demo.internal", "A")).answers?.[0]).to.include({ data: "10.0.0.3" });
    expect((await whenUp(server, "none.demo.internal", "A")).rcode).to.equal("NXDOMAIN");
    const name = `late-${children.length}`;
    const late = await engine.makeRecords(zone, name, ["A 60"]);
    expect((await whenUp(server, `${name}.demo.internal`, "A")).rcode).to.equal("NXDOMAIN");
    await register(engine, late, "i", { AWS_INSTANCE_IPV4: "10.9.9.9" });
    // A SOA TTL of 0: nobody remembers that the name was not there.
    expect((await whenUp(server, `${name}.demo.internal`, "A")).answers?.[0]).to.include({ data: "10.9.9.9" });
  };

  it("resolves it by unbound", async function () {
    if (!(await has("unbound", "-V"))) return this.skip();
    const server = await begin("unbound", (port) => {
      const config = join(folder, "unbound.conf");
      const own = `server:\n  interface: 127.0.0.1@${port}\n  username: ""\n  chroot: ""\n  directory: "${folder}"\n  pidfile: ""\n  use-syslog: no\n  do-daemonize: no\n  cache-max-negative-ttl: 0\n`;
      writeFileSync(config, own + documented("unbound", addressOf(engine.dns).port));
      return ["-d", "-c", config];
    });
    await answersWell(server);
  });

  it("resolves it by dnsmasq", async function () {
    if (!(await has("dnsmasq", "--version"))) return this.skip();
    const server = await begin("dnsmasq", (port) => {
      const config = join(folder, "dnsmasq.conf");
      const own = `port=${port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nno-negcache\npid-file=\nuser=\n`;
      writeFileSync(config, own + documented("dnsmasq", addressOf(engine.dns).port));
      return ["--keep-in-foreground", "-C", config];
    });
    await answersWell(server);
  });
});
