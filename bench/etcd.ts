// Measures a node whose registry etcd keeps: registrations beside etcd itself, reads beside the embedded store, a start.
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { fillEtcd } from "../engine/store/etcd-copy.ts";
import { readSqlite } from "../engine/store/sqlite.ts";
import type { Entry, Snapshot } from "../engine/store/store.ts";
import { ask } from "../tests/dns/ask.ts";
import { spawnEngine } from "../tests/engine/crash/process.ts";
import { call, makeNamespace, makeService, namespaceOf, register } from "../tests/engine/running.ts";
import { EtcdServer, hasEtcd } from "../tests/store/etcd-server.ts";
import { measure } from "./load.ts";
import { type Row, table } from "./row.ts";

const seconds = Number(process.env.BENCH_SECONDS ?? 4);
const most = Number(process.env.BENCH_INSTANCES ?? 1_000_000);
const clients = 64;
const rounds = 3;
/** Of one instance that is registered, on the wire to etcd: its record and the operation's. */
const valueSize = 512;
const attributes = { AWS_INSTANCE_IPV4: "192.0.2.44", AWS_INSTANCE_PORT: "8080", zone: "eu-west-1a", version: "1.4.2" };

interface Node {
  readonly url: string;
  readonly dns: string;
  readonly child: ChildProcess;
  readonly seconds: number;
}

