// A stack as a program drives it: through the SDK's Automation API, unmodified, which runs a `pulumi` underneath.
import { join } from "node:path";
import * as automation from "@pulumi/pulumi/automation/index.js";
import type { Event } from "./report.ts";

export interface Result {
  readonly exitCode: number;
  readonly output: string;
  readonly events: readonly Event[];
}

export type Operation = "up" | "preview" | "refresh" | "destroy";

/** The folder in whose bin/ the runner is called `pulumi`. */
export const runnerRoot = join(import.meta.dirname, "../../runner");

/** Selects the stack of a program's folder; the environment is all that its commands get beside PATH. */
export async function openAutomated(
  root: string,
  workDir: string,
  stackName: string,
  envVars: Record<string, string>,
): Promise<automation.Stack> {
  const pulumiCommand = await automation.PulumiCommand.get({ root });
  return automation.LocalWorkspace.createOrSelectStack({ stackName, workDir }, { pulumiCommand, envVars });
}

/**
 * Each event once: the SDK's reader of the log (@logdna/tail-file 3) reads it twice where the command ends while it looks
 * for more, and "no two events can have the same sequence number" (EngineEvent.sequence).
 */
function eachOnce<T extends automation.EngineEvent>(events: T[]): (event: automation.EngineEvent) => void {
  const seen = new Set<number>();
  return (event) => {
    if (!seen.has(event.sequence)) events.push(event as T); // as far as its reader looks
    seen.add(event.sequence);
  };
}

/** Runs an operation to its end, whatever that is. */
export async function operate(stack: automation.Stack, operation: Operation): Promise<Result> {
  const events: (automation.EngineEvent & Event)[] = [];
  const onEvent = eachOnce(events);
  try {
    const { stdout, stderr } = await stack[operation]({ onEvent });
    return { exitCode: 0, output: `${stdout}${stderr}`, events };
  } catch (error) {
    if (!(error instanceof automation.CommandError)) throw error;
    return { exitCode: 1, output: error.message, events };
  }
}
