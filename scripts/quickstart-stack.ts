// The quickstart's Pulumi stack: with a backend and a passphrase of its own, by the Pulumi CLI or, where there is none, the runner.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { LocalEngine } from "../local/engine.ts";
import { createFile } from "../local/file.ts";
import type { Home } from "../local/home.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(root, "examples", "quickstart");
const project = "quickstart";
const name = "dev";

export interface Stack {
  /** What runs it, for people. */
  readonly tool: string;
  /** Where its state is. */
  readonly folder: string;
  /** What to set to use the Pulumi CLI on it directly, for people; empty where there is none. */
  readonly shellLines: string;
  /** Runs a pulumi command in the terminal; throws where it fails. */
  run(args: readonly string[]): Promise<void>;
  outputs(): Promise<Readonly<Record<string, string>>>;
}

/** The stack, made where it does not exist. */
export async function openStack(home: Home, engine: LocalEngine): Promise<Stack> {
  const folder = join(home.folder, "quickstart");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passphrase = join(folder, "passphrase");
  createFile(passphrase, `${randomBytes(24).toString("base64url")}\n`);
  const own = {
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_HOME: join(folder, "pulumi-home"), // not the user's: there are its logins and its plugins
  };
  const env = environment(own, engine);
  const cli = findPulumi();
  const [command, ...first] = cli === undefined ? [process.execPath, join(root, "runner", "pulumi.ts")] : [cli];
  const pulumi = async (args: readonly string[], show: boolean) => {
    const { code, output } = await execute(command ?? "", [...first, ...args], env, show);
    if (code === 0) return output;
    throw new Error(`\`pulumi ${args.join(" ")}\` failed (exit code ${code}); what it says is above`);
  };
  if (!existsSync(join(folder, ".pulumi", "stacks", project, `${name}.json`))) forgetSalt();
  await pulumi(["stack", "select", name, "--create"], false);
  return {
    tool:
      cli === undefined ? "the runner of this repository (there is no `pulumi` on PATH)" : `the Pulumi CLI (${cli})`,
    folder,
    shellLines: cli === undefined ? "" : shellLines(own),
    run: async (args) => void (await pulumi(args, true)),
    outputs: async () => JSON.parse(await pulumi(["stack", "output", "--json"], false)),
  };
}

/** The passphrase of an earlier home folder: its salt in Pulumi.dev.yaml would not open with ours. */
function forgetSalt(): void {
  const file = join(program, `Pulumi.${name}.yaml`);
  if (existsSync(file)) writeFileSync(file, readFileSync(file, "utf8").replace(/^encryptionsalt:.*\n?/m, ""));
}

/** The user's environment, with the local engine as the only endpoint and a stack that no login of the user's is asked for. */
function environment(own: Readonly<Record<string, string>>, engine: LocalEngine): NodeJS.ProcessEnv {
  const inTheWay = /^(PULUMI_(?!DEBUG)|AWS_(PROFILE|SESSION_TOKEN|ENDPOINT_URL)|CLOUDMAP_ENDPOINT)/;
  const kept = Object.entries(process.env).filter(([variable]) => !inTheWay.test(variable));
  return {
    ...Object.fromEntries(kept),
    ...own,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_ENDPOINT_URL_SERVICEDISCOVERY: engine.endpoint,
    AWS_REGION: engine.region,
    AWS_ACCESS_KEY_ID: engine.accessKeyId,
    AWS_SECRET_ACCESS_KEY: engine.secretAccessKey,
  };
}

function findPulumi(): string | undefined {
  const file = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, file))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function shellLines(own: Readonly<Record<string, string>>): string {
  const lines = Object.entries(own).map(([variable, value]) => `  export ${variable}='${value}'`);
  lines.push(`  export PATH='${join(root, "node_modules", ".bin")}':"$PATH"  # a Node that runs TypeScript`);
  return `\n\nUse the Pulumi CLI on the stack itself:\n  cd examples/quickstart\n${lines.join("\n")}\n  pulumi stack`;
}

interface Ended {
  readonly code: unknown;
  readonly output: string;
}

async function execute(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  show: boolean,
): Promise<Ended> {
  const child = spawn(command, args, { cwd: program, env, stdio: ["inherit", show ? "inherit" : "pipe", "inherit"] });
  const ignore = () => {}; // the terminal tells pulumi as well, which finishes what is in flight
  process.on("SIGINT", ignore);
  const [output = [], code] = await Promise.all([
    child.stdout?.setEncoding("utf8").toArray(),
    new Promise((resolve, reject) => child.on("error", reject).on("exit", resolve)),
  ]);
  process.off("SIGINT", ignore);
  return { code, output: output.join("") };
}
