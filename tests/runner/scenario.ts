// Scenarios: what is run, under the runner as under the Pulumi CLI, and the facts that both must agree on.

import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SpecResource {
  readonly name: string;
  readonly component?: boolean;
  readonly inputs?: object;
  readonly options?: object;
  readonly outputs?: object;
}

export interface Step {
  /** The command with its flags, such as `up` or `refresh --target …`. */
  readonly run: readonly string[];
  readonly resources?: readonly SpecResource[];
  readonly outputs?: object;
  readonly throws?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** JSON files beside the program. */
  readonly files?: Readonly<Record<string, object>>;
  /** What the provider finds: resources gone or changed, calls that fail. */
  readonly world?: object;
  /** Only the exit code is a fact: what else happens depends on what a failure still cuts off. */
  readonly loose?: boolean;
}

export interface Scenario {
  readonly name: string;
  /** The program to run, of those in programs/. */
  readonly program?: string;
  readonly steps: readonly Step[];
}

export interface Call {
  readonly method: string;
  readonly name: string;
}

export interface Facts {
  readonly exitCode: number;
  readonly calls: readonly Call[];
  readonly resources: readonly object[];
  readonly pending: readonly object[];
}

/** The command line of a Pulumi: its own name, or node with the runner. */
export type Pulumi = readonly [string, ...string[]];
export const runner: Pulumi = [process.execPath, join(import.meta.dirname, "../../runner/pulumi.ts")];

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

export function execute(pulumi: Pulumi, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return settled(launch(pulumi, args, cwd, env));
}

export function launch(pulumi: Pulumi, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): ChildProcess {
  const [file, ...first] = pulumi;
  return spawn(file, [...first, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
}

export function settled(child: ChildProcess): Promise<Ran> {
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const patience = setTimeout(() => child.kill("SIGKILL"), 45_000);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      clearTimeout(patience);
      done({ exitCode: code ?? -1, output });
    });
  });
}

