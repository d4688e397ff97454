// Measures watches: ten thousand clients that wait on one engine, a hundred for each of a hundred services, and one that changes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { call, makeNamespace, makeService, register } from "../tests/engine/running.ts";
import { until } from "../tests/local/until.ts";
import type { Row } from "./row.ts";

const services = 100;
const watchers = Number(process.env.BENCH_WATCHES ?? 10_000) / services;
const rounds = 20;

interface Watcher {
  readonly service: number;
  readonly socket: Socket;
  /** What was answered since it asked last. */
  answer: string;
  counter: number | undefined;
}

export async function bench(): Promise<Row[]> {
  const data = mkdtempSync(join(tmpdir(), "cloudmap-bench-watch-"));
  const script = fileURLToPath(new URL("../bin/cloudmap.ts", import.meta.url));
  const flags = ["--listen", "127.0.0.1:0", "--dns", "none", "--data", data];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "serve", ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  try {
    const [line] = await once(createInterface({ input: child.stderr }), "line");
    return await measure(/at (http\S+)/.exec(line)?.[1] ?? "", child);
  } finally {
    child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
}

async function measure(url: string, child: ChildProcess): Promise<Row[]> {
  const namespace = await makeNamespace({ url }, "demo");
  const ids: string[] = [];
  for (let number = 0; number < services; number += 1) ids.push(await makeService({ url }, namespace, `s${number}`));
  const before = memoryOf(child);
  const all = await openAll(url);
  const each = (memoryOf(child) - before) / all.length;
  const times: number[] = [];
  let [woken, idle] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const id = ids[round] ?? "";
    const asking = performance.now();
    await call({ url }, "GetService", { Id: id });
    idle = Math.max(idle, performance.now() - asking);
    await register({ url }, id, "new", { AWS_INSTANCE_IPV4: "10.9.9.9" });
    const registered = performance.now();
    const waiting = all.filter(({ service }) => service === round);
    await until("all of the service are told", () => waiting.every(({ answer }) => answer.endsWith("}")));
    times.push(performance.now() - registered);
    woken += all.filter(({ service, answer }) => service > round && answer !== "").length;
  }
  for (const { socket } of all) socket.destroy();
  const longest = Math.max(...times);
  const value = `${all.length} on one engine, ${(each / 1024).toFixed(1)} KiB each; another request within ${idle.toFixed(0)} ms`;
  const told = `${watchers} of one service are told within ${longest.toFixed(0)} ms; ${woken} of others were woken`;
  return [
    { name: "watches", value, goal: "<= 32 KiB", met: each <= 32 * 1024 },
    { name: "watches, a change", value: told, goal: "<= 250 ms, 0", met: longest <= 250 && woken === 0 },
  ];
}

/** Opens all, and waits until the engine has them. */
async function openAll(url: string): Promise<Watcher[]> {
  const { hostname: host, port } = new URL(url);
  const all: Watcher[] = [];
  for (let service = 0; service < services; service += 1) {
    const some = Array.from({ length: watchers }, async () => {
      const socket = connect({ host, port: Number(port) });
      await once(socket, "connect");
      const watcher: Watcher = { service, socket, answer: "", counter: undefined };
      socket.setEncoding("latin1").on("data", (text: string) => {
        watcher.answer += text;
      });
      ask(watcher); // answered at once, with the counter
      await until("the counter is told", () => watcher.answer.endsWith("}"), 60_000);
      watcher.counter = Number(/"Counter":(\d+)/.exec(watcher.answer)?.[1]);
      ask(watcher);
      return watcher;
    });
    all.push(...(await Promise.all(some)));
  }
  const open = async () => /^cloudmap_watches_open (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  await until("all wait", async () => Number(await open()) === all.length, 60_000);
  return all;
}

function ask(watcher: Watcher): void {
  const { service, counter, socket } = watcher;
  watcher.answer = "";
  const query = `namespace=demo&service=s${service}${counter === undefined ? "" : `&after=${counter}`}&wait=10m`;
  socket.write(`GET /watch?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

function memoryOf({ pid }: ChildProcess): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
