/** Retention: operations that ended long ago are forgotten, by one of the nodes. */
import type { Command } from "./command.ts";
import { causeOf, type Log } from "./log.ts";
import type { Nodes } from "./nodes.ts";
import { forget, keptOperations } from "./operation.ts";
import type { Registry } from "./registry.ts";
import type { Write } from "./store/store.ts";

export interface RetentionOptions {
  readonly registry: Registry;
  readonly submit: <T>(run: Command<T>) => Promise<T>;
  readonly nodes: Nodes;
  readonly log: Log;
  /** The most that one transaction takes. */
  readonly most: number;
}

/** How many operations beyond those that are kept gather before the oldest are forgotten, these many at once. */
const forgottenAtOnce = 1_000;

export class Retention {
  readonly #options: RetentionOptions;
  #forgetting = false;
  #stopped = false;
  #leave = () => {};

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#leave = this.#options.registry.listen((writes) => this.#follow(writes));
  }

  stop(): void {
    this.#stopped = true;
    this.#leave();
  }

  /** Two nodes that do it at once take out the same ones, the oldest: it is done once all the same. */
  #follow(writes: readonly Write[]): void {
    const { registry, submit, nodes, log, most } = this.#options;
    if (this.#forgetting || registry.operations.size < keptOperations + forgottenAtOnce) return;
    if (!writes.some(({ key }) => key.startsWith("operation/")) || !nodes.isMine("retention")) return;
    this.#forgetting = true;
    submit((draft) => forget(draft, Math.min(forgottenAtOnce, most)))
      .catch((error: unknown) => {
        if (this.#stopped) return;
        log("warn", "old operations are not forgotten; it is tried again with the next", causeOf(error));
      })
      .finally(() => {
        this.#forgetting = false;
      });
  }
}
