// Measures health: ten thousand instances that are probed, and ten thousand who watch.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EngineProcess, spawnEngine } from "../tests/engine/crash/process.ts";
import { call, makeNamespace, makeService, register } from "../tests/engine/running.ts";
import type { Row } from "./row.ts";

const count = Number(process.env.BENCH_HEALTH ?? 10_000);
const interval = Number(process.env.BENCH_PROBE_INTERVAL ?? 10_000);
const rounds = 3;
const services = 10;

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-"));
  try {
    return [
      ...(await probes(join(folder, "probes"))),
      ...(await watches(join(folder, "spread"), services)),
      ...(await watches(join(folder, "one"), 1)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const engineAt = (data: string) => spawnEngine(data, [], fileURLToPath(new URL("probing.ts", import.meta.url)));
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Each instance is an address of its own on loopback, which Linux has sixteen million of; all are one server. */
async function probes(data: string): Promise<Row[]> {
  let status = 200;
  const target = createServer((_request, response) => response.writeHead(status).end()).listen(0, "0.0.0.0");
  await once(target, "listening");
  const AWS_INSTANCE_PORT = String((target.address() as AddressInfo).port);
  const engine = await engineAt(data);
  const ids = await makeServices(engine, { HealthCheckConfig: { Type: "HTTP" } });
  await inTurns(count, 64, (index) => {
    const AWS_INSTANCE_IPV4 = `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
    return register(engine, ids[index % services] ?? "", `i-${index}`, { AWS_INSTANCE_IPV4, AWS_INSTANCE_PORT });
  });
  await pause(interval); // what is new is looked at sooner than once an interval
  const before = {
    made: await metric(engine, "cloudmap_probes_total"),
    cpu: cpuTime(engine.pid),
    at: performance.now(),
  };
  await pause(rounds * interval);
  const seconds = (performance.now() - before.at) / 1000;
  const perSecond = ((await metric(engine, "cloudmap_probes_total")) - before.made) / seconds;
  const core = (cpuTime(engine.pid) - before.cpu) / 1000 / seconds;
  const late = await metric(engine, "cloudmap_probes_late_total");
  status = 503;
  const turned = performance.now();
  while ((await unhealthy(engine, ids)) < count) {
    if (performance.now() - turned > 5 * interval) throw new Error("not all instances are found to be unhealthy");
    await pause(100);
  }
  const found = performance.now() - turned;
  await engine.kill("SIGTERM");
  target.closeAllConnections();
  target.close();
  const name = `${count} instances probed every ${interval / 1000} s over HTTP`;
  const load = `${perSecond.toFixed(0)} probes/s, ${(core * 100).toFixed(0)} % of a core`;
  return [
    { name, value: `${late} more than an interval late; ${load}`, goal: "0 late", met: late === 0 },
    {
      name: `${name}, from all failing to all UNHEALTHY`,
      value: `${(found / 1000).toFixed(1)} s`,
      goal: `<= ${(2.1 * interval) / 1000} s`,
      met: found <= 2.1 * interval,
    },
  ];
}

/** Watches of some services; one registration in one of them. */
async function watches(data: string, spread: number): Promise<Row[]> {
  const engine = await engineAt(data);
  const ids = await makeServices(engine, {});
  const counters = await Promise.all(ids.map((_, index) => counterOf(engine, index)));
  const sockets = await inTurns(count, 64, () => connectTo(engine.url));
  const memory = residentMemory(engine.pid);
  let told = 0;
  for (const [index, socket] of sockets.entries()) {
    const service = index % spread;
    socket.once("data", () => {
      told += 1;
    });
    const target = `/watch?namespace=n&service=s-${service}&after=${counters[service]}&wait=10m`;
    socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }
  await until(async () => (await metric(engine, "cloudmap_watches_open")) === count);
  const each = (residentMemory(engine.pid) - memory) / count / 1024;
  const started = performance.now();
  const mine = count / spread;
  await register(engine, ids[0] ?? "", "i");
  await until(async () => told >= mine);
  const took = performance.now() - started;
  await pause(500);
  const others = told - mine;
  for (const socket of sockets) socket.destroy();
  await engine.kill("SIGTERM");
  const value = `${took.toFixed(0)} ms from a registration to the last of ${mine} answers, ${others} others woken, ${each.toFixed(1)} KiB each`;
  return [{ name: `${count} watches of ${spread} services`, value, goal: "0 others", met: others === 0 }];
}

async function makeServices(engine: EngineProcess, more: Parameters<typeof makeService>[3]): Promise<string[]> {
  const namespace = await makeNamespace(engine, "n");
  return inTurns(services, services, (index) => makeService(engine, namespace, `s-${index}`, more));
}

/** Does it so many times, some at once. */
async function inTurns<T>(times: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let start = 0; start < times; start += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, times - start) }, (_, index) => work(start + index));
    done.push(...(await Promise.all(some)));
  }
  return done;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("waited for a minute");
    await pause(5);
  }
}

async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  return socket;
}

async function counterOf(engine: EngineProcess, index: number): Promise<number> {
  const answer = await fetch(`${engine.url}/watch?namespace=n&service=s-${index}`);
  return JSON.parse(await answer.text()).Counter;
}

/** The sum of a metric over its labels. */
async function metric(engine: EngineProcess, name: string): Promise<number> {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (lines.length === 0) throw new Error(`there is no metric ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

async function unhealthy(engine: EngineProcess, ids: readonly string[]): Promise<number> {
  const found = await Promise.all(
    ids.map((_, index) =>
      call(engine, "DiscoverInstances", {
        ...{ NamespaceName: "n", ServiceName: `s-${index}`, HealthStatus: "UNHEALTHY", MaxResults: 1_000 },
      }),
    ),
  );
  return found.reduce((sum, { Instances = [] }) => sum + Instances.length, 0);
}

/** Processor time so far, in milliseconds; it counts in hundredths of a second. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Bytes. */
function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
