/** Programs that speak DNS: whether they are here, and how they are run. */
import { spawn } from "node:child_process";

export interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program; undefined where it is not installed. */
export async function run(command: string, args: readonly string[]): Promise<Done | undefined> {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, HOME: "/nonexistent" }; // no ~/.digrc
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const failed = new Promise<undefined>((resolve) => child.on("error", () => resolve(undefined)));
  const [out, err] = [child.stdout.toArray(), child.stderr.toArray()];
  const code = await Promise.race([failed, new Promise<number | null>((resolve) => child.on("close", resolve))]);
  return code === undefined ? undefined : { code, out: (await out).join(""), err: (await err).join("") };
}

/** Whether a program is here; a machine that has everything (CLOUDMAP_CI is set) must have it. */
export async function has(command: string, ...args: string[]): Promise<boolean> {
  if ((await run(command, args)) !== undefined) return true;
  if (process.env.CLOUDMAP_CI) throw new Error(`CLOUDMAP_CI is set and there is no ${command}`);
  console.log(`      there is no ${command} here: that it gets on with our DNS is not tested`);
  return false;
}
