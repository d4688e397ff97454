// The project: Pulumi.yaml, found from the working directory upwards.

import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";
import { Failure, isMissing, messageOf, notSupported } from "../failure.ts";

export interface ProviderPath {
  readonly name: string;
  readonly path: string;
  readonly version: string | undefined;
}

export interface Project {
  readonly name: string;
  readonly file: string;
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  /** What is run, relative to the program's folder: a file, or "." for what package.json names. */
  readonly entry: string;
  readonly program: string;
  readonly typescript: boolean;
  readonly nodeArguments: readonly string[];
  readonly configFolder: string;
  readonly backend: string | undefined;
  readonly providerPaths: readonly ProviderPath[];
  readonly config: Readonly<Record<string, unknown>>;
}

type Yaml = Readonly<Record<string, unknown>>;

export function asRecord(value: unknown): Yaml {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export async function findProject(from: string): Promise<Project> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      const text = await readOptional(join(folder, name));
      if (text !== undefined) return parseProject(join(folder, name), text);
    }
    if (dirname(folder) === folder) {
      throw new Failure(`no Pulumi.yaml project file found (searching upwards from ${resolve(from)})`);
    }
  }
}

export async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function parseYaml(file: string, text: string): Yaml {
  try {
    return asRecord(parse(text));
  } catch (error) {
    throw new Failure(`reading ${file}: ${messageOf(error)}`);
  }
}

function parseProject(file: string, text: string): Project {
  const yaml = parseYaml(file, text);
  const name = asText(yaml.name);
  if (name === undefined) throw new Failure(`${file} has no name`);
  const runtime = asText(yaml.runtime) ?? asText(asRecord(yaml.runtime).name);
  if (runtime !== "nodejs") throw notSupported(`the runtime "${runtime ?? ""}" of ${file}`, "it runs nodejs programs");
  if (yaml.plugins !== undefined && asRecord(yaml.plugins).analyzers !== undefined)
    throw notSupported("a policy pack in Pulumi.yaml");
  if (Object.keys(asRecord(yaml.packages)).length > 0) throw notSupported("`packages` in Pulumi.yaml");
  const options = asRecord(asRecord(yaml.runtime).options);
  const root = dirname(file);
  const main = asText(yaml.main) ?? ".";
  return {
    name,
    file,
    root,
    ...programOf(root, main),
    typescript: options.typescript !== false,
    nodeArguments: (asText(options.nodeargs) ?? "").split(/\s+/).filter((word) => word !== ""),
    configFolder: resolve(root, asText(yaml.stackConfigDir) ?? asText(yaml.config) ?? "."),
    backend: asText(asRecord(yaml.backend).url),
    providerPaths: providersOf(yaml, root),
    config: asRecord(yaml.config),
  };
}

// A `main` with an extension is a file of its folder; else it is the folder (sdk/go/common/workspace/project.go).
function programOf(root: string, main: string): Pick<Project, "entry" | "program"> {
  const path = isAbsolute(main) ? main : join(root, main);
  return /\.[cm]?[jt]s$/.test(main) ? { entry: path, program: dirname(path) } : { entry: ".", program: path };
}

function providersOf(yaml: Yaml, root: string): ProviderPath[] {
  const list = asRecord(yaml.plugins).providers;
  if (!Array.isArray(list)) return [];
  return list.map(asRecord).flatMap((item) => {
    const [name, path] = [asText(item.name), asText(item.path)];
    if (name === undefined || path === undefined) return [];
    return [{ name, path: resolve(root, path), version: asText(item.version) }];
  });
}
