// Writes a Pulumi project that takes over what a registry has: the program, its imports, and what Pulumi needs beside.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Declaration } from "./declaration.ts";
import { type Host, writeImports, writeProgram } from "./program.ts";

export interface Project {
  readonly folder: string;
  /** Of the project; else that of the folder. */
  readonly name: string | undefined;
  readonly host: Host;
  /** Files that are there are written over. */
  readonly force: boolean;
}

/** What the program depends on, and in which versions. */
export type Dependencies = Readonly<Record<string, string>>;

const names = ["index.ts", "import.json", "Pulumi.yaml", "package.json"] as const;

/** Before the registry is read: what somebody wrote is not lost by accident. */
export function refuseToOverwrite({ folder, force }: Project): void {
  const there = names.filter((name) => existsSync(join(folder, name)));
  if (there.length === 0 || force) return;
  throw new Error(
    `${resolve(folder)} has ${there.join(", ")} already: name another folder, or write over it with --force`,
  );
}

export function writeProject(
  { folder, name = basename(resolve(folder)), host }: Project,
  declarations: readonly Declaration[],
  origin: string,
  dependencies: Dependencies,
): void {
  const project = name.replaceAll(/[^A-Za-z0-9_.-]/g, "-").slice(0, 100) || "adopted";
  const manifest = { name: packageName(project), private: true, type: "module", main: "index.ts", dependencies };
  const files: Readonly<Partial<Record<(typeof names)[number], string>>> = {
    "index.ts": writeProgram(declarations, origin, host),
    ...(host === "plugin" && { "import.json": writeImports(declarations) }),
    "Pulumi.yaml": pulumiYaml(project, host),
    "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
  };
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const [file, content] = [join(folder, name), files[name]];
    if (content === undefined)
      rmSync(file, { force: true }); // the imports of another host's program
    else writeFileSync(file, content);
  }
}

/** npm's names have no capitals, and do not begin with a dot or an underscore. */
function packageName(project: string): string {
  return project.toLowerCase().replace(/^[._-]+/, "") || "adopted";
}

/** Node strips the types: no compiler is needed. */
function pulumiYaml(project: string, host: Host): string {
  const plugins = `plugins:
  providers:
    - name: cloudmap
      path: node_modules/pulumi-cloudmap/plugin
`;
  return `name: ${JSON.stringify(project)}
runtime:
  name: nodejs
  options:
    typescript: false
${host === "plugin" ? plugins : ""}`;
}
