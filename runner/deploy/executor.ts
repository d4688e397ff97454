// Runs chains of steps: the steps of a chain one after the other, as many chains at once as allowed.

import type { Step } from "./step.ts";

export type RunStep = (step: Step) => Promise<boolean>;

export class Executor {
  readonly #limit: number;
  readonly #run: RunStep;
  readonly #waiting: (() => void)[] = [];
  readonly #chains = new Set<Promise<void>>();
  #busy = 0;
  /** No step starts any more; those in flight finish. */
  #stopped = false;
  readonly #onStop = Promise.withResolvers<void>();

  constructor(limit: number, run: RunStep) {
    this.#limit = limit;
    this.#run = run;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves once no further step is started. */
  get whenStopped(): Promise<void> {
    return this.#onStop.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#onStop.resolve();
  }

  /** Resolves when the chain has ended, well or not. */
  execute(chain: readonly Step[]): Promise<void> {
    const running = this.#executeChain(chain);
    this.#chains.add(running);
    void running.finally(() => this.#chains.delete(running));
    return running;
  }

  async executeAll(steps: readonly Step[]): Promise<void> {
    await Promise.all(steps.map((step) => this.execute([step])));
  }

  async idle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.allSettled(this.#chains);
  }

  async #executeChain(chain: readonly Step[]): Promise<void> {
    await this.#enter();
    try {
      for (const step of chain) {
        if (this.#stopped || !(await this.#run(step))) return;
      }
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#busy < this.#limit) this.#busy++;
    else await new Promise<void>((proceed) => this.#waiting.push(proceed));
  }

  // A place is handed over rather than freed, so that nobody slips in before those who wait.
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy--;
    else next();
  }
}
