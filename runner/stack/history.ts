// The record of past operations, in the CLI's files.

import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Changes } from "../deploy/event.ts";
import { version } from "../version.ts";
import { type Backend, backUp, historyFolder, list, type StackName, stackFile, writeDurably } from "./backend.ts";
import type { StackConfig } from "./config.ts";

export interface HistoryEntry {
  readonly kind: "update" | "refresh" | "destroy" | "import" | "resource-import" | "rename";
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: unknown;
  readonly version: number;
  readonly result: "succeeded" | "failed" | "in-progress";
  readonly endTime: number;
  readonly resourceChanges?: Changes;
}

export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

export function configOf(config: StackConfig): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...config.settings].map(([key, { stored }]) => [key, stored]));
}

// The CLI names these files by nanoseconds.
function nanoseconds(): bigint {
  return BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
}

export async function addHistory(
  backend: Backend,
  name: StackName,
  entry: Omit<HistoryEntry, "environment" | "version">,
): Promise<void> {
  const now = nanoseconds();
  const path = join(historyFolder(backend, name), `${name.stack}-${now}`);
  const environment = { "exec.kind": "cli", "pulumi.version": version };
  await writeDurably(`${path}.history.json`, JSON.stringify({ ...entry, environment, version: 0 }));
  await copyFile(stackFile(backend, name), `${path}.checkpoint.json`);
  await backUp(backend, name, now);
}

/** Newest first. */
export async function readHistory(backend: Backend, name: StackName): Promise<HistoryEntry[]> {
  const folder = historyFolder(backend, name);
  const files = (await list(folder))
    .filter((file) => file.endsWith(".history.json"))
    .sort()
    .reverse();
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8"))));
}
