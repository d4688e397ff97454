/** From an operation's name and checked input to its answer: reads from memory, writes through the pipeline. */

import { CloudMapError } from "../api/errors.ts";
import type { Started } from "../api/extensions.ts";
import {
  type Input,
  isOperationName,
  type OperationName,
  type OperationsOf,
  type Output,
  operations,
} from "../api/operations.ts";
import type { Tag } from "../api/tags.ts";
import { known, validator } from "../api/validate.ts";
import { type Asking, authorize } from "./auth/authorizer.ts";
import { type Command, Pipeline } from "./command.ts";
import type { Context } from "./context.ts";
import type { Contexts } from "./contexts.ts";
import type { Draft } from "./draft.ts";
import { Endings } from "./endings.ts";
import { changes, readings, reads, writes } from "./handlers.ts";
import { Head } from "./head.ts";
import { invalidInput } from "./invalid.ts";
import { type Log, logToStderr } from "./log.ts";
import { Nodes } from "./nodes.ts";
import { begin } from "./operation.ts";
import { type Demand, dependsOnState, type Reading, read } from "./reading.ts";
import type { Registry } from "./registry.ts";
import { Retention } from "./retention.ts";
import type { Store } from "./store/store.ts";
import { telling, withTags } from "./tags.ts";
import { Throttled } from "./throttle.ts";

/** How many changes may wait to be stored, half a second's worth: more are told to come back, and so a flood is not kept in memory. */
export const mostWaiting = 5_000;
/** Milliseconds in which those that wait are stored. */
const retryAfter = 1_000;

const validators = new Map(Object.entries(operations).map(([name, { input }]) => [name, validator(input)]));

/** What a dispatcher is given of its node; without it, that of a node which is alone. */
export interface NodeParts {
  readonly head?: Head;
  readonly nodes?: Nodes;
}

export class Dispatcher {
  readonly registry: Registry;
  /** What this node knows of the store's newest revision. */
  readonly head: Head;
  readonly #contexts: Contexts;
  readonly #pipeline: Pipeline;
  readonly #endings: Endings;
  readonly #retention: Retention;

  constructor(
    registry: Registry,
    store: Store,
    contexts: Contexts,
    log: Log = logToStderr,
    { head = new Head(registry, store), nodes = new Nodes("alone") }: NodeParts = {},
  ) {
    this.registry = registry;
    this.head = head;
    this.#contexts = contexts;
    this.#pipeline = new Pipeline(registry, store, head);
    const submit: Dispatcher["submit"] = (run) => this.submit(run);
    this.#endings = new Endings({ registry, contexts, submit, nodes, log });
    this.#retention = new Retention({ registry, submit, nodes, log, most: store.maxWrites / 2 });
  }

  /**
   * Checks an input as it came from outside and whether it may be asked, and answers it: reads at once where memory will
   * do, writes by a promise that is kept when the write is durable; undefined where the operation has no output.
   */
  answer(name: string, raw: unknown, asking: Asking, demand?: Demand): unknown {
    if (!isOperationName(name)) throw new CloudMapError("UnknownOperationException", `There is no operation ${name}.`);
    const input = known(operations[name].input, raw);
    const problems = validators.get(name)?.(input) ?? [];
    if (problems.length > 0) throw invalidInput(problems);
    const checked = input as never; // by the operation's own schema just now
    if (name in reads) return this.#read(name as OperationsOf<"read">, checked, asking, demand);
    if (name in writes) return this.#write(name as OperationsOf<"write">, checked, asking);
    return this.#begin(name as OperationsOf<"operation">, checked, asking);
  }

  /** Refuses what the caller may not do; answers the context in which it may. */
  authorize<N extends OperationName>(name: N, input: Input<N>, asking: Asking): Context {
    const context = this.#contexts.of(asking.caller.account);
    authorize(this.registry, name, input, asking, context);
    return context;
  }

  /** Looks something up for a caller. */
  read<T>(look: () => T, demand?: Demand): T | Promise<T> {
    return read(this.head, look, demand);
  }

  #read<N extends OperationsOf<"read">>(name: N, input: Input<N>, asking: Asking, demand: Demand | undefined): unknown {
    const look = () => {
      asking.looked?.(this.registry.revision);
      const output = this.#look(name, input, asking);
      return asking.include?.has("tags") && telling.has(name)
        ? withTags(output, (arn) => this.#tagsOf(arn, asking))
        : output;
    };
    return read(this.head, look, demand, readings[name] as Reading<unknown>);
  }

  /** What is in memory now, to who may see it. */
  #look<N extends OperationsOf<"read">>(name: N, input: Input<N>, asking: Asking): Output<N> {
    return reads[name](this.registry, input, this.authorize(name, input, asking));
  }

  #tagsOf(ResourceARN: string, asking: Asking): readonly Tag[] | undefined {
    return this.#beside("ListTagsForResource", { ResourceARN }, asking)?.Tags;
  }

  /** What a read would answer; undefined where it would be refused. */
  #beside<N extends OperationsOf<"read">>(name: N, input: Input<N>, asking: Asking): Output<N> | undefined {
    try {
      return this.#look(name, input, asking);
    } catch (error) {
      if (dependsOnState(error)) return undefined;
      throw error;
    }
  }

  async #write<N extends OperationsOf<"write">>(name: N, input: Input<N>, asking: Asking): Promise<Output<N>> {
    const write = writes[name];
    return this.#submit(await this.#authorized(name, input, asking, (draft, context) => write(draft, input, context)));
  }

  async #begin<N extends OperationsOf<"operation">>(name: N, input: Input<N>, asking: Asking): Promise<Started> {
    const change = changes[name];
    const begun = await this.#submit(
      await this.#authorized(name, input, asking, (draft, context) => begin<N>(name, change, draft, input, context)),
    );
    const told = asking.include?.has("operation") ? this.#beside("GetOperation", begun, asking) : undefined;
    return told === undefined ? begun : { ...begun, ...told };
  }

  /** What a caller asks to be done, as a command: whether it may is looked at again where anything has changed since. */
  async #authorized<N extends OperationName, T>(
    name: N,
    input: Input<N>,
    asking: Asking,
    run: (draft: Draft, context: Context) => T,
  ): Promise<Command<T>> {
    const context = await read(this.head, () => this.authorize(name, input, asking));
    const { revision } = this.registry;
    return (draft) => {
      if (this.registry.revision !== revision) this.authorize(name, input, asking);
      return run(draft, context);
    };
  }

  /** Runs a command of a caller's. */
  #submit<T>(run: Command<T>): Promise<T> {
    if (this.#pipeline.waiting >= mostWaiting) throw new Throttled("ThrottlingException", retryAfter);
    return this.submit(run);
  }

  /** Runs a command; its answer is durable. */
  async submit<T>(run: Command<T>): Promise<T> {
    this.head.refuseWhereLost();
    return this.#pipeline.submit(run);
  }

  /** How many operations are under way. */
  get pending(): number {
    return this.#endings.pending;
  }

  /** Takes its share of what is to be done without being asked for, also of what was under way before. */
  resume(): void {
    this.#endings.start();
    this.#retention.start();
  }

  /** Takes no more writes; those that were taken are answered. What is still under way is taken up at the next start. */
  async close(): Promise<void> {
    this.#endings.stop();
    this.#retention.stop();
    await this.#pipeline.close();
  }
}