/** A folder with a program of its own, a backend and a home, removed at the end. */
export class Workbench {
  readonly folder: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.folder = folder;
    this.program = join(folder, "program");
    this.env = {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "runner-tests-compile-cache"),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      SPEC_FILE: join(folder, "spec.json"),
      SPEC_WORLD: join(folder, "world.json"),
      SPEC_LOG: join(folder, "calls.jsonl"),
    };
  }

  static async open(program = "spec"): Promise<Workbench> {
    const bench = new Workbench(await mkdtemp(join(tmpdir(), "runner-")));
    await cp(join(import.meta.dirname, "programs", program), bench.program, { recursive: true });
    await symlink(join(import.meta.dirname, "../../node_modules"), join(bench.program, "node_modules"));
    await mkdir(join(bench.folder, "state"));
    return bench;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Begins with a stack that was made before. */
  async adopt(folder: string): Promise<void> {
    await cp(join(folder, "state"), this.path("state"), { recursive: true });
    await cp(join(folder, "Pulumi.dev.yaml"), join(this.program, "Pulumi.dev.yaml"));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  run(pulumi: Pulumi, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return execute(pulumi, args, this.program, { ...this.env, ...env });
  }

  async checkpoint(stack = "dev", project = "spec"): Promise<State> {
    const file = join(this.folder, "state/.pulumi/stacks", project, `${stack}.json`);
    const { checkpoint } = JSON.parse(await readFile(file, "utf8"));
    return { resources: checkpoint.latest?.resources ?? [], pending: checkpoint.latest?.pending_operations ?? [] };
  }

  async setSpec(step: Step): Promise<void> {
    const { resources = [], outputs = {}, throws } = step;
    await writeFile(this.path("spec.json"), JSON.stringify({ resources, outputs, throws }));
    await this.setWorld(step.world ?? {});
    for (const [name, content] of Object.entries(step.files ?? {})) {
      await writeFile(join(this.program, name), JSON.stringify(content));
    }
  }

  /** What the provider finds from now on; it may be reading the file. */
  async setWorld(world: object): Promise<void> {
    await writeFile(this.path("world.json.tmp"), JSON.stringify(world));
    await rename(this.path("world.json.tmp"), this.path("world.json"));
  }

  async takeCalls(): Promise<Call[]> {
    const text = await readFile(this.path("calls.jsonl"), "utf8").catch(() => "");
    await rm(this.path("calls.jsonl"), { force: true });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly [key: string]: unknown;
}

export interface State {
  readonly resources: readonly StateResource[];
  readonly pending: readonly { readonly type: string; readonly resource: StateResource }[];
}

const fresh = new Map<Pulumi, Promise<string>>();

/** A folder with a new stack as a Pulumi makes it, made once for all scenarios. */
function freshStack(pulumi: Pulumi): Promise<string> {
  const known = fresh.get(pulumi) ?? makeStack(pulumi);
  fresh.set(pulumi, known);
  return known;
}

async function makeStack(pulumi: Pulumi): Promise<string> {
  await using bench = await Workbench.open();
  const init = await bench.run(pulumi, ["stack", "init", "dev", "--non-interactive"]);
  if (init.exitCode !== 0) throw new Error(init.output);
  const folder = await mkdtemp(join(tmpdir(), "runner-fresh-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await cp(bench.path("state"), join(folder, "state"), { recursive: true });
  await cp(join(bench.program, "Pulumi.dev.yaml"), join(folder, "Pulumi.dev.yaml"));
  return folder;
}

export async function play(pulumi: Pulumi, scenario: Scenario): Promise<Facts[]> {
  await using bench = await Workbench.open(scenario.program);
  const facts: Facts[] = [];
  await bench.setSpec({ run: [] });
  await bench.adopt(await freshStack(pulumi));
  for (const step of scenario.steps) {
    await bench.setSpec(step);
    for (const [key, value] of Object.entries(step.config ?? {})) {
      await bench.run(pulumi, ["config", "set", key, value, "--stack", "dev", "--non-interactive"]);
    }
    const [command = "up", ...flags] = step.run;
    const confirm = command === "preview" ? [] : ["--yes", "--skip-preview"];
    const ran = await bench.run(pulumi, [command, ...confirm, "--non-interactive", "--stack", "dev", ...flags]);
    const { resources, pending } = await bench.checkpoint();
    facts.push({
      exitCode: ran.exitCode,
      calls: step.loose ? [] : await bench.takeCalls(),
      resources: resources.map(normalized).sort((a, b) => (a.key < b.key ? -1 : 1)),
      pending: pending.map(({ type, resource }) => ({ type, urn: resource.urn })),
    });
    if (step.loose) await bench.takeCalls();
    if (process.env.SPEC_SHOW !== undefined) process.stderr.write(ran.output);
  }
  return facts;
}

const volatile = new Set(["created", "modified", "sourcePosition", "stackTrace"]);
const ciphered = "4dabf18193072939515e22adb298388d";

/** A resource without what differs from run to run: times, positions, ciphertexts, the ids of providers. */
function normalized(resource: StateResource): { readonly key: string } {
  const entries = Object.entries(resource).filter(([key]) => !volatile.has(key));
  const isProvider = resource.type.startsWith("pulumi:providers:");
  const plain = Object.fromEntries(entries.map(([key, value]) => [key, clean(value)]));
  if (isProvider) plain.id = "id of the provider";
  if (typeof plain.provider === "string") plain.provider = plain.provider.replace(/[^:]+$/, "id of the provider");
  return {
    key: `${resource.urn} ${resource.delete ? "deleted" : ""} ${isProvider ? "" : (resource.id ?? "")}`,
    ...plain,
  };
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  if (ciphered in value && "ciphertext" in value) return "a secret";
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "__provider")
      .map(([key, item]) => [key, clean(item)]),
  );
}
