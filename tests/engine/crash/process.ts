/** An engine in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Place } from "../../../engine/backup.ts";

const program = fileURLToPath(new URL("serve.ts", import.meta.url));

/** A test that fails leaves no engine behind. */
const alive = new Set<number>();
process.once("exit", () => {
  for (const pid of alive) process.kill(pid, "SIGKILL");
});

export interface EngineProcess {
  readonly url: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Ends it with a signal, and waits until it has gone. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** Starts it by a command before Node's own where one is given; another program serves where one is given. */
export async function spawnEngine(
  place: Place,
  prefix: readonly string[] = [],
  serve = program,
): Promise<EngineProcess> {
  const where = typeof place === "string" ? place : JSON.stringify(place);
  const [command = "", ...args] = [...prefix, process.execPath, "--disable-warning=ExperimentalWarning", serve, where];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = once(child, "exit");
  const line = once(createInterface(child.stdout), "line");
  const first = await Promise.race([line, ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`the engine ended before it served: ${said}`);
  const url = String(first[0]);
  const { pid } = (await (await fetch(`${url}/healthz`)).json()) as { pid: number };
  alive.add(pid);
  void ended.then(() => alive.delete(pid));
  return {
    url,
    pid,
    child,
    kill: async (signal) => {
      process.kill(pid, signal); // the engine itself, not the command before it
      await ended;
    },
  };
}
