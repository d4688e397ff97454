/** A whole engine in a process of its own, as an operator starts it, and what can be seen of it from outside. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin, firstMatch } from "../../../bin/run.ts";
import type { Target } from "./wire.ts";

export interface Victim extends Target, AsyncDisposable {
  /** Where its DNS listens; empty where it has none. */
  readonly dns: string;
  /** The lines of its log that tell of errors. */
  readonly errors: () => string[];
  readonly isAlive: () => boolean;
  /** Resident memory in MB; 0 where the system does not say. */
  readonly memory: () => number;
}

export const fuzzKey = { accessKeyId: "AKIDFUZZ000000000001", secretAccessKey: "a secret for the fuzz only" };

/** The file of the key in a folder. */
export function writeKey(folder: string): string {
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [fuzzKey] }), { mode: 0o600 });
  return file;
}

/** For the API, with a key; or for DNS, where anyone may make what it answers for. */
export async function startVictim(what: "api" | "dns" = "api"): Promise<Victim> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-fuzz-"));
  const args = ["--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const more = what === "api" ? ["--auth", writeKey(folder), "--dns", "none"] : ["--dns", "127.0.0.1:0"];
  const child = begin(["serve", ...args, ...more], { CLOUDMAP_HOME: folder });
  let said = "";
  child.stderr.on("data", (text: string) => {
    said += text;
  });
  const url = await firstMatch(child.stderr, /serves at (\S+)[\s\S]*Ctrl-C/);
  return {
    url,
    dns: /^ +DNS +(127\S+)$/m.exec(said)?.[1] ?? "",
    key: fuzzKey,
    errors: () => said.split("\n").filter((line) => /"level":"error"|Error:/.test(line)),
    isAlive: () => child.exitCode === null,
    memory: () => memoryOf(child.pid ?? 0),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function memoryOf(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0) / 1024;
}
