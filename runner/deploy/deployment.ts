// One deployment: takes what the program asks for, plans it in turn, runs it in parallel, and then deletes the rest.

import { messageOf } from "../failure.ts";
import { unavailable } from "../rpc/server.ts";
import { dependenciesOf, type Resource } from "../state/resource.ts";
import type { Commit, Snapshot } from "../state/snapshot.ts";
import { isStackUrn } from "../state/urn.ts";
import type { Properties } from "../value/value.ts";
import { applyStep, markSecrets, ProtectedError, pendingTypeOf } from "./apply.ts";
import { planDeletes } from "./deletes.ts";
import type { Counter, Emit } from "./event.ts";
import { diagnosticEvent, isHidden } from "./event.ts";
import { Executor } from "./executor.ts";
import type { Answer, Goal, Outcome, ReadGoal } from "./goal.ts";
import { type Plan, Reported } from "./plan.ts";
import { beginRegistration, needsImport, planRead, planRegistration } from "./planner.ts";
import { type Registration, resourceOf } from "./registration.ts";
import { isLogical, type Step, subjectOf } from "./step.ts";

export interface DeploymentContext {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly parallel: number;
  readonly continueOnError: boolean;
  readonly emit: Emit;
  readonly counter: Counter;
}

export class Deployment {
  readonly #plan: Plan;
  readonly #snapshot: Snapshot;
  readonly #context: DeploymentContext;
  readonly #executor: Executor;
  readonly #aborted = Promise.withResolvers<never>();
  /** Registered resources whose outputs may still come. */
  readonly #open = new Map<string, Step>();
  readonly #erroredUrns = new Set<string>();
  readonly #erroredSteps: Step[] = [];
  #turn: Promise<void> = Promise.resolve();
  #stackOutputs: { readonly urn: string; readonly outputs: Properties } | undefined;
  #failed = false;
  #terminated = false;

  constructor(context: DeploymentContext) {
    this.#context = context;
    this.#plan = context.plan;
    this.#snapshot = context.snapshot;
    this.#executor = new Executor(context.parallel, (step) => this.#runStep(step));
    this.#aborted.promise.catch(() => undefined);
  }

  get hasFailed(): boolean {
    return this.#failed || this.#plan.errored;
  }

  /** Resolves once the deployment starts nothing more, because of a failure or a cancellation. */
  get whenStopped(): Promise<void> {
    return this.#executor.whenStopped;
  }

  get isStopped(): boolean {
    return this.#executor.stopped;
  }

  idle(): Promise<void> {
    return this.#executor.idle();
  }

