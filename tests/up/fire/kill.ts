// Kills the provider, the deployer or the engine at one boundary of one request of a run.
import { readFileSync } from "node:fs";
import type { Call } from "../../engine/front.ts";
import { processesOf, providersOf } from "../provider-process.ts";
import { ended, type Ran } from "../stack.ts";
import type { Scene } from "./scene.ts";

/** Where the provider dies; at the last one the deployer dies with it, before it has recorded anything. */
export const boundaries = ["before its request", "before its answer", "after its answer"] as const;
export type Boundary = (typeof boundaries)[number];

export type Operation = "up" | "destroy";

/** Whether the provider is to die there; the requests are called as `RequestNames` does. */
export type Decide = (request: string, boundary: Boundary) => boolean;

export interface Killed extends Ran {
  /** Where it died; undefined: it lived. */
  readonly at: { readonly request: string; readonly boundary: Boundary } | undefined;
}

const silent = ["--yes", "--skip-preview", "--non-interactive"];

/** Runs an operation whose provider is killed at the first point that is decided on. */
export async function runKilled(scene: Scene, operation: Operation, decide: Decide): Promise<Killed> {
  const { front, requests, stack } = scene;
  const deployer = stack.start(operation, ...silent);
  const named = new Map<Call, string>();
  let at: Killed["at"];
  const isAt = (call: Call, boundary: Boundary): boolean => {
    if (at !== undefined) return false;
    const request = named.get(call) ?? "";
    if (!decide(request, boundary)) return false;
    at = { request, boundary };
    return true;
  };
  const strike = (): never => {
    killEach(providersOf(stack));
    throw new Error("the one who asked is gone");
  };
  requests.restart();
  front.lose = (call) => {
    named.set(call, requests.count(call));
    if (at !== undefined && at.boundary !== "after its answer") strike();
    if (isAt(call, "before its request")) strike();
    return undefined;
  };
  front.meddle = (call, answer) => {
    requests.learn(call, answer);
    if (isAt(call, "before its answer")) strike();
    if (isAt(call, "after its answer")) deployer.kill("SIGSTOP");
    return answer;
  };
  front.answered = async (call) => {
    if (at?.boundary !== "after its answer" || named.get(call) !== at.request) return;
    await Promise.all(providersOf(stack).map(idle));
    killEach([deployer.pid ?? 0, ...processesOf(stack)]);
  };
  const ran = await ended(deployer);
  calm(front);
  if (at?.boundary === "after its answer") await stack.ran("cancel", "--yes");
  return { ...ran, at };
}

/** Runs an operation during which the engine is killed at each of these requests, counted from 1, and comes back. */
export async function runInterrupted(
  scene: Scene,
  operation: Operation,
  at: ReadonlyMap<number, "before its request" | "before its answer">,
): Promise<Ran & { readonly came: number }> {
  const { front, requests, stack } = scene;
  const numbers = new Map<Call, number>();
  let came = 0;
  let restarting: Promise<void> = Promise.resolve();
  const strike = async (): Promise<never> => {
    came += 1;
    restarting = restarting.then(() => scene.restart());
    await restarting;
    throw new Error("the engine is gone");
  };
  front.lose = async (call) => {
    numbers.set(call, numbers.size + 1);
    if (at.get(numbers.size) === "before its request") await strike();
    await restarting;
    return undefined;
  };
  front.meddle = async (call, answer) => {
    requests.learn(call, answer);
    if (at.get(numbers.get(call) ?? 0) === "before its answer") await strike();
    return answer;
  };
  const ran = await stack.run(operation, ...silent);
  calm(front);
  return { ...ran, came };
}

function calm(front: Scene["front"]): void {
  front.lose = () => undefined;
  front.meddle = (_call, answer) => answer;
  front.answered = () => {};
}

function killEach(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      if (pid > 0) process.kill(pid, "SIGKILL");
    } catch {
      // it ended by itself
    }
  }
}

/** Waits until a process has nothing more to read or write, a second at most. */
async function idle(pid: number): Promise<void> {
  let [before, quiet] = ["", 0];
  for (let looks = 0; looks < 200 && quiet < 4; looks += 1) {
    const now = traffic(pid);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function traffic(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/io`, "utf8");
  } catch {
    return "gone";
  }
}
