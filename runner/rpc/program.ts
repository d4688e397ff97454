// Runs a Node.js Pulumi program under the SDK's own entry point, `@pulumi/pulumi/cmd/run`.

import { createRequire } from "node:module";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { organization } from "../stack/backend.ts";
import type { Project } from "../stack/project.ts";
import { eachLine, start, stop, tied } from "./process.ts";

export interface ProgramOptions {
  readonly project: Project;
  readonly stack: string;
  readonly monitor: string;
  readonly engine: string;
  readonly preview: boolean;
  readonly parallel: number;
  /** `ns:key` to text. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onOutput: (line: string, stream: "stdout" | "stderr") => void;
}

/** How a run ended: undefined for well, "logged" where the error reached the engine's log already. */
export type ProgramFailure = undefined | "logged" | { readonly message: string };

export interface Program {
  readonly ended: Promise<ProgramFailure>;
  stop(): Promise<void>;
}

/** Resolves from the program's folder: it runs with its own copy of the SDK. */
export function resolveSdk(folder: string, module: string): string {
  const name = `@pulumi/pulumi/${module}`;
  for (const from of [join(folder, "package.json"), join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there: programs of the Automation API may live in a folder without packages.
    }
  }
  throw new Failure(`@pulumi/pulumi is not installed in ${folder}: run \`npm install\` there`);
}

function argumentsOf(options: ProgramOptions): string[] {
  const { project } = options;
  return [
    ...tied,
    ...project.nodeArguments,
    resolveSdk(project.program, "cmd/run"),
    ...["--monitor", options.monitor, "--engine", options.engine],
    ...["--organization", organization, "--project", project.name, "--stack", options.stack],
    ...["--root-directory", project.root, "--pwd", project.program],
    ...(options.preview ? ["--dry-run"] : []),
    ...["--parallel", String(options.parallel)],
    project.entry,
  ];
}

function environmentOf({ env, project, config, secretKeys }: ProgramOptions): NodeJS.ProcessEnv {
  return {
    ...env,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
    ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
  };
}

// The SDK exits with 32 when it has logged the error through the engine (sdk/nodejs/cmd/run/run.ts).
const loggedExitCode = 32;

export function startProgram(options: ProgramOptions): Program {
  const file = process.execPath;
  const child = start({
    file,
    arguments: argumentsOf(options),
    cwd: options.project.program,
    env: environmentOf(options),
  });
  eachLine(child.stdout, (line) => options.onOutput(line, "stdout"));
  eachLine(child.stderr, (line) => options.onOutput(line, "stderr"));
  const ended = new Promise<ProgramFailure>((done) => {
    child.once("error", (error) => done({ message: `the program could not be started: ${error.message}` }));
    child.once("close", (code, signal) => {
      if (code === 0) done(undefined);
      else if (code === loggedExitCode) done("logged");
      else if (signal !== null) done({ message: `the program was ended by ${signal}` });
      else done({ message: `the program exited with non-zero exit code: ${code}` });
    });
  });
  return { ended, stop: () => stop(child, 5000) };
}
