// The processes of a stack: Linux tells them by their command lines and their environment.
import { readdirSync, readFileSync } from "node:fs";
import type { Stack } from "./stack.ts";

/** The dynamic provider's. */
export function providerOf(stack: Stack): number | undefined {
  return providersOf(stack)[0];
}

/** Of dynamic providers and plugins, as the CLI and as the runner start them. */
const provider = /^[^\0]*node\0.*(dynamic-provider|run-plugin|pulumi-cloudmap[\\/]plugin)/;

/** Those of dynamic providers and plugins. */
export function providersOf(stack: Stack): readonly number[] {
  return processesOf(stack).filter((pid) => provider.test(about(pid, "cmdline")));
}

/** All that run for it. */
export function processesOf({ folder }: Stack): readonly number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => pid !== process.pid && about(pid, "environ").includes(folder));
}

function about(pid: number, what: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return ""; // it ended, or is another user's
  }
}
