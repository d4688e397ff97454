// Writes a Pulumi project that takes over what a registry has: the program, its imports, and what Pulumi needs beside.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Declaration } from "./declaration.ts";
import { writeImports, writeProgram } from "./program.ts";

export interface Project {
  readonly folder: string;
  /** Of the project; else that of the folder. */
  readonly name: string | undefined;
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
  { folder, name = basename(resolve(folder)) }: Project,
  declarations: readonly Declaration[],
  origin: string,
  dependencies: Dependencies,
): void {
  const project = name.replaceAll(/[^A-Za-z0-9_.-]/g, "-").slice(0, 100) || "adopted";
  const manifest = { name: packageName(project), private: true, type: "module", main: "index.ts", dependencies };
  const files: Readonly<Record<(typeof names)[number], string>> = {
    "index.ts": writeProgram(declarations, origin),
    "import.json": writeImports(declarations),
    "Pulumi.yaml": pulumiYaml(project),
    "package.json": `${JSON.stringify(manifest, undefined, 2)}\n`,
  };
  mkdirSync(folder, { recursive: true });
  for (const file of names) writeFileSync(join(folder, file), files[file]);
}

/** npm's names have no capitals, and do not begin with a dot or an underscore. */
function packageName(project: string): string {
  return project.toLowerCase().replace(/^[._-]+/, "") || "adopted";
}

/** Node strips the types: no compiler is needed. */
function pulumiYaml(project: string): string {
  return `name: ${JSON.stringify(project)}
runtime:
  name: nodejs
  options:
    typescript: false
plugins:
  providers:
    - name: cloudmap
      path: node_modules/pulumi-cloudmap/plugin
`;
}
