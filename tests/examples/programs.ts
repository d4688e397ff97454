// The example programs under examples/: where they are, and several of them as one program, so that one deployment runs them all.
import { cp, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const examples = join(import.meta.dirname, "../../examples");

/** The folders of the programs of a folder of examples, however deep. */
export async function programsIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(join(examples, folder), { recursive: true });
  const programs = files.filter((file) => /(^|\/)Pulumi\.yaml$/.test(file) && !file.includes("node_modules"));
  return programs.map((file) => join(folder, file, "..")).sort();
}

/** A folder with one program that imports others as they are; each one's exports are an output of its name. */
export async function together(folder: string, names: readonly string[]): Promise<string> {
  const all = await mkdtemp(join(tmpdir(), "cloudmap-together-"));
  for (const name of names) await cp(join(examples, folder, name), join(all, name), { recursive: true });
  const imports = names.map((name, index) => `import * as p${index} from "./${name}/index.ts";`);
  const outputs = names.map((name, index) => `  "${name}": { ...p${index} },`);
  await writeFile(join(all, "index.ts"), [...imports, "export const outputs = {", ...outputs, "};", ""].join("\n"));
  await writeFile(join(all, "package.json"), JSON.stringify({ name: "together", type: "module", main: "index.ts" }));
  await writeFile(
    join(all, "Pulumi.yaml"),
    "name: together\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  return all;
}
