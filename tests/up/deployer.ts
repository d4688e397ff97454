// Who runs the programs: the runner of this repository always, by its commands and through the Automation API, and the Pulumi CLI where one is on PATH.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { runnerRoot } from "./automation.ts";

export interface Deployer {
  readonly name: string;
  /** The command line, without its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Where operations go through the Automation API: the folder in whose bin/ its `pulumi` is. */
  readonly automated?: string;
}

const runner: Deployer = {
  name: "the runner",
  command: [process.execPath, join(import.meta.dirname, "../../runner/pulumi.ts")],
};

const automated: Deployer = { ...runner, name: "the Automation API over the runner", automated: runnerRoot };

function findPulumi(): Deployer | undefined {
  const files = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "pulumi"));
  const file = files.find(isExecutable);
  return file === undefined ? undefined : { name: "pulumi", command: [file] };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const pulumi = findPulumi();
if (pulumi === undefined)
  console.log("  tests/up: there is no `pulumi` on PATH: under the Pulumi CLI the suite is skipped");

const cli = pulumi === undefined ? [] : [pulumi];
const picked = ({ name }: Deployer) => name.includes(process.env.UP_DEPLOYERS ?? "");

/** Each of them runs the whole suite. `UP_DEPLOYERS` picks some by a part of their names. */
export const deployers: readonly Deployer[] = [automated, ...cli].filter(picked);

/** For what needs the process itself, to kill it or to read what it prints: by the commands alone. */
export const commands: readonly Deployer[] = [runner, ...cli].filter(picked);