  register(goal: Goal): Promise<Outcome> {
    return this.#answered(goal.name, async (answer) => {
      const registration = beginRegistration(this.#plan, goal, answer);
      if (needsImport(registration)) return this.#import(registration);
      this.#execute(await planRegistration(this.#plan, registration));
    });
  }

  read(goal: ReadGoal): Promise<Outcome> {
    return this.#answered(goal.name, async (answer) => this.#execute(planRead(this.#plan, goal, answer)));
  }

  registerOutputs(urn: string, outputs: Properties): void {
    if (this.#executor.stopped) throw unavailable();
    // Kept until the end: only then is it known whether an output that is missing was removed or not reached.
    if (isStackUrn(urn)) this.#stackOutputs = { urn, outputs };
    else this.#setOutputs(urn, outputs);
  }

  /** Starts nothing more; what is in flight finishes, then the program's open calls are turned away. */
  stop(): void {
    this.#executor.stop();
    void this.#executor.idle().then(() => this.#aborted.reject(unavailable()));
  }

  /** What is in flight is cut off: whether it was carried out is not known, so it stays pending. */
  terminate(): void {
    this.#terminated = true;
    this.stop();
  }

  /** For errors that the program has logged itself. */
  failSilently(): void {
    this.#failed = true;
    this.stop();
  }

  fail(urn: string, error: unknown): void {
    const told = this.#failed && this.#executor.stopped;
    this.#failed = true;
    if (!told && !(error instanceof Reported)) this.#context.emit(diagnosticEvent("error", urn, messageOf(error)));
    this.stop();
  }

  /** Steps that no program asks for: the groups one after the other, the steps of a group at once. */
  async carryOut(groups: readonly (readonly Step[])[]): Promise<void> {
    for (const group of groups) await this.#executor.executeAll(group);
  }

  /** Deletes what the program no longer has, if there is one and nothing failed, and settles the stack's outputs. */
  async finish(hasProgram = true): Promise<void> {
    await this.#turn;
    await this.#executor.idle();
    if (hasProgram && !this.#failed && !this.#executor.stopped)
      await this.#deleteRest().catch((error: unknown) => this.fail("", error));
    await this.#executor.idle();
    this.#settleStackOutputs();
  }

  // Planning is serial, as the CLI's is: what is decided for one resource is known when the next is planned.
  #answered(name: string, plan: (answer: Answer) => Promise<void>): Promise<Outcome> {
    if (this.#executor.stopped) return Promise.reject(unavailable());
    const outcome = Promise.withResolvers<Outcome>();
    this.#turn = this.#turn.then(async () => {
      if (this.#executor.stopped) return;
      try {
        await plan(outcome.resolve);
      } catch (error) {
        this.fail(this.#urnOf(name), error);
      }
    });
    return Promise.race([outcome.promise, this.#aborted.promise]);
  }

  #urnOf(name: string): string {
    return [...this.#plan.urns].findLast((urn) => urn.endsWith(`::${name}`)) ?? "";
  }

  async #import(registration: Registration): Promise<void> {
    const { goal, urn, old, next, answer } = registration;
    this.#plan.imports.add(urn);
    const isReplacement = old !== undefined && !this.#plan.deletes.has(urn);
    const step: Step = isReplacement
      ? { op: "import-replacement", urn, old, new: next, ignoreChanges: goal.ignoreChanges }
      : { op: "import", urn, new: next, ignoreChanges: goal.ignoreChanges };
    await this.#executor.execute(isReplacement ? [step, { op: "replace", urn, old, new: next }] : [step]);
    if (this.#executor.stopped || this.#erroredUrns.has(urn)) return;
    const wanted = { ...resourceOf(goal, urn, next.aliases?.[0]), created: next.created, modified: next.modified };
    this.#execute(await planRegistration(this.#plan, { ...registration, old: next, next: wanted, answer }));
  }

  #execute(steps: readonly Step[]): void {
    const chain = steps.filter((step) => !this.#skipped(step));
    if (chain.length > 0) void this.#executor.execute(chain);
  }

  /** With --continue-on-error, what depends on a failure is left out. */
  #skipped(step: Step): boolean {
    const subject = subjectOf(step);
    if (!dependenciesOf(subject).some(({ urn }) => this.#erroredUrns.has(urn))) return false;
    this.#erroredUrns.add(step.urn);
    step.answer?.({ resource: subject, result: "skipped" });
    return true;
  }

  async #runStep(step: Step): Promise<boolean> {
    const { emit, counter } = this.#context;
    if (!isHidden(step)) emit({ kind: "started", step });
    const type = pendingTypeOf(step);
    const subject = type === "deleting" ? step.old : step.new;
    if (type !== undefined && subject !== undefined) this.#snapshot.begin(subject, type);
    try {
      const { failed } = await applyStep(this.#plan, step);
      this.#record(step, subject);
      if (failed !== undefined) throw new Error(failed.reasons.join("\n"));
    } catch (error) {
      if (subject !== undefined && type !== undefined && !this.#terminated)
        this.#snapshot.commit({ finished: subject });
      emit({ kind: "failed", step, message: messageOf(error) });
      this.#stepFailed(step, error);
      return false;
    }
    counter.count(step);
    if (!isHidden(step)) emit({ kind: "ended", step });
    if (step.new !== undefined)
      step.answer?.({ resource: step.new, result: "success", unknown: step.skippedCreate === true });
    return true;
  }

  #record(step: Step, subject: Resource | undefined): void {
    if (step.new !== undefined && step.op !== "replace") {
      markSecrets(step.new);
      this.#plan.news.set(step.urn, step.new);
    }
    if (isLogical(step) && step.new !== undefined) this.#open.set(step.urn, step);
    const commit = commitOf(step, subject);
    if (commit !== undefined) this.#snapshot.commit(commit);
  }

  #stepFailed(step: Step, error: unknown): void {
    this.#failed = true;
    this.#erroredUrns.add(step.urn);
    this.#erroredSteps.push(step);
    if (!this.#context.continueOnError && !(error instanceof ProtectedError)) this.stop();
    else step.answer?.({ resource: subjectOf(step), result: "failed" });
  }

  #setOutputs(urn: string, outputs: Properties): void {
    const step = this.#open.get(urn);
    if (step === undefined) throw new Error(`cannot complete a resource '${urn}' whose registration isn't pending`);
    this.#open.delete(urn);
    if (step.new === undefined || step.skippedCreate) return;
    this.#snapshot.setOutputs(step.new, outputs);
    this.#context.emit({ kind: "ended", step, byOutputs: true });
  }

  #settleStackOutputs(): void {
    const settled = this.#stackOutputs;
    if (settled === undefined || !this.#open.has(settled.urn)) return;
    const old = this.hasFailed ? this.#plan.base.live.get(settled.urn)?.outputs : undefined;
    this.#setOutputs(settled.urn, { ...old, ...settled.outputs });
  }

  async #deleteRest(): Promise<void> {
    const { sames, groups } = await planDeletes(this.#plan);
    await this.#executor.execute(sames);
    const { graph } = this.#plan.base;
    for (const group of groups) {
      const kept = new Set(
        this.#erroredSteps.flatMap((step) => (step.old === undefined ? [] : [...graph.allDependenciesOf(step.old)])),
      );
      await this.#executor.executeAll(group.filter(({ old }) => old === undefined || !kept.has(old)));
    }
  }
}

/** What a step that went well does to the state. */
function commitOf(step: Step, subject: Resource | undefined): Commit | undefined {
  const finished = subject === undefined ? {} : { finished: subject };
  const { old, new: added } = step;
  switch (step.op) {
    case "same":
    case "update":
    case "read":
      return { ...finished, removed: [old], added: step.skippedCreate ? undefined : added };
    case "create":
    case "create-replacement": {
      const removed = [old?.pendingReplacement ? old : undefined];
      return { ...finished, removed, added, marked: step.pendingDelete ? old : undefined };
    }
    case "import":
    case "import-replacement":
    case "read-replacement":
      return { ...finished, added, marked: old };
    case "replace":
    case "refresh":
      return undefined;
    default: {
      const stays = old?.pendingReplacement === true && step.op !== "remove-pending-replace";
      return { ...finished, removed: stays ? [] : [old], marked: stays ? old : undefined };
    }
  }
}
