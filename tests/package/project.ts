/** A user's project outside the repository, with the packed package installed in it as any other. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Files {
  readonly [name: string]: string | object;
}

/** A folder that goes with the test. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "cloudmap-package-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Packs the package as `npm pack` does, from a copy of the sources; answers the tarball. */
export function pack(scratch: Scratch): string {
  const copy = join(scratch.path, "sources");
  const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of tracked.toString().split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { force: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  run(copy, "npm", ["pack", "--silent", "--pack-destination", scratch.path]);
  const tarball = readdirSync(scratch.path).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  return join(scratch.path, tarball);
}

/** Makes a project of these files. */
export function makeProject(scratch: Scratch, name: string, files: Files): string {
  const folder = join(scratch.path, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, file), typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  }
  return folder;
}

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command and answers what it printed, whatever became of it. */
export function attempt(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Runs a command that must succeed. */
export function run(cwd: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, output } = attempt(cwd, command, args, env);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} in ${cwd}: exit ${status}\n${output}`);
  return output;
}

/** Runs the runner in a project, on a stack folder and a home of the test's own. */
export function pulumi(scratch: Scratch, project: string, ...args: readonly string[]): string {
  return run(project, process.execPath, [join(root, "runner", "pulumi.ts"), ...args], environment(scratch));
}

/** No endpoint, no credentials, no CI: the program finds or starts the engine of the installed package. */
export function environment(scratch: Scratch): NodeJS.ProcessEnv {
  const state = join(scratch.path, "state");
  mkdirSync(state, { recursive: true });
  const unset = Object.keys(process.env).filter((name) => name === "CI" || name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(unset.map((name) => [name, undefined])),
    CLOUDMAP_HOME: join(scratch.path, "home"),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
  };
}
