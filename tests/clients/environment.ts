/** The environment of a person who has only what `cloudmap env` printed, and how programs are run in it. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Target } from "./client.ts";

/** Nothing of this machine's own AWS configuration is in it. */
export function environment(target: Target) {
  const { url, region, accessKeyId, secretAccessKey, sessionToken, hostPrefix = false } = target;
  return {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    PYENV_ROOT: process.env.PYENV_ROOT ?? `${process.env.HOME}/.pyenv`,
    PYTHONDONTWRITEBYTECODE: "1",
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    AWS_MAX_ATTEMPTS: "1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    ...(!hostPrefix && { AWS_DISABLE_HOST_PREFIX_INJECTION: "true" }),
  };
}

export interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** No call of a test takes as long, in milliseconds. */
const patience = 100_000;

/** Runs it to its end, which comes by force where it takes longer than `most` milliseconds: then it has no code. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  most = patience,
): Promise<Done> {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: most });
  const text = async (stream: Readable) => (await stream.setEncoding("utf8").toArray()).join("");
  const failed = new Promise<string>((resolve) => child.on("error", (error) => resolve(error.message)));
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const ended = await Promise.race([failed, closed]);
  return typeof ended === "string"
    ? { code: null, out: "", err: ended }
    : { code: ended, out: await out, err: await err };
}

/** Whether a tool is here, by a command that succeeds where it is; a machine that has everything must have it. */
export async function isHere(tool: string, command: string, ...args: readonly string[]): Promise<boolean> {
  if ((await run(command, args, process.env)).code === 0) return true;
  if (process.env.CLOUDMAP_CI !== undefined) throw new Error(`CI has ${tool}, and here it is not`);
  console.log(`      skipped: ${tool} is not installed`);
  return false;
}
