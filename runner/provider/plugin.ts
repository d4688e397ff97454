// Finds and starts provider plugins: processes that print their port and then speak gRPC.

import type { ChildProcess } from "node:child_process";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { Failure, notSupported } from "../failure.ts";
import { eachLine, start, stop, tied } from "../rpc/process.ts";
import { resolveSdk } from "../rpc/program.ts";
import { exists } from "../stack/backend.ts";
import { asRecord, type Project, readOptional } from "../stack/project.ts";

export const dynamicPackage = "pulumi-nodejs";

export interface PluginHost {
  readonly project: Project;
  /** The address of the engine service that plugins log to. */
  readonly engine: string;
  readonly env: NodeJS.ProcessEnv;
  /** What a dynamic provider prints is the user's own output. */
  readonly onOutput: (line: string, stream: "stdout" | "stderr") => void;
}

export interface Plugin {
  readonly address: string;
  /** What it printed last, for the case that it dies. */
  readonly lastOutput: () => string;
  stop(): Promise<void>;
}

interface Launch {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function launchOf(host: PluginHost, pkg: string, version: string | undefined): Promise<Launch> {
  const { project, env } = host;
  if (pkg === dynamicPackage) {
    const module = resolveSdk(project.program, "cmd/dynamic-provider");
    return { file: process.execPath, arguments: [...tied, module], env: { PULUMI_NODEJS_PROJECT: project.name } };
  }
  const configured = project.providerPaths.find(({ name }) => name === pkg);
  const name = `pulumi-resource-${pkg}`;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [
    ...(configured === undefined ? [] : [configured.path]),
    ...folders.map((folder) => join(folder, name)),
    ...(await installed(env, pkg, version)),
    join(project.program, "node_modules", `pulumi-${pkg}`),
  ];
  for (const candidate of candidates) {
    const launch = await launchFrom(candidate, name);
    if (launch !== undefined) return launch;
  }
  throw new Failure(
    `no provider plugin for the package "${pkg}" found: name its folder in Pulumi.yaml (plugins.providers) or put ${name} on PATH`,
  );
}

async function installed(env: NodeJS.ProcessEnv, pkg: string, version: string | undefined): Promise<string[]> {
  const folder = join(env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
  const names = await readdir(folder).catch(() => []);
  const prefix = `resource-${pkg}-v`;
  return names
    .filter((name) =>
      version === undefined ? name.startsWith(prefix) && !name.endsWith(".lock") : name === prefix + version,
    )
    .map((name) => join(folder, name));
}

// A plugin is an executable, a folder that holds one, or a folder with a PulumiPlugin.yaml.
async function launchFrom(path: string, name: string): Promise<Launch | undefined> {
  const plugin = await readOptional(join(path, "PulumiPlugin.yaml")).catch(() => undefined);
  if (plugin !== undefined) return launchNode(path, asRecord(parse(plugin)));
  if (await exists(join(path, name))) return { file: join(path, name), arguments: [], env: {} };
  const isFile = (await exists(path)) && (await readdir(path).catch(() => undefined)) === undefined;
  return isFile ? { file: path, arguments: [], env: {} } : undefined;
}

function launchNode(folder: string, yaml: Readonly<Record<string, unknown>>): Launch {
  const { runtime } = yaml;
  const name = typeof runtime === "string" ? runtime : asRecord(runtime).name;
  if (name !== "nodejs")
    throw notSupported(`the runtime "${name}" of the plugin in ${folder}`, "it runs nodejs plugins");
  // The SDK's entry loads the TypeScript compiler whether a plugin needs it or not: 0.6 s of its 0.9 s.
  if (asRecord(asRecord(runtime).options).typescript === false)
    return { file: process.execPath, arguments: [...tied, folder], env: {} };
  return {
    file: process.execPath,
    arguments: [...tied, resolveSdk(folder, "cmd/run-plugin"), folder],
    env: { PULUMI_NODEJS_TYPESCRIPT: "true" },
  };
}

export async function startPlugin(host: PluginHost, pkg: string, version: string | undefined): Promise<Plugin> {
  const launch = await launchOf(host, pkg, version);
  const child = start({
    file: launch.file,
    arguments: [...launch.arguments, host.engine],
    cwd: host.project.program,
    env: { ...host.env, PULUMI_PROJECT: host.project.name, PULUMI_CONFIG: "{}", ...launch.env },
  });
  const recent: string[] = [];
  const show = (line: string, stream: "stdout" | "stderr") => {
    recent.push(line);
    if (recent.length > 20) recent.shift();
    if (pkg === dynamicPackage) host.onOutput(line, stream);
  };
  eachLine(child.stderr, (line) => show(line, "stderr"));
  const port = await portOf(
    child,
    pkg,
    (line) => show(line, "stdout"),
    () => recent.join("\n"),
  );
  return { address: `127.0.0.1:${port}`, lastOutput: () => recent.join("\n"), stop: () => stop(child, 5000) };
}

/** The first line that a plugin prints is its port; what follows is output. */
function portOf(
  child: ChildProcess,
  pkg: string,
  onLine: (line: string) => void,
  output: () => string,
): Promise<number> {
  return new Promise((done, fail) => {
    let port: number | undefined;
    const give = (why: string) =>
      fail(new Failure(`the provider plugin "${pkg}" did not start: ${why}\n${output()}`.trimEnd()));
    eachLine(child.stdout, (line) => {
      if (port !== undefined) return onLine(line);
      port = Number(line.trim());
      if (Number.isInteger(port) && port > 0) done(port);
      else give(`it printed "${line}" where its port was expected`);
    });
    child.once("error", (error) => give(error.message));
    child.once("exit", (code, signal) => give(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}
