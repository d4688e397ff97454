/** `cloudmap serve` in a process of its own, as an operator starts it, for clients that know nothing of us. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin, firstMatch } from "../bin/run.ts";
import type { Target } from "./client.ts";

export interface Served extends Target, AsyncDisposable {
  readonly account: string;
  /** All that it printed when it was ready. */
  readonly said: string;
}

const account = "123456789012";
const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "a secret of sixteen and more/+=" };

/** Starts it on a free port, with a key that every caller must have. */
export async function serve(...flags: readonly string[]): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-clients-"));
  const auth = join(folder, "keys.json");
  writeFileSync(auth, JSON.stringify({ keys: [key] }), { mode: 0o600 });
  const args = [
    "--listen",
    "127.0.0.1:0",
    "--data",
    join(folder, "data"),
    "--auth",
    auth,
    "--account",
    account,
    "--quotas",
    "aws",
  ];
  const child = begin(["serve", ...args, ...flags], { CLOUDMAP_HOME: folder });
  const said = await firstMatch(child.stderr, /^[\s\S]*Ctrl-C/);
  const url = /serves at (\S+)/.exec(said)?.[1] ?? "";
  return {
    ...key,
    url,
    account,
    region: "us-east-1",
    said,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
