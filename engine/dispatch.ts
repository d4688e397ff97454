/** From an operation's name and checked input to its answer: reads from memory, writes through the pipeline. */

import { CloudMapError } from "../api/errors.ts";
import { type Input, isOperationName, type OperationName, type OperationsOf, operations } from "../api/operations.ts";
import { known, validator } from "../api/validate.ts";
import { type Asking, authorize } from "./auth/authorizer.ts";
import { type Command, Pipeline } from "./command.ts";
import type { Context } from "./context.ts";
import type { Contexts } from "./contexts.ts";
import { changes, reads, writes } from "./handlers.ts";
import { invalidInput } from "./invalid.ts";
import { type Log, logToStderr } from "./log.ts";
import { begin, type Change, end, forget, keptOperations } from "./operation.ts";
import type { Registry } from "./registry.ts";
import type { Store } from "./store/store.ts";
import { Throttled } from "./throttle.ts";

/** How many operations beyond those that are kept gather before the oldest are forgotten, these many at once. */
const forgottenAtOnce = 1_000;

/** How many changes may wait to be stored, half a second's worth: more are told to come back, and so a flood is not kept in memory. */
export const mostWaiting = 5_000;
/** Milliseconds in which those that wait are stored. */
const retryAfter = 1_000;

type AnyChange = Change<OperationsOf<"operation">>;

const validators = new Map(Object.entries(operations).map(([name, { input }]) => [name, validator(input)]));

export class Dispatcher {
  readonly registry: Registry;
  readonly #contexts: Contexts;
  readonly #context: Context;
  readonly #pipeline: Pipeline;
  readonly #mostWrites: number;
  readonly #log: Log;
  readonly #timers = new Set<NodeJS.Timeout>();
  #forgetting = false;
  #closed = false;

  constructor(registry: Registry, store: Store, contexts: Contexts, log: Log = logToStderr) {
    this.registry = registry;
    this.#contexts = contexts;
    this.#context = contexts.of(contexts.home);
    this.#log = log;
    this.#mostWrites = store.maxOperations / 2;
    this.#pipeline = new Pipeline(registry, store);
  }

  /**
   * Checks an input as it came from outside and whether it may be asked, and answers it: reads at once, writes by a promise that is kept when the
   * write is durable; undefined where the operation has no output.
   */
  answer(name: string, raw: unknown, asking: Asking): unknown {
    if (!isOperationName(name)) throw new CloudMapError("UnknownOperationException", `There is no operation ${name}.`);
    const input = known(operations[name].input, raw);
    const problems = validators.get(name)?.(input) ?? [];
    if (problems.length > 0) throw invalidInput(problems);
    const context = this.authorize(name, input as never, asking); // checked by the operation's own schema just now
    return this.#run(name, input as never, context);
  }

  /** Refuses what the caller may not do; answers the context in which it may. */
  authorize<N extends OperationName>(name: N, input: Input<N>, asking: Asking): Context {
    const context = this.#contexts.of(asking.caller.account);
    authorize(this.registry, name, input, asking, context);
    return context;
  }

  #run<N extends OperationName>(name: N, input: Input<N>, context: Context): unknown {
    if (name in reads) return reads[name as OperationsOf<"read">](this.registry, input as never, context);
    if (name in writes) {
      const write = writes[name as OperationsOf<"write">];
      return this.#submit((draft) => write(draft, input as never, context));
    }
    return this.#begin(name as OperationsOf<"operation">, input as never, context);
  }

  /** Runs a command of a caller's. */
  #submit<T>(run: Command<T>): Promise<T> {
    if (this.#pipeline.waiting >= mostWaiting) throw new Throttled("ThrottlingException", retryAfter);
    return this.#pipeline.submit(run);
  }

  /** Runs a command of the engine's own. */
  submit<T>(run: Command<T>): Promise<T> {
    return this.#pipeline.submit(run);
  }

  async #begin(
    name: OperationsOf<"operation">,
    input: Input<OperationsOf<"operation">>,
    context: Context,
  ): Promise<{ OperationId: string }> {
    const change = changes[name] as AnyChange; // the table has, for each name, the change that takes its input
    const answer = await this.#submit((draft) => begin(name, change, draft, input, context));
    if (context.operationDelay > 0) this.#endLater(answer.OperationId, change, context);
    this.#forgetOld();
    return answer;
  }

  /** How many operations are under way. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Takes up the operations that were under way when the engine stopped. */
  resume(): void {
    for (const { Id, CreateDate, Request } of this.registry.operations.values()) {
      if (Request === undefined) continue;
      const left = CreateDate * 1000 + this.#context.operationDelay - this.#context.now();
      const context = this.#contexts.of(Request.Account ?? this.#contexts.home);
      this.#endLater(Id, changes[Request.Operation] as AnyChange, context, Math.max(0, left));
    }
  }

  /** Until it is stored; what keeps it from that is told once. */
  #endLater(id: string, change: AnyChange, context: Context, delay = context.operationDelay, isFirst = true): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#pipeline
        .submit((draft) => end(change, draft, id, context))
        .catch((error: unknown) => {
          if (isFirst) this.#tell(`operation ${id} cannot be ended yet; it is tried again every second`, error);
          this.#endLater(id, change, context, 1_000, false);
        });
    }, delay);
    this.#timers.add(timer);
  }

  #forgetOld(): void {
    if (this.#forgetting || this.registry.operations.size < keptOperations + forgottenAtOnce) return;
    this.#forgetting = true;
    this.#pipeline
      .submit((draft) => forget(draft, Math.min(forgottenAtOnce, this.#mostWrites)))
      .catch((error: unknown) => this.#tell("old operations are not forgotten; it is tried again with the next", error))
      .finally(() => {
        this.#forgetting = false;
      });
  }

  #tell(trouble: string, error: unknown): void {
    if (this.#closed) return;
    const cause = (error instanceof CloudMapError && error.cause) || error;
    this.#log("warn", trouble, { cause: cause instanceof Error ? cause.stack : String(cause) });
  }

  /** Takes no more writes; those that were taken are answered. What is still under way is taken up at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#pipeline.close();
  }
}
