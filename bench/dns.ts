// Measures DNS: dnsperf against the engine, CoreDNS, Knot and a bare node:dgram echo, each on the same core, in turns.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import packet from "dns-packet";
import { ask } from "../tests/dns/ask.ts";
import { call, register } from "../tests/engine/running.ts";
import { measure } from "./load.ts";
import type { Row } from "./row.ts";

const seconds = Number(process.env.BENCH_SECONDS ?? 4);
const rounds = 3;
const hasCores = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;
const onCore = (core: number): string[] => (hasCores ? ["taskset", "-c", String(core)] : []);
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:${process.env.HOME}/go/bin` };
const has = (command: string, ...args: string[]) => spawnSync(command, args, { env }).error === undefined;

interface Server {
  readonly dns: string;
  readonly url?: string;
  readonly child: ChildProcess;
}

interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Microseconds of processor time that a query cost the server. */
  readonly cost: number;
}

export async function bench(): Promise<Row[]> {
  if (!has("dnsperf", "-h")) return [{ name: "DNS", value: "not measured: there is no dnsperf" }];
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-dns-"));
  try {
    return [...(await throughput(folder)), ...(await visibility())];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A measurement that fails leaves no server behind. */
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

function begin(args: readonly string[]): ChildProcess {
  const [command = "", ...rest] = [...onCore(0), ...args];
  const child = spawn(command, rest, { env, stdio: ["ignore", "pipe", "ignore"] });
  children.add(child);
  return child;
}

async function beginOurs(file: string, ...args: string[]): Promise<Server> {
  const child = begin([
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL(file, import.meta.url)),
    ...args,
  ]);
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return { ...JSON.parse(line), child };
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A server of others over a zone file; undefined where it is not installed. */
async function beginOther(name: "coredns" | "knotd", zone: string, folder: string): Promise<Server | undefined> {
  if (!has(name, "--help")) return undefined;
  const port = await freePort();
  const config = join(folder, `${name}.conf`);
  const texts = {
    coredns: `demo.internal:${port} {\n  bind 127.0.0.1\n  file ${zone}\n}\n`,
    knotd: `server:\n  rundir: ${folder}\n  listen: 127.0.0.1@${port}\n  udp-workers: 1\ndatabase:\n  storage: ${folder}\nzone:\n  - domain: demo.internal\n    file: ${zone}\n`,
  };
  writeFileSync(config, texts[name]);
  const child = begin(name === "coredns" ? [name, "-conf", config] : [name, "-c", config]);
  const dns = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await ask(dns, "s0.demo.internal", "A", { patience: 200 }).catch(() => undefined);
    if (answer?.answers?.length) return { dns, child };
  }
  child.kill("SIGKILL");
  console.error(`${name} does not answer, and is left out`);
  return undefined;
}

function zoneFile(folder: string, services: number): string {
  const records = [
    "$ORIGIN demo.internal.",
    "@ 15 IN SOA ns hostmaster 1 7200 900 1209600 15",
    "@ 60 IN NS ns",
    "ns 60 IN A 10.0.0.1",
  ];
  for (let number = 0; number < services; number += 1) {
    for (let index = 0; index < 8; index += 1) records.push(`s${number} 60 IN A 10.0.${number & 255}.${index}`);
  }
  const file = join(folder, "demo.internal.zone");
  writeFileSync(file, `${records.join("\n")}\n`);
  return file;
}

/** Asks as fast as it goes, or at a rate; latencies are known at a rate only. */
function load(folder: string, server: Server, services: number, rate?: number): Promise<Measured> {
  const at = rate ? ["-Q", String(Math.round(rate)), "-v"] : [];
  return dnsperf(folder, server, services, ["-l", String(seconds), ...at]);
}

/** Every name, some of them often: the records of a name are prepared when it is asked for first. */
async function warm(folder: string, server: Server, services: number): Promise<void> {
  await dnsperf(folder, server, services, ["-n", String(Math.ceil(200_000 / services))]);
}

async function dnsperf(folder: string, server: Server, services: number, how: readonly string[]): Promise<Measured> {
  const [host = "", port = ""] = server.dns.split(":");
  const questions = join(folder, `questions-${services}`);
  const lines = Array.from({ length: services }, (_, number) => `s${number}.demo.internal A\n`);
  writeFileSync(questions, lines.join(""));
  const args = ["-s", host, "-p", port, "-d", questions, "-c", "16", "-q", "100", ...how];
  const [command = "", ...rest] = [...onCore(1), "dnsperf", ...args];
  const before = cpuTime(server.child.pid ?? 0);
  const child = spawn(command, rest, { env, stdio: ["ignore", "pipe", "ignore"] });
  const out = (await child.stdout.setEncoding("utf8").toArray()).join("");
  const times = [...out.matchAll(/^> .* ([\d.]+)$/gm)].map((found) => Number(found[1]) * 1000).sort((a, b) => a - b);
  const completed = Number(/Queries completed:\s+(\d+)/.exec(out)?.[1] ?? 0);
  return {
    perSecond: Number(/Queries per second:\s+([\d.]+)/.exec(out)?.[1] ?? 0),
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    cost: (cpuTime(server.child.pid ?? 0) - before) / completed,
  };
}

/** Processor time of a process so far, in microseconds; it is counted in hundredths of a second. */
function cpuTime(pid: number): number {
  if (!existsSync("/proc/self/stat")) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function throughput(folder: string): Promise<Row[]> {
  const ours = await beginOurs("dns-server.ts", "10");
  const sample = packet.encode({ type: "query", id: 1, questions: [{ type: "A", name: "s1.demo.internal" }] });
  const { send } = await import("../tests/dns/ask.ts");
  const echo = await beginOurs("dns-echo.ts", (await send(ours.dns, sample)).toString("hex"));
  const zone = zoneFile(folder, 10);
  const others = { CoreDNS: await beginOther("coredns", zone, folder), Knot: await beginOther("knotd", zone, folder) };
  const servers = Object.entries({ ours, echo, ...others }).flatMap(([name, server]) =>
    server ? [{ name, server }] : [],
  );
  const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  const costs = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, server } of servers) {
      const { perSecond, cost } = await load(folder, server, 10);
      rates.get(name)?.push(perSecond);
      costs.get(name)?.push(cost);
    }
  }
  const rate = (name: string) => middle(rates.get(name) ?? []);
  const rows = servers.map(({ name }) => ({
    name: `DNS, A of 8 records, ${name}`,
    value: `${rate(name).toFixed(0)} q/s, ${middle(costs.get(name) ?? []).toFixed(1)} µs of processor time each`,
  }));
  const against = (name: string, goal: number): Row => {
    if (!rates.has(name)) return { name: `DNS against ${name}`, value: "not measured: it is not installed" };
    const ratio = middle((rates.get("ours") ?? []).map((each, round) => each / (rates.get(name)?.[round] ?? 1)));
    return { name: `DNS against ${name}`, value: ratio.toFixed(2), goal: `>= ${goal}`, met: ratio >= goal };
  };
  const late = await latencies(folder, ours, others.CoreDNS, rate("ours") / 2);
  for (const { server } of servers) server.child.kill("SIGKILL");
  return [...rows, against("echo", 0.85), against("CoreDNS", 1), ...late, ...(await flatness(folder))];
}

/** The same rate for both, half of what we can; ours once more while instances are registered. */
async function latencies(folder: string, ours: Server, coreDns: Server | undefined, rate: number): Promise<Row[]> {
  const quiet = await load(folder, ours, 10, rate);
  const [busy, registered] = await Promise.all([load(folder, ours, 10, rate), registrations(ours.url ?? "", 1_000)]);
  const theirs = coreDns && (await load(folder, coreDns, 10, rate));
  const row = (name: string, { p99 }: Measured): Row => ({
    name: `DNS at half load, ${name}`,
    value: `99 % within ${p99.toFixed(2)} ms`,
    ...(theirs && { goal: `<= ${(2 * theirs.p99).toFixed(2)} ms`, met: p99 <= 2 * theirs.p99 }),
  });
  const other = theirs ? [{ name: "DNS at half load, CoreDNS", value: `99 % within ${theirs.p99.toFixed(2)} ms` }] : [];
  return [row("ours", quiet), row(`ours, during ${registered.toFixed(0)} registrations/s`, busy), ...other];
}

/**
 * By a client that costs little, where dnsperf runs: one that takes that core keeps dnsperf from reading the answers that are
 * there, and the time for which they lie would count as ours.
 */
async function registrations(url: string, perSecond: number): Promise<number> {
  const bodies = Array.from({ length: 50 }, (_, index) =>
    JSON.stringify({
      ServiceId: `srv-${String(index % 10).padStart(16, "a")}`,
      InstanceId: `b-%c-${index}`,
      Attributes: { AWS_INSTANCE_IPV4: `10.200.%c.${index}`, AWS_INSTANCE_PORT: "1%n" },
    }),
  );
  const load = { url, connections: 16, seconds: seconds + 1, operation: "RegisterInstance", bodies, perSecond };
  return (await measure(load, onCore(1))).perSecond;
}

/** Servers of each size in turns: one after the other they would be measured on a machine that is not the same. */
async function flatness(folder: string): Promise<Row[]> {
  const sizes = [10, 1_000, 100_000];
  const servers: { readonly services: number; readonly server: Server; readonly measured: Measured[] }[] = [];
  for (const services of sizes) {
    const server = await beginOurs("dns-server.ts", String(services));
    await warm(folder, server, services);
    servers.push({ services, server, measured: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { services, server, measured } of servers) measured.push(await load(folder, server, services));
  }
  for (const { server } of servers) server.child.kill("SIGKILL");
  const first = servers[0]?.measured ?? [];
  return servers.map(({ services, measured }) => {
    const ratio = middle(measured.map(({ perSecond }, round) => perSecond / (first[round]?.perSecond ?? 1)));
    const rate = middle(measured.map(({ perSecond }) => perSecond)).toFixed(0);
    const cost = middle(measured.map(({ cost }) => cost)).toFixed(1);
    return {
      name: `DNS, ${services} services`,
      value: `${rate} q/s, ${ratio.toFixed(2)} of that of 10, ${cost} µs of processor time each`,
      goal: ">= 0.8",
      met: ratio >= 0.8,
    };
  });
}

/** From the answer to a registration until DNS answers its address. */
async function visibility(): Promise<Row[]> {
  const server = await beginOurs("dns-server.ts", "10");
  const { Services = [] } = await call({ url: server.url ?? "" }, "ListServices", {});
  const times: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const id = Services[round % 10]?.Id ?? "";
    const name = `${Services[round % 10]?.Name}.demo.internal`;
    const address = `10.99.${round >> 8}.${round & 255}`;
    for (let index = 0; index < 8; index += 1)
      await register({ url: server.url ?? "" }, id, `i-${index}`, { AWS_INSTANCE_IPV4: address });
    const acknowledged = performance.now();
    for (;;) {
      const { answers = [] } = await ask(server.dns, name, "A");
      if (answers.length === 1 && answers.some((each) => each.type === "A" && each.data === address)) break;
    }
    times.push(performance.now() - acknowledged);
  }
  server.child.kill("SIGKILL");
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  return [
    {
      name: "DNS, from acknowledged to visible",
      value: `99 % within ${p99.toFixed(2)} ms`,
      goal: "< 5 ms",
      met: p99 < 5,
    },
  ];
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
