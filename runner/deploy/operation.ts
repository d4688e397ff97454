// One operation on a stack, from its lock to its history: preview, up, refresh, destroy or import.

import { Registry } from "../provider/registry.ts";
import { engineImplementation } from "../rpc/engine.ts";
import { killAll } from "../rpc/process.ts";
import { createServer, listen } from "../rpc/server.ts";
import { engineService } from "../rpc/stubs.ts";
import { addHistory, configOf, seconds } from "../stack/history.ts";
import { lockStack } from "../stack/lock.ts";
import { crypterOf, type ProgramConfig, programConfig, type Stack } from "../stack/open.ts";
import type { Resource } from "../state/resource.ts";
import { SecretCache } from "../state/secret-cache.ts";
import { Store } from "../state/store.ts";
import { makeUrn, stackType } from "../state/urn.ts";
import { Deployment } from "./deployment.ts";
import { Counter, diagnosticEvent, type Emit, hasChanges, type Summary } from "./event.ts";
import { type Import, importResources } from "./importing.ts";
import { Keeper } from "./keeper.ts";
import { Base, Plan, type PlanOptions } from "./plan.ts";
import { registerDefault, runProgram } from "./program.ts";
import { refresh, refuseUnknownTargets } from "./refresh.ts";

export interface OperationOptions extends PlanOptions {
  readonly kind: "update" | "refresh" | "destroy" | "import";
  /** Of an import: what to take in. */
  readonly imports: readonly Import[];
  readonly refreshFirst: boolean;
  readonly message: string;
  readonly parallel: number;
  readonly continueOnError: boolean;
  readonly clearPendingCreates: boolean;
  /** Where an Automation API process serves the program, in the place of one to start. */
  readonly client: string | undefined;
}

export interface OperationResult {
  readonly summary: Summary;
  readonly before: readonly Resource[];
  readonly after: readonly Resource[];
  readonly hasChanges: boolean;
  readonly cancelled: boolean;
  /** Of an import: the schemas of its packages. */
  readonly schemas: ReadonlyMap<string, string>;
}

export async function runOperation(stack: Stack, options: OperationOptions, emit: Emit): Promise<OperationResult> {
  const lock = options.preview ? undefined : await lockStack(stack.backend, stack.name);
  try {
    const crypter = await crypterOf(stack);
    const cache = new SecretCache(crypter);
    const store = new Store(stack.backend, stack.name);
    const keeper = new Keeper(store, cache, options.preview, options.clearPendingCreates);
    return await new Operation(stack, options, emit, keeper, programConfig(stack, crypter)).run();
  } finally {
    await lock?.release();
  }
}

class Operation {
  readonly #stack: Stack;
  readonly #options: OperationOptions;
  readonly #emit: Emit;
  readonly #keeper: Keeper;
  readonly #config: ProgramConfig;
  readonly #counter = new Counter();
  readonly #started = new Date();
  readonly #stops: (() => void)[] = [];
  #terminate: () => void = () => undefined;
  #interrupts = 0;
  #failed = false;
  #schemas: ReadonlyMap<string, string> = new Map();

  constructor(stack: Stack, options: OperationOptions, emit: Emit, keeper: Keeper, config: ProgramConfig) {
    this.#stack = stack;
    this.#options = options;
    this.#emit = emit;
    this.#keeper = keeper;
    this.#config = config;
  }

