// Measures the engine: durable registrations, and discoveries against a bare HTTP server that returns the same bytes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type EngineProcess, spawnEngine } from "../tests/engine/crash/process.ts";
import { makeNamespace, makeService, post, register } from "../tests/engine/running.ts";
import { type Load, type Measured, measure } from "./load.ts";
import { motoRow } from "./moto.ts";
import { type Row, table } from "./row.ts";

const seconds = Number(process.env.BENCH_SECONDS ?? 4);
const rounds = 3;
const clients = 64;

const hasCores = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0;
/** A program on one core of its own, where the system can do that. */
export const onCore = (core: number): string[] => (hasCores ? ["taskset", "-c", String(core)] : []);

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bench-"));
  try {
    const ours = [syncRow(folder), ...(await registrations(folder)), ...(await discoveries(folder))];
    return [...ours, await motoRow(seconds, onCore(0), attributes)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the disk gives: without it no number of a durable store means anything. */
function syncRow(folder: string): Row {
  const file = openSync(join(folder, "sync"), "w");
  const count = 200;
  const started = performance.now();
  for (let index = 0; index < count; index += 1) {
    writeSync(file, Buffer.alloc(4096));
    fdatasyncSync(file);
  }
  const perSecond = (count * 1000) / (performance.now() - started);
  closeSync(file);
  return { name: "the disk: writes of 4 KiB, each synced", value: `${perSecond.toFixed(0)}/s` };
}

/** Processor time of a process so far, in microseconds; 0 where the system does not say. It counts in hundredths of a second. */
function cpuTime(pid: number): number {
  if (!existsSync("/proc/self/stat")) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

interface Costed extends Measured {
  /** Microseconds of processor time that a request cost the server, on all its threads. */
  readonly cost: number;
}

async function costed(pid: number, load: Load, prefix: readonly string[] = []): Promise<Costed> {
  const before = cpuTime(pid);
  const measured = await measure(load, prefix);
  return { ...measured, cost: (cpuTime(pid) - before) / (measured.perSecond * load.seconds) };
}

export const attributes = {
  AWS_INSTANCE_IPV4: "192.0.2.44",
  AWS_INSTANCE_PORT: "8080",
  zone: "eu-west-1a",
  version: "1.4.2",
};

async function registrations(folder: string): Promise<Row[]> {
  const engine = await spawnEngine(join(folder, "register"));
  const namespace = await makeNamespace(engine, "n");
  const services = await Promise.all(
    Array.from({ length: 8 }, (_, index) => makeService(engine, namespace, `s-${index}`)),
  );
  const bodies = services.map((ServiceId) =>
    JSON.stringify({ ServiceId, InstanceId: "i-%c-%n", CreatorRequestId: "t-%c-%n", Attributes: attributes }),
  );
  const load = { url: engine.url, operation: "RegisterInstance", connections: clients, seconds, bodies };
  await measure({ ...load, seconds: 1, bodies: bodies.map((body) => body.replaceAll("i-%c", "w-%c")) });
  const fresh = await costed(engine.pid, load);
  const again = await costed(engine.pid, load);
  await engine.kill("SIGTERM");
  const name = `RegisterInstance, durable, ${clients} clients`;
  return [
    { name, value: show(fresh), goal: ">= 10000/s", met: fresh.perSecond >= 10_000 },
    { name: `${name}, the same instances again`, value: show(again) },
  ];
}

async function discoveries(folder: string): Promise<Row[]> {
  const engine = await spawnEngine(join(folder, "discover"), onCore(0));
  const service = await makeService(engine, await makeNamespace(engine, "n"), "s", { HealthCheckCustomConfig: {} });
  for (let index = 0; index < 10; index += 1) await register(engine, service, `i-${index}`, attributes);
  const body = JSON.stringify({ NamespaceName: "n", ServiceName: "s" });
  const { text } = await post(engine, "DiscoverInstances", body);
  const answer = join(folder, "answer.json");
  writeFileSync(answer, text);
  const { ratio, value, cost } = await besideBare(engine, answer, { operation: "DiscoverInstances", bodies: [body] });
  await engine.kill("SIGTERM");
  const name = "DiscoverInstances of 10, one core each";
  return [
    { name, value, goal: ">= 0.7", met: ratio >= 0.7 },
    { name: `${name}, processor time`, value: cost },
  ];
}

interface Beside {
  /** The engine's rate by the bare server's. */
  readonly ratio: number;
  readonly value: string;
  readonly cost: string;
}

/** An engine under load, and a bare server that answers the same bytes, in turns on the same core. */
export async function besideBare(
  engine: Server,
  answer: string,
  asked: Pick<Load, "operation" | "bodies" | "headers">,
): Promise<Beside> {
  const bare = await spawnBare(answer);
  const load = ({ url, pid }: Server) => costed(pid, { url, connections: clients, seconds, ...asked }, onCore(1));
  const [ours, others]: [Costed[], Costed[]] = [[], []];
  await load(engine);
  await load(bare);
  for (let round = 0; round < rounds; round += 1) {
    others.push(await load(bare));
    ours.push(await load(engine));
  }
  bare.stop();
  const ratio = middle(ours.map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? 0)));
  const rate = (all: readonly Costed[]) => middle(all.map(({ perSecond }) => perSecond)).toFixed(0);
  const cost = (all: readonly Costed[]) => middle(all.map((each) => each.cost)).toFixed(0);
  return {
    ratio,
    value: `${ratio.toFixed(2)} of bare node:http (${rate(ours)}/s of ${rate(others)}/s)`,
    cost: `${cost(ours)} µs a request (bare ${cost(others)} µs)`,
  };
}

type Server = Pick<EngineProcess, "url" | "pid">;

async function spawnBare(answer: string): Promise<Server & { stop(): void }> {
  const [command = "", ...args] = [
    ...onCore(0),
    process.execPath,
    fileURLToPath(new URL("bare.ts", import.meta.url)),
    answer,
  ];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await once(createInterface(child.stdout), "line");
  return { url, pid: child.pid ?? 0, stop: () => void child.kill() };
}

function show({ perSecond, median, p99, cost }: Costed): string {
  return `${perSecond.toFixed(0)}/s, half within ${median.toFixed(1)} ms, 99 % within ${p99.toFixed(1)} ms, ${cost.toFixed(0)} µs of processor time each`;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(table(await bench()));
}
