/**
 * The record of the engine that runs: which process, where it listens, whose registry it has. It stays when the engine
 * ends, so that the next one can take the same port: that a process of this number runs is never taken for proof.
 */
import { readText, replaceFile } from "./file.ts";
import type { Home } from "./home.ts";

export interface EngineRecord {
  readonly pid: number;
  /** The machine of the process: a home folder may be shared between several. */
  readonly host: string;
  readonly url: string;
  /** Where its DNS listens, each `host:port`; none where it has no DNS. */
  readonly dns?: readonly string[];
  readonly account: string;
  readonly region: string;
  readonly version: string;
  readonly startedAt: string;
}

/** undefined where there is none, or one that cannot be read: both mean that nothing is known to run. */
export function readRecord({ record: file }: Home): EngineRecord | undefined {
  try {
    const record = JSON.parse(readText(file) ?? "{}");
    return Number.isInteger(record.pid) && typeof record.url === "string" ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function writeRecord({ record: file }: Home, record: EngineRecord): void {
  replaceFile(file, `${JSON.stringify(record, undefined, 2)}\n`);
}
