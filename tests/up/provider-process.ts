// The dynamic provider's process of a stack: Linux tells it by its command line and its environment.
import { readdirSync, readFileSync } from "node:fs";
import type { Stack } from "./stack.ts";

export function providerOf(stack: Stack): number | undefined {
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => Number.isInteger(pid) && isProvider(pid, stack.folder));
}

function isProvider(pid: number, folder: string): boolean {
  try {
    const [command = "", environment = ""] = ["cmdline", "environ"].map((file) =>
      readFileSync(`/proc/${pid}/${file}`, "utf8"),
    );
    return /^[^\0]*node\0.*dynamic-provider/.test(command) && environment.includes(folder);
  } catch {
    return false; // it ended, or is another user's
  }
}
