// Runs the command `cloudmap` from its source, as a process of its own.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../bin/cloudmap.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

type Running = ChildProcessByStdio<null, Readable, Readable>;

export function begin(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const clean = Object.entries(process.env).filter(([name]) => !/^(AWS|CLOUDMAP)_/.test(name));
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export async function ended(child: Running): Promise<Ended> {
  const text = async (stream: Readable) => (await stream.setEncoding("utf8").toArray()).join("");
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on("exit", resolve)),
  ]);
  return { code, out, err };
}

export function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return ended(begin(args, env));
}

/** The first text of a stream that matches; the stream goes on. */
export function firstMatch(stream: Readable, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const found = pattern.exec(text);
      if (found !== null) resolve(found[1] ?? found[0]);
    });
    stream.on("end", () => reject(new Error(`the stream ended without ${pattern}: ${text}`)));
  });
}
