// A stack of a test's own: a copy of the program, a backend and a home in a folder that goes with it.
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { type Operation, openAutomated, operate } from "./automation.ts";
import type { Deployer } from "./deployer.ts";
import { type Event, readSteps, type Step, summary } from "./report.ts";
import type { Spec } from "./spec.ts";

export interface Ran {
  readonly exitCode: number;
  /** Standard output and standard error. */
  readonly output: string;
}

export interface Told extends Ran {
  readonly steps: readonly Step[];
  /** `update web attributes.zone`, one line a step. */
  readonly summary: readonly string[];
}

/** A resource in the state, as far as the tests look. */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
  readonly parent?: string;
  readonly external?: boolean;
  readonly protect?: boolean;
}

export type Config = Readonly<Record<string, string>>;

const name = "dev";
const modules = join(import.meta.dirname, "../../node_modules");

export class Stack implements AsyncDisposable {
  readonly folder: string;
  readonly #program: string;
  readonly #deployer: Deployer;
  /** What the deployer's process gets beside what each stack needs; a test may change it. */
  readonly env: Record<string, string> = {};
  #opened: ReturnType<typeof openAutomated> | undefined;

  private constructor(deployer: Deployer, folder: string) {
    this.#deployer = deployer;
    this.folder = folder;
    this.#program = join(folder, "program");
  }

  static async open(
    deployer: Deployer,
    config: Config,
    program = join(import.meta.dirname, "program"),
  ): Promise<Stack> {
    const stack = new Stack(deployer, await mkdtemp(join(tmpdir(), "cloudmap-up-")));
    await cp(program, stack.#program, { recursive: true });
    await symlink(modules, stack.path("node_modules"));
    await mkdir(join(stack.folder, "state"));
    await stack.ran("stack", "init", name);
    await stack.configure(config);
    return stack;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  path(file: string): string {
    return join(this.#program, file);
  }

  /** The plain part of the stack's configuration; what else is in its file stays. */
  async configure(config: Config): Promise<void> {
    const file = this.path(`Pulumi.${name}.yaml`);
    const settings = parse(await readFile(file, "utf8").catch(() => "{}")) ?? {};
    await writeFile(file, stringify({ ...settings, config }));
  }

  async declare(spec: Spec): Promise<void> {
    await writeFile(this.path("spec.json"), JSON.stringify(spec));
  }

  /** Previews what a spec would change; it must go well. */
  async preview(spec?: Spec): Promise<Told> {
    if (spec !== undefined) await this.declare(spec);
    return this.#tell("preview", "inputs");
  }

  async up(spec?: Spec): Promise<Told> {
    if (spec !== undefined) await this.declare(spec);
    return this.#tell("up", "inputs");
  }

  refresh(): Promise<Told> {
    return this.#tell("refresh", "outputs");
  }

  destroy(): Promise<Told> {
    return this.#tell("destroy", "inputs");
  }

  async #tell(operation: Operation, compared: "inputs" | "outputs"): Promise<Told> {
    if (this.#deployer.automated === undefined) {
      const ran = await this.ran(operation, ...silently(operation), "--json");
      return { ...ran, ...told(ran.output, compared) };
    }
    const { exitCode, output, events } = await operate(await this.#automated(), operation);
    if (exitCode !== 0) throw new Error(`${operation}: ${output}`);
    return { exitCode, output, ...told(events, compared) };
  }

  /** Opened once: to find `pulumi` and to select the stack starts processes. */
  async #automated(): ReturnType<typeof openAutomated> {
    const given = Object.entries({ ...this.#environment(), ...this.env }).filter(([, value]) => value !== undefined);
    const env = Object.fromEntries(given) as Record<string, string>;
    this.#opened ??= openAutomated(this.#deployer.automated ?? "", this.#program, name, env);
    const opened = await this.#opened;
    opened.workspace.envVars = env;
    return opened;
  }

  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.ran("stack", "output", "--json");
    return JSON.parse(output).outputs;
  }

  /** As a person runs it: up, refresh and destroy without questions. */
  async shown(operation: Operation): Promise<Ran> {
    if (this.#deployer.automated === undefined) return this.run(operation, ...silently(operation));
    return operate(await this.#automated(), operation);
  }

  /** A command that must go well. */
  async ran(...args: string[]): Promise<Ran> {
    const ran = await this.run(...args);
    if (ran.exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${ran.exitCode}\n${ran.output}`);
    return ran;
  }

  run(...args: string[]): Promise<Ran> {
    return ended(this.start(...args));
  }

  start(...args: string[]): ChildProcess {
    const [file, ...first] = this.#deployer.command;
    const env = { ...this.#environment(), ...this.env };
    return spawn(file, [...first, ...args], { cwd: this.#program, env, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The resources of the state file, without the stack and the providers. */
  async resources(): Promise<readonly Resource[]> {
    const { checkpoint } = JSON.parse(await this.stateText());
    const all: readonly Resource[] = checkpoint.latest?.resources ?? [];
    return all.filter(({ type }) => !/^pulumi:(providers|pulumi):/.test(type));
  }

  async resource(wanted: string): Promise<Resource> {
    const found = (await this.resources()).find(({ urn }) => urn.endsWith(`::${wanted}`));
    if (found === undefined) throw new Error(`the state has no ${wanted}`);
    return found;
  }

  async stateText(): Promise<string> {
    return readFile(await this.stateFile(), "utf8");
  }

  async stateFile(): Promise<string> {
    const project: { name: string } = parse(await readFile(this.path("Pulumi.yaml"), "utf8"));
    return join(this.folder, "state", ".pulumi", "stacks", project.name, `${name}.json`);
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "cloudmap-up-compile-cache"),
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_BACKEND_URL: pathToFileURL(join(this.folder, "state")).href,
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      CI: "1", // an engine that starts by itself would hide a missing endpoint
    };
  }
}

function silently(operation: Operation): readonly string[] {
  return operation === "preview" ? ["--non-interactive"] : ["--yes", "--skip-preview", "--non-interactive"];
}

function told(from: string | readonly Event[], compared: "inputs" | "outputs"): Pick<Told, "steps" | "summary"> {
  const steps = readSteps(from, compared);
  return { steps, summary: summary(steps) };
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const exit = new Promise<number>((done, fail) => child.once("error", fail).once("close", (code) => done(code ?? -1)));
  const streams = [child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream)));
  const [exitCode, ...output] = await Promise.all([exit, ...streams]);
  return { exitCode, output: output.join("") };
}