  async run(): Promise<OperationResult> {
    this.#announce();
    const server = createServer();
    const log = engineImplementation((line) => {
      const stream = line.ephemeral ? "status" : undefined;
      this.#emit({ kind: "diagnostic", diagnostic: { ...line, urn: line.urn || this.#stackUrn }, stream });
    });
    server.addService(engineService.EngineService, log);
    const engine = await listen(server);
    const { project, env } = this.#stack;
    const providers = new Registry({ project, engine, env, onOutput: this.#onOutput }, this.#options.preview);
    const onInterrupt = () => this.#interrupt(providers);
    process.on("SIGINT", onInterrupt).on("SIGTERM", onInterrupt);
    this.#keeper.start();
    try {
      await this.#perform(providers, engine);
      this.#keeper.finish();
    } finally {
      this.#keeper.stop();
      await providers.close();
      server.forceShutdown();
      process.off("SIGINT", onInterrupt).off("SIGTERM", onInterrupt);
    }
    return this.#conclude();
  }

  get #stackUrn(): string {
    const { project, stack } = this.#stack.name;
    return makeUrn(stack, project, "", stackType, `${project}-${stack}`);
  }

  readonly #onOutput = (message: string): void => {
    this.#emit({
      kind: "diagnostic",
      diagnostic: { severity: "info", urn: this.#stackUrn, message },
      stream: "program",
    });
  };

  #announce(): void {
    const { notice, pendingBefore } = this.#keeper;
    if (notice !== undefined) this.#emit(diagnosticEvent("warning", "", notice));
    this.#emit({ kind: "prelude", config: this.#config.values });
    if (pendingBefore.length === 0 || this.#options.kind === "refresh" || this.#options.preview) return;
    const lines = pendingBefore.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`);
    const text =
      `Attempting to deploy or update resources with ${pendingBefore.length} pending operations from previous deployment.\n` +
      `${lines.join("")}It is not known whether they were carried out. Look at the resources themselves, then repair the ` +
      "stack with `refresh`; `refresh --clear-pending-creates` forgets creations that came to nothing.";
    this.#emit(diagnosticEvent("warning", "", text));
  }

  #planOf(resources: readonly Resource[], providers: Registry): Plan {
    const { project, stack } = this.#stack.name;
    const report: Plan["report"] = (diagnostic) => this.#emit({ kind: "diagnostic", diagnostic });
    return new Plan({ base: new Base(resources), project, stack, providers, options: this.#options, report });
  }

  async #perform(providers: Registry, engine: string): Promise<void> {
    const { kind, refreshFirst } = this.#options;
    if (kind === "refresh" || refreshFirst) {
      await this.#refresh(providers);
      if (kind === "refresh" || this.#failed || this.#interrupts > 0) return;
    }
    await this.#deploy(providers, engine);
  }

  async #refresh(providers: Registry): Promise<void> {
    const plan = this.#planOf(this.#keeper.snapshot.resources, providers);
    const refreshed = await refresh({
      plan,
      parallel: this.#options.parallel,
      emit: this.#emit,
      counter: this.#options.kind === "refresh" ? this.#counter : undefined,
      onExecutor: (executor) => this.#stops.push(() => executor.stop()),
    });
    this.#failed = refreshed.failed || plan.errored;
    this.#keeper.rebase(refreshed.resources);
  }

  async #deploy(providers: Registry, engine: string): Promise<void> {
    const { kind, parallel, preview, continueOnError, client } = this.#options;
    const plan = this.#planOf(this.#keeper.snapshot.resources, providers);
    const { snapshot } = this.#keeper;
    const counter = this.#counter;
    const deployment = new Deployment({ plan, snapshot, parallel, continueOnError, emit: this.#emit, counter });
    this.#stops.push(() => deployment.stop());
    this.#terminate = () => deployment.terminate();
    if (kind === "destroy") {
      refuseUnknownTargets(plan);
      await deployment.finish();
    } else if (kind === "import") {
      await this.#import(plan, deployment);
    } else {
      const [stack, config, onOutput] = [this.#stack, this.#config, this.#onOutput];
      await runProgram({ stack, config, deployment, providers, engine, preview, parallel, client, onOutput });
      if (!deployment.hasFailed) refuseUnknownTargets(plan, plan.urns);
    }
    this.#failed = deployment.hasFailed;
  }

  async #import(plan: Plan, deployment: Deployment): Promise<void> {
    const config = this.#config;
    const { imports } = this.#options;
    const register = (pkg: string, version: string) => {
      const stopped = deployment.whenStopped.then(() =>
        Promise.reject(new Error(`the provider ${pkg} is not to be had`)),
      );
      return Promise.race([registerDefault(deployment, config, pkg, version), stopped]);
    };
    try {
      this.#schemas = await importResources({ plan, deployment, imports, registerDefault: register });
    } catch (error) {
      deployment.fail("", error);
    }
    await deployment.finish(false);
  }

  /** The first Ctrl-C lets what is in flight finish; the second ends it. */
  #interrupt(providers: Registry): void {
    this.#interrupts++;
    if (this.#interrupts === 1) {
      const text = "cancelling: waiting for what is in flight to finish; press Ctrl-C again to end it at once";
      this.#emit(diagnosticEvent("warning", "", text));
      for (const stop of this.#stops) stop();
      void providers.cancel();
    } else {
      this.#emit(diagnosticEvent("error", "", "terminated: what was in flight is recorded as pending"));
      this.#terminate();
      killAll("SIGKILL");
    }
  }

  async #conclude(): Promise<OperationResult> {
    const { kind, preview, message } = this.#options;
    const cancelled = this.#interrupts > 0;
    const ended = new Date();
    const result = this.#failed || cancelled ? "failed" : "succeeded";
    const { changes } = this.#counter;
    const summary: Summary = { preview, result, changes, seconds: (ended.getTime() - this.#started.getTime()) / 1000 };
    this.#emit({ kind: "summary", summary });
    if (!preview) {
      const config = configOf(this.#stack.config);
      const times = { startTime: seconds(this.#started), endTime: seconds(ended) };
      await addHistory(this.#stack.backend, this.#stack.name, {
        kind: kind === "import" ? "resource-import" : kind,
        ...times,
        message,
        config,
        result,
        resourceChanges: changes,
      });
    }
    const after = this.#keeper.snapshot.resources;
    return {
      summary,
      before: this.#keeper.before,
      after,
      hasChanges: hasChanges(changes),
      cancelled,
      schemas: this.#schemas,
    };
  }
}
