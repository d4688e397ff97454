// unbound forwards a zone to three nodes as docs/production.md says, while one after the other dies: names go on resolving.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import packet from "dns-packet";
import { ask } from "../dns/ask.ts";
import { has } from "../dns/tool.ts";
import { call, makeService, namespaceOf, register } from "../engine/running.ts";
import { freePort } from "../local/port.ts";
import { until } from "../local/until.ts";
import { hasEtcd } from "../store/etcd-server.ts";
import { Cluster } from "./cluster.ts";
import type { Node } from "./node.ts";
import { Program } from "./process.ts";

const text = readFileSync(new URL("../../docs/production.md", import.meta.url), "utf8");

/** The configuration that the page shows, with our nodes in place of its own. */
function documented(nodes: readonly Node[]): string {
  const block = /^unbound:\n\n((?: {4}.*\n)+)/m.exec(text)?.[1] ?? "";
  let next = 0;
  return block.replace(/^ {4}/gm, "").replace(/(stub-addr: )\S+/g, (_, name) => {
    next += 1;
    return `${name}${nodes[next - 1]?.dns.replace(":", "@")}`;
  });
}

/** Nothing is kept, so that each question is a question to a node. */
const own = (port: number, folder: string) =>
  `server:\n  interface: 127.0.0.1@${port}\n  username: ""\n  chroot: ""\n  directory: "${folder}"\n  pidfile: ""\n` +
  `  use-syslog: no\n  do-daemonize: no\n  do-not-query-localhost: no\n  cache-max-ttl: 0\n  cache-max-negative-ttl: 0\n`;

describe("a resolver that has three nodes", function () {
  this.timeout(90_000);
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-resolver-"));
  let cluster: Cluster;
  let resolver: Program;
  before(async function () {
    if (!(await has("unbound", "-V")) || !hasEtcd()) return this.skip();
    cluster = await Cluster.start(3, 1);
  });
  after(async () => {
    await resolver?.kill();
    await cluster?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("resolves its names while one after the other dies and comes back, new ones too", async () => {
    const { nodes } = cluster;
    const [first, second, third] = nodes as readonly [Node, Node, Node];
    const made = await call(first, "CreatePrivateDnsNamespace", { Name: "demo.internal", Vpc: "vpc-1" });
    const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 60 }] };
    const web = await makeService(first, await namespaceOf(first, made), "web", { DnsConfig });
    await register(first, web, "i0", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    const port = await freePort();
    writeFileSync(join(folder, "unbound.conf"), own(port, folder) + documented(nodes));
    resolver = new Program("unbound", ["-d", "-c", join(folder, "unbound.conf")], {
      PATH: `${process.env.PATH}:/usr/sbin`,
    });
    resolver.start();

    const resolve = async () => {
      const { rcode, answers = [] } = await ask(`127.0.0.1:${port}`, "web.demo.internal", "A", {
        packet: { flags: packet.RECURSION_DESIRED },
        patience: 10_000,
      });
      return `${rcode} ${answers.length}`;
    };
    await until("unbound resolves", async () => (await resolve().catch(() => "")) === "NOERROR 1", 30_000);
    let asked = 0;
    let slowest = 0;
    const resolves = async (times: number, instances: number) => {
      for (let time = 0; time < times; time += 1) {
        const started = performance.now();
        expect(await resolve(), `question ${asked}`).to.equal(`NOERROR ${instances}`);
        slowest = Math.max(slowest, performance.now() - started);
        asked += 1;
      }
    };
    await resolves(30, 1);
    let instances = 1;
    for (const [victim, other] of [
      [first, second],
      [second, third],
      [third, first],
    ] as const) {
      await victim.program.kill();
      await resolves(30, instances);
      await register(other, web, `i${instances}`, { AWS_INSTANCE_IPV4: `10.0.0.${instances + 1}` });
      instances += 1;
      await until("the new instance is resolved", async () => (await resolve()) === `NOERROR ${instances}`);
      victim.program.start();
      await victim.ready();
      await resolves(30, instances);
    }
    console.log(`      ${asked} questions, the slowest took ${Math.round(slowest)} ms`);
    expect(slowest).to.be.below(5_000);
  });
});