export async function bench(): Promise<Row[]> {
  if (!hasEtcd()) return [{ name: "etcd", value: "not measured: there is no etcd" }];
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-etcd-"));
  const nodes: Node[] = [];
  const begin = async (place: object) => {
    const node = await startNode(place);
    nodes.push(node);
    return node;
  };
  try {
    await using etcd = await EtcdServer.start({ flags: ["--quota-backend-bytes", String(8 * 2 ** 30)] });
    const kept = await begin({ etcd: { members: [etcd.url] } });
    const embedded = await begin({ data: join(folder, "embedded") });
    const rows = await reads(folder, kept, embedded); // while both nodes have as much in memory
    rows.unshift(await registrations(etcd, kept));
    for (const { child } of nodes.splice(0)) await end(child);
    const place = { members: [etcd.url], prefix: "/three/" };
    rows.push(
      await visible([await begin({ etcd: place }), await begin({ etcd: place }), await begin({ etcd: place })]),
    );
    for (const { child } of nodes.splice(0)) await end(child);
    return [...rows, await largeStart(etcd, folder, begin)];
  } finally {
    for (const { child } of nodes) await end(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startNode(place: object): Promise<Node> {
  const begun = performance.now();
  const program = fileURLToPath(new URL("etcd-node.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, JSON.stringify(place)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const [url = "", dns = ""] = String(line).split(" ");
  return { url, dns, child, seconds: (performance.now() - begun) / 1000 };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** What etcd commits of values of this size for so many clients, each with one at a time. */
async function puts(etcd: EtcdServer): Promise<number> {
  const program = fileURLToPath(new URL("etcd-load.ts", import.meta.url));
  const args = [program, etcd.url, ...[clients, valueSize, seconds].map(String)];
  return Number((await promisify(execFile)(process.execPath, args)).stdout);
}

async function registrations(etcd: EtcdServer, node: Node): Promise<Row> {
  const namespace = await makeNamespace(node, "n");
  const services: string[] = [];
  for (let index = 0; index < 8; index += 1) services.push(await makeService(node, namespace, `s-${index}`));
  const ratios: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bodies = services.map((ServiceId) =>
      JSON.stringify({ ServiceId, InstanceId: `i-${round}-%c-%n`, Attributes: attributes }),
    );
    const load = { url: node.url, operation: "RegisterInstance", connections: clients, seconds, bodies };
    ratios.push({ theirs: await puts(etcd), ours: (await measure(load)).perSecond });
  }
  const { ours, theirs } = middle(ratios, (each) => each.ours / each.theirs);
  return {
    name: `RegisterInstance on etcd, ${clients} clients, to what etcd puts for as many`,
    value: `${(ours / theirs).toFixed(2)} (${ours.toFixed(0)}/s of ${theirs.toFixed(0)}/s)`,
    goal: ">= 0.7",
    met: ours / theirs >= 0.7,
  };
}

function middle<T>(all: readonly T[], by: (each: T) => number): T {
  const found = all.toSorted((a, b) => by(a) - by(b))[Math.floor(all.length / 2)];
  if (found === undefined) throw new Error("nothing was measured");
  return found;
}

/** Discoveries and DNS on a node on etcd and on one of its own, in turns. */
async function reads(folder: string, kept: Node, embedded: Node): Promise<Row[]> {
  for (const node of [kept, embedded]) {
    const made = await call(node, "CreatePrivateDnsNamespace", { Name: "demo.internal", Vpc: "vpc-1" });
    const zone = await namespaceOf(node, made);
    const DnsConfig = { DnsRecords: [{ Type: "A", TTL: 10 }] } as const;
    const service = await makeService(node, zone, "ten", { DnsConfig });
    for (let index = 0; index < 10; index += 1) await register(node, service, `i-${index}`, attributes);
  }
  const bodies = ['{"NamespaceName":"demo.internal","ServiceName":"ten"}'];
  const discover = async ({ url }: Node) =>
    (await measure({ url, operation: "DiscoverInstances", connections: 16, seconds, bodies })).perSecond;
  const discoverAll: Ask = (node) => withCost(node, () => discover(node));
  const questions = join(folder, "questions");
  writeFileSync(questions, "ten.demo.internal A\n");
  const resolve: Ask = (node) => withCost(node, () => queries(node.dns, questions));
  const rows = await inTurns("DiscoverInstances of 10", discoverAll, kept, embedded);
  if (spawnSync("dnsperf", ["-h"]).error === undefined)
    rows.push(...(await inTurns("DNS, A of 10", resolve, kept, embedded)));
  return rows;
}

/** How many requests a second a node answers, and how many microseconds of processor each costs it. */
interface Answered {
  readonly perSecond: number;
  readonly cost: number;
}

type Ask = (node: Node) => Promise<Answered>;

/** What else runs on the machine changes the rate much, and the cost little. */
async function withCost({ child }: Node, work: () => Promise<number>): Promise<Answered> {
  const before = processorOf(child.pid);
  const perSecond = await work();
  return { perSecond, cost: ((processorOf(child.pid) - before) * 1e6) / (perSecond * seconds) };
}

/** Seconds of processor that a process has had, for itself and in the kernel (proc(5): fields 14 and 15, in hundredths). */
function processorOf(pid = 0): number {
  const [user = 0, system = 0] =
    readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ").slice(11, 13).map(Number) ?? [];
  return (user + system) / 100;
}

/** Each is the first in every other turn. */
async function inTurns(name: string, askNode: Ask, kept: Node, embedded: Node): Promise<Row[]> {
  const pairs: { ours: Answered; theirs: Answered }[] = [];
  for (let round = 0; round < 2 * rounds + 1; round += 1) {
    const first = round % 2 === 0 ? await askNode(kept) : undefined;
    const theirs = await askNode(embedded);
    pairs.push({ ours: first ?? (await askNode(kept)), theirs });
  }
  const row = (
    what: string,
    unit: string,
    of: (each: Answered) => number,
    ratio: (ours: number, theirs: number) => number,
  ): Row => {
    const { ours, theirs } = middle(pairs, (each) => ratio(of(each.ours), of(each.theirs)));
    const found = ratio(of(ours), of(theirs));
    const value = `${found.toFixed(2)} (${of(ours).toFixed(0)}${unit} of ${of(theirs).toFixed(0)}${unit})`;
    return { name: `${name}, ${what}`, value, goal: ">= 0.95", met: found >= 0.95 };
  };
  return [
    row(
      "on etcd to on SQLite",
      "/s",
      ({ perSecond }) => perSecond,
      (ours, theirs) => ours / theirs,
    ),
    row(
      "processor on SQLite to on etcd",
      " µs",
      ({ cost }) => cost,
      (ours, theirs) => theirs / ours,
    ),
  ];
}

/** From the answer of one of three nodes to a registration until DNS of each of them answers its address, among 10,000 instances. */
async function visible(nodes: readonly Node[]): Promise<Row> {
  const [first] = nodes;
  if (first === undefined) throw new Error("there is no node");
  const zone = await namespaceOf(
    first,
    await call(first, "CreatePrivateDnsNamespace", { Name: "all.internal", Vpc: "vpc-1" }),
  );
  const DnsConfig = { DnsRecords: [{ Type: "A", TTL: 0 }] } as const;
  const [many = "", one = ""] = [
    await makeService(first, zone, "many", { DnsConfig }),
    await makeService(first, zone, "one", { DnsConfig }),
  ];
  const filling = Array.from({ length: clients }, async (_, client) => {
    for (let index = client; index < 10_000; index += clients) await register(first, many, `i-${index}`, attributes);
  });
  await Promise.all(filling);
  const times: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const address = `10.99.${round >> 8}.${round & 255}`;
    await register(nodes[round % nodes.length] ?? first, one, "i", { AWS_INSTANCE_IPV4: address });
    const acknowledged = performance.now();
    await Promise.all(nodes.map((node) => answersWith(node, "one.all.internal", address)));
    times.push(performance.now() - acknowledged);
  }
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
  const value = `99 % within ${p99.toFixed(1)} ms`;
  return {
    name: "from acknowledged to visible in DNS on each of 3 nodes, of 10000 instances",
    value,
    goal: "< 100 ms",
    met: p99 < 100,
  };
}

async function answersWith({ dns }: Node, name: string, address: string): Promise<void> {
  for (;;) {
    const { answers = [] } = await ask(dns, name, "A");
    if (answers.some((each) => each.type === "A" && each.data === address)) return;
  }
}

async function queries(dns: string, questions: string): Promise<number> {
  const [host = "", port = ""] = dns.split(":");
  const args = ["-s", host, "-p", port, "-d", questions, "-l", String(seconds), "-c", "16", "-q", "100"];
  const { stdout } = await promisify(execFile)("dnsperf", args);
  return Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
}

async function largeStart(etcd: EtcdServer, folder: string, begin: (place: object) => Promise<Node>): Promise<Row> {
  const place = { members: [etcd.url], prefix: "/large/" };
  const base = join(folder, "base");
  const engine = await spawnEngine(base);
  const service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
  await register(engine, service, "i", attributes);
  await engine.kill("SIGTERM");
  await fillEtcd(place, await multiplied(await readSqlite(base)));
  const node = await begin({ etcd: place });
  return {
    name: `start with ${most} instances in etcd`,
    value: `${node.seconds.toFixed(1)} s`,
    goal: "<= 40 s",
    met: node.seconds <= 40,
  };
}

/** A registry with its one instance as many times as are wanted. */
async function multiplied({ revision, pages }: Snapshot): Promise<Snapshot> {
  const entries: Entry[] = [];
  for await (const page of pages) entries.push(...page);
  const sample = entries.find(({ key }) => key.startsWith("instance/"));
  if (sample === undefined) throw new Error("there is no instance to copy");
  async function* all() {
    yield entries;
    for (let start = 0; start < most; start += 10_000) {
      const count = Math.min(10_000, most - start);
      yield Array.from(
        { length: count },
        (_, index) => ({ ...sample, key: `${sample?.key}-${start + index}` }) as Entry,
      );
    }
  }
  return { revision, pages: all() };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(table(await bench()));
}
