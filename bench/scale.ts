// Measures an engine with a million instances beside one with a thousand: start, memory, discoveries, registrations, a backup.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fillSqlite, readSqlite } from "../engine/store/sqlite.ts";
import type { Entry } from "../engine/store/store.ts";
import { type EngineProcess, spawnEngine } from "../tests/engine/crash/process.ts";
import { makeNamespace, makeService, register } from "../tests/engine/running.ts";
import { type Load, type Measured, measure } from "./load.ts";
import { type Row, table } from "./row.ts";

const most = Number(process.env.BENCH_INSTANCES ?? 1_000_000);
const few = 1_000;
const serviceCount = 1_000;
const seconds = Number(process.env.BENCH_SECONDS ?? 4);
const rounds = 5;

const attributesOf = (index: number) => ({
  AWS_INSTANCE_IPV4: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  AWS_INSTANCE_PORT: String(1024 + (index % 60_000)),
  zone: `eu-west-1${"abc"[index % 3]}`,
  version: `1.4.${index % 97}`,
});
const textOf = (index: number) => Object.entries(attributesOf(index)).flat().join("").length;

/** A registry with its services, and one of ten instances; made by an engine, so that nothing here knows its records. */
async function makeBase(folder: string): Promise<readonly string[]> {
  const engine = await spawnEngine(folder);
  const namespace = await makeNamespace(engine, "n");
  const services: string[] = [];
  for (let index = 0; index < serviceCount; index += 1) {
    services.push(await makeService(engine, namespace, `s-${index}`, { HealthCheckCustomConfig: {} }));
  }
  const ten = await makeService(engine, namespace, "ten", { HealthCheckCustomConfig: {} });
  for (let index = 0; index < 10; index += 1) await register(engine, ten, `i-${index}`, attributesOf(index));
  await engine.kill("SIGTERM");
  return services;
}

/** The same registry with so many instances more, each a copy of what the engine wrote for one. */
async function fill(base: string, folder: string, services: readonly string[], count: number): Promise<void> {
  const { revision, pages } = await readSqlite(base);
  const entries: Entry[] = [];
  for await (const page of pages) entries.push(...page);
  const sample = JSON.parse(entries.find(({ key }) => key.startsWith("instance/"))?.value ?? "");
  async function* all() {
    yield entries;
    for (let start = 0; start < count; start += 10_000) {
      yield Array.from({ length: Math.min(10_000, count - start) }, (_, offset) => {
        const index = start + offset;
        const OperationId = `${sample.OperationId.slice(0, -16)}${String(index).padStart(7, "0")}${sample.OperationId.slice(-9)}`;
        const value = JSON.stringify({ ...sample, Attributes: attributesOf(index), OperationId });
        return { key: `instance/${services[index % services.length]}/i-${index}`, value, revision };
      });
    }
  }
  await fillSqlite(folder, { revision, pages: all() });
}

interface Started {
  readonly engine: EngineProcess;
  readonly seconds: number;
  /** Resident bytes after the start. */
  readonly memory: number;
}

async function startIn(folder: string): Promise<Started> {
  const begun = performance.now();
  const engine = await spawnEngine(folder);
  return { engine, seconds: (performance.now() - begun) / 1000, memory: residentOf(engine) };
}

function residentOf({ pid }: EngineProcess): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

const discovery = { operation: "DiscoverInstances", bodies: ['{"NamespaceName":"n","ServiceName":"ten"}'] };
const registration = (services: readonly string[], prefix: string) => ({
  operation: "RegisterInstance",
  bodies: services.map((ServiceId) =>
    JSON.stringify({ ServiceId, InstanceId: `${prefix}-%c-%n`, Attributes: attributesOf(1) }),
  ),
});

