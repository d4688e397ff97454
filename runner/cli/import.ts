// The command import: takes what exists into a stack, and writes the program for it.

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { Failure, notSupported } from "../failure.ts";
import { writeCode } from "../import/code.ts";
import { type ImportFile, inlineFile, readImportFile, type Wanted, wantedOf } from "../import/import-file.ts";
import { openPlace, openStack } from "../stack/open.ts";
import type { Resource } from "../state/resource.ts";
import { type Options, run, withOperationOptions } from "./operation.ts";
import { collect, optionsOf, print } from "./options.ts";

interface Flags extends Options {
  readonly parent?: string;
  readonly provider?: string;
  readonly properties?: readonly string[];
  readonly file?: string;
  readonly out?: string;
  readonly generateCode?: string | boolean;
  readonly protect?: string | boolean;
  readonly from?: string;
}

export function addImport(program: Command, env: NodeJS.ProcessEnv): void {
  withOperationOptions(program.command("import [type] [name] [id]"))
    .description("take what exists into the stack, and print the program for it")
    .option("--parent <name=urn>", "the parent of the resource")
    .option("--provider <name=urn>", "the explicit provider to import by")
    .option("--properties <names>", "the inputs to take, with commas between; all if none are given", names)
    .option("-f, --file <file>", "import the resources of a JSON file")
    .option("-o, --out <file>", "write the program to this file")
    .option("--generate-code [value]", "print the program (default: true)")
    .option("--protect [value]", "protect what is imported (default: true)")
    .option("--from <converter>", "take the resources from a converter's file")
    .option("--skip-preview", "do not preview first")
    .option("--preview-only", "only show what would be imported")
    .action((...given: unknown[]) => {
      const command = given.at(-1) as Command; // commander hands it over last
      return importCommand(command.args, optionsOf<Flags>(command), env);
    });
}

function names(text: string, before: readonly string[] = []): string[] {
  return text.split(",").reduce((all: string[], name) => collect(name.trim(), all), [...before]);
}

async function importCommand(args: readonly string[], flags: Flags, env: NodeJS.ProcessEnv): Promise<void> {
  const file = await fileOf(args, flags);
  const place = await openPlace(flags.cwd ?? process.cwd(), env);
  const { name } = await openStack(place, flags.stack, flags.configFile);
  const protect = isOn(flags.protect);
  const wanted = wantedOf(file, name.project, name.stack, protect);
  const generates = isOn(flags.generateCode);
  if (!generates && flags.out !== undefined) {
    process.stderr.write("Output file will not be used as --generate-code is false.\n");
  }
  const result = await run("import", { ...flags, imports: wanted.imports }, env, false);
  if (!generates || result.summary.preview || flags.json === true) return;
  const code = codeOf(wanted, result.after, result.schemas, protect);
  if (flags.out !== undefined) return writeFile(flags.out, code);
  print(
    `\nPlease copy the following code into your Pulumi application. Not doing so\nwill cause Pulumi to report that an update will happen on the next update command.\n`,
  );
  if (protect) {
    print(
      "Please note that the imported resources are marked as protected. To destroy them\nyou will need to remove the `protect` option and run `pulumi update` *before*\nthe destroy will take effect.\n",
    );
  }
  print(code.trimEnd());
}

async function fileOf(args: readonly string[], flags: Flags): Promise<ImportFile> {
  if (flags.from !== undefined) throw notSupported("import --from");
  const { parent, provider, properties = [] } = flags;
  if (flags.file !== undefined) {
    const isInline = args.length > 0 || parent !== undefined || provider !== undefined || properties.length > 0;
    if (isInline) throw new Failure("an inline resource may not be specified in conjunction with an import file");
    return readImportFile(flags.file);
  }
  const [type, name, id] = args;
  if (type === undefined || name === undefined || id === undefined) {
    const missing = ["type, name, and id", "name and id", "id"][args.length];
    throw new Failure(
      `an inline resource must be specified if no converter or import file is used, missing ${missing}`,
    );
  }
  return inlineFile({ type, name, id, parent, provider, properties });
}

/** A switch that is on, and that `=false` turns off. */
function isOn(value: string | boolean | undefined): boolean {
  return value !== "false" && value !== false;
}

function codeOf(
  wanted: Wanted,
  after: readonly Resource[],
  schemas: ReadonlyMap<string, string>,
  protect: boolean,
): string {
  const live = new Map(after.filter((resource) => !resource.delete).map((resource) => [resource.urn, resource]));
  const resources = wanted.imports.flatMap(({ urn }) => {
    const found = live.get(urn);
    return found === undefined ? [] : [{ ...found, protect }];
  });
  return writeCode({ resources, names: wanted.names, schemas });
}
