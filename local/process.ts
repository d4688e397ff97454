/** Whether a process is there and this user's own, and how it is ended. */
import { setTimeout as wait } from "node:timers/promises";
import { codeOf } from "./failure.ts";

/** A process of another user (EPERM) has the number by chance: it is not one that we started. */
export function isOurProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH" || codeOf(error) === "EPERM") return false;
    throw error;
  }
}

/** Asks a process to end, waits, and ends it if it does not; Windows has no way to ask, and ends it at once. */
export async function endProcess(pid: number, patience: number): Promise<"ended" | "killed"> {
  signal(pid, "SIGTERM");
  const deadline = performance.now() + patience;
  while (isOurProcess(pid)) {
    if (performance.now() > deadline) {
      signal(pid, "SIGKILL");
      return "killed";
    }
    await wait(20);
  }
  return "ended";
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}