/** Rounds of a load on both in turn; each one's middle round by its rate, and the middle ratio. */
async function compare(small: Started, large: Started, load: (round: number) => Omit<Load, "url">) {
  const pairs: { small: Measured; large: Measured }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ask = ({ engine }: Started) => measure({ ...load(round), url: engine.url });
    if (round % 2 === 0) pairs.push({ small: await ask(small), large: await ask(large) });
    else pairs.push({ large: await ask(large), small: await ask(small) });
  }
  const ratio = (pair: (typeof pairs)[number]) => pair.large.perSecond / pair.small.perSecond;
  const middle = pairs.toSorted((a, b) => ratio(a) - ratio(b))[Math.floor(rounds / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return { ...middle, ratio: ratio(middle) };
}

/** The command itself, as an operator runs it; answers seconds and bytes. */
async function backUp(data: string, file: string): Promise<{ seconds: number; size: number }> {
  const begun = performance.now();
  const command = fileURLToPath(new URL("../bin/cloudmap.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", command, "backup", file, "--data", data],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the backup ended with ${code}`);
  return { seconds: (performance.now() - begun) / 1000, size: statSync(file).size };
}

/** The longest that a client waits while a backup is taken, and for as long without one. */
async function stalls({ engine }: Started, data: string, file: string): Promise<Row[]> {
  const light = (duration: number) => measure({ ...discovery, url: engine.url, connections: 4, seconds: duration });
  const alone = await backUp(data, file);
  const duration = Math.ceil(alone.seconds);
  const without = await light(duration);
  const [withBackup, again] = await Promise.all([light(duration), backUp(data, file)]);
  return [
    {
      name: `backup of ${most} instances`,
      value: `${again.seconds.toFixed(1)} s, ${(again.size / 2 ** 20).toFixed(0)} MiB`,
    },
    {
      name: "the longest wait of a discovery during it",
      value: `${withBackup.longest.toFixed(0)} ms (without it ${without.longest.toFixed(0)} ms), 99 % within ${withBackup.p99.toFixed(1)} ms`,
      goal: "<= 50 ms",
      met: withBackup.longest <= 50,
    },
  ];
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-scale-"));
  const [base, smallData, largeData] = ["base", "small", "large"].map((name) => join(folder, name));
  if (base === undefined || smallData === undefined || largeData === undefined) return [];
  const running: EngineProcess[] = [];
  try {
    const services = await makeBase(base);
    await fill(base, smallData, services, few);
    await fill(base, largeData, services, most);
    const small = await startIn(smallData);
    running.push(small.engine);
    const large = await startIn(largeData);
    running.push(large.engine);
    return [
      ...startRows(small, large),
      ...(await stalls(large, largeData, join(folder, "backup"))),
      ...(await speedRows(small, large, services)),
    ];
  } finally {
    for (const engine of running) await engine.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

function startRows(small: Started, large: Started): Row[] {
  let text = 0;
  for (let index = 0; index < most; index += 1) text += textOf(index);
  const each = (large.memory - small.memory - text) / (most - few);
  const whole = `${(large.memory / 2 ** 20).toFixed(0)} MiB in all, ${(small.memory / 2 ** 20).toFixed(0)} MiB with ${few}`;
  return [
    {
      name: `start with ${most} instances`,
      value: `${large.seconds.toFixed(1)} s (with ${few}: ${small.seconds.toFixed(1)} s)`,
      goal: "<= 20 s",
      met: large.seconds <= 20,
    },
    {
      name: "memory of an instance beyond its attributes' text",
      value: `${each.toFixed(0)} bytes (${whole}; text ${(text / most).toFixed(0)} bytes each)`,
      goal: "<= 1000 bytes",
      met: each <= 1_000,
    },
  ];
}

async function speedRows(small: Started, large: Started, services: readonly string[]): Promise<Row[]> {
  const discovered = await compare(small, large, () => ({ ...discovery, connections: 16, seconds }));
  const registered = await compare(small, large, (round) => ({
    ...registration(services, `new-${round}`),
    connections: 64,
    seconds,
  }));
  const rates = (pair: { small: Measured; large: Measured }) =>
    `${pair.large.perSecond.toFixed(0)}/s of ${pair.small.perSecond.toFixed(0)}/s`;
  return [
    {
      name: `DiscoverInstances of 10, with ${most} instances to with ${few}`,
      value: `${discovered.ratio.toFixed(2)} (${rates(discovered)})`,
      goal: ">= 0.95",
      met: discovered.ratio >= 0.95,
    },
    {
      name: `RegisterInstance, durable, 64 clients, with ${most} to with ${few}`,
      value: `${registered.ratio.toFixed(2)} (${rates(registered)})`,
      goal: ">= 0.9",
      met: registered.ratio >= 0.9,
    },
    {
      name: `RegisterInstance with ${most}, how long it takes`,
      value: `99 % within ${registered.large.p99.toFixed(1)} ms, longest ${registered.large.longest.toFixed(0)} ms (with ${few}: ${registered.small.p99.toFixed(1)} ms, ${registered.small.longest.toFixed(0)} ms)`,
      goal: "<= 25 ms",
      met: registered.large.p99 <= 25,
    },
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(table(await bench()));
}
