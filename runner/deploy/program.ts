// Runs a program against a deployment: serves its monitor, and says when it has registered everything.

import { Failure, notSupported } from "../failure.ts";
import type { Registry } from "../provider/registry.ts";
import { startInline } from "../rpc/inline.ts";
import { type MonitorHost, monitorImplementation } from "../rpc/monitor.ts";
import { type Program, type ProgramFailure, type ProgramOptions, startProgram } from "../rpc/program.ts";
import { createServer, listen } from "../rpc/server.ts";
import { monitorService } from "../rpc/stubs.ts";
import { organization } from "../stack/backend.ts";
import { type ProgramConfig, packageConfig, type Stack } from "../stack/open.ts";
import { formatReference, providerType } from "../state/urn.ts";
import type { Properties } from "../value/value.ts";
import type { Deployment } from "./deployment.ts";
import { emptyGoal } from "./goal.ts";

export interface ProgramContext {
  readonly stack: Stack;
  readonly config: ProgramConfig;
  readonly deployment: Deployment;
  readonly providers: Registry;
  readonly engine: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly client: string | undefined;
  readonly onOutput: (line: string, stream: "stdout" | "stderr") => void;
}

// What a program gets to end by itself once its monitor is shut down.
const graceMs = 10_000;

/** Resolves once the program has ended and all that it led to is done. */
export async function runProgram(context: ProgramContext): Promise<void> {
  const { deployment, stack } = context;
  let finished: Promise<void> | undefined;
  const finish = (): Promise<void> => {
    finished ??= deployment.finish();
    return finished;
  };
  const server = createServer();
  server.addService(monitorService.ResourceMonitorService, monitorImplementation(hostOf(context, finish)));
  const monitor = await listen(server);
  const options: ProgramOptions = {
    project: stack.project,
    stack: stack.name.stack,
    monitor,
    engine: context.engine,
    preview: context.preview,
    parallel: context.parallel,
    config: context.config.values,
    secretKeys: context.config.secretKeys,
    env: stack.env,
    onOutput: context.onOutput,
  };
  let program: Program | undefined;
  try {
    program = context.client === undefined ? startProgram(options) : startInline(context.client, options);
    report(deployment, await ended(program, deployment));
    await finish();
  } finally {
    await program?.stop();
    server.forceShutdown();
  }
}

/** After a failure the program finds its monitor shut and ends; it is ended if it does not. */
async function ended(program: Program, deployment: Deployment): Promise<ProgramFailure> {
  await Promise.race([program.ended, deployment.whenStopped]);
  if (!deployment.isStopped) return program.ended;
  await deployment.idle();
  const timer = setTimeout(() => void program.stop(), graceMs);
  const failure = await program.ended;
  clearTimeout(timer);
  // A program whose calls were turned away ends as it likes: what counts is the failure before.
  return deployment.hasFailed ? undefined : failure;
}

function report(deployment: Deployment, failure: ProgramFailure): void {
  if (failure === undefined) return;
  if (failure === "logged") deployment.failSilently();
  else deployment.fail("", new Failure(failure.message));
}

function hostOf(context: ProgramContext, finish: () => Promise<void>): MonitorHost {
  const { stack, config, deployment, providers, preview, parallel } = context;
  const defaults = new Map<string, Promise<string>>();
  return {
    project: stack.project.name,
    stack: stack.name.stack,
    organization,
    preview,
    parallel,
    config: config.values,
    secretKeys: config.secretKeys,
    register: (goal) => deployment.register(goal),
    read: (goal) => deployment.read(goal),
    registerOutputs: (urn, outputs) => deployment.registerOutputs(urn, outputs),
    defaultProvider: (pkg, version) => {
      const key = `${pkg} ${version}`;
      const reference = defaults.get(key) ?? registerDefault(deployment, config, pkg, version);
      defaults.set(key, reference);
      return reference;
    },
    invoke: async (token, reference, inputs) => {
      const provider = providers.find(reference);
      if (provider === undefined) throw new Failure(`the provider '${reference}' for ${token} is not loaded`);
      return provider.invoke(token, inputs, preview);
    },
    fail: (error) => deployment.fail("", error),
    programDone: finish,
  };
}

/** The provider that resources get which name none: configured by the stack. */
export async function registerDefault(
  deployment: Deployment,
  config: ProgramConfig,
  pkg: string,
  version: string,
): Promise<string> {
  if (pkg === "pulumi") throw notSupported("a StackReference (or another resource of the package pulumi)");
  refuseDisabled(config, pkg);
  const properties: Properties = {
    ...packageConfig(config, pkg),
    ...(version === "" ? {} : { version, __internal: {} }),
  };
  const name = version === "" ? "default" : `default_${version.replaceAll(/[.+-]/g, "_")}`;
  const { resource } = await deployment.register({
    ...emptyGoal,
    type: providerType(pkg),
    name,
    custom: true,
    properties,
  });
  return formatReference({ urn: resource.urn, id: resource.id ?? "" });
}

function refuseDisabled({ values }: ProgramConfig, pkg: string): void {
  const disabled = values["pulumi:disable-default-providers"];
  if (disabled === undefined || disabled === "") return;
  const packages: unknown = JSON.parse(disabled);
  if (!Array.isArray(packages)) return;
  if (packages.some((item) => item === "*" || item === pkg)) {
    throw new Failure(`Default provider for '${pkg}' disabled. A resource must use an explicit provider.`);
  }
}
