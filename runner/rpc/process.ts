// Child processes that own a process group, so that nothing they started outlives the operation.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const running = new Set<ChildProcess>();

const preloads = ["orphan.cjs", "late.cjs"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** Node.js arguments that tie a process's life to that of the runner, and have it start with what it needs. */
export const tied: readonly string[] = preloads.filter(existsSync).flatMap((file) => ["--require", file]);

export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export function start(command: Command): ChildProcess {
  const child = spawn(command.file, command.arguments, {
    cwd: command.cwd,
    env: command.env,
    // The fourth is what rpc/orphan.cjs watches.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A group of its own also keeps the terminal's Ctrl-C from it: what is in flight is to finish.
    detached: process.platform !== "win32",
  });
  running.add(child);
  child.once("exit", () => {
    killGroup(child, "SIGKILL");
    running.delete(child);
  });
  child.once("error", () => running.delete(child));
  return child;
}

export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

export function killAll(signal: NodeJS.Signals): void {
  for (const child of running) killGroup(child, signal);
}

/** Asks for an end, and insists after a while. */
export async function stop(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  killGroup(child, "SIGINT");
  const insist = setTimeout(() => killGroup(child, "SIGKILL"), graceMs);
  await ended;
  clearTimeout(insist);
}

/** Calls back with each complete line, and with what is left at the end. */
export function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  });
  stream?.on("end", () => {
    if (rest !== "") onLine(rest);
    rest = "";
  });
}
