/**
 * The pipeline of writes: a command is a function that drafts changes or refuses; commands that wait together are
 * committed together; each is answered when the registry has applied its commit.
 */
import { setImmediate } from "node:timers/promises";
import { CloudMapError } from "../api/errors.ts";
import { Draft, NextBatch } from "./draft.ts";
import type { Registry } from "./registry.ts";
import { type Store, StoreError } from "./store/store.ts";

/** What a write does: reads and drafts, and answers; or throws a CloudMapError, and then nothing of it remains. */
export type Command<T> = (draft: Draft) => T;

interface Queued {
  readonly run: Command<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a command came to in a draft: kept back until the draft is committed, since it may depend on it. */
type Verdict = { readonly answer: unknown } | { readonly error: unknown };

/** The most commands of one commit: at this size the cost of a sync is spread thin, and no answer waits long for others. */
const maxBatch = 256;
/** How often a command that loses against other nodes is tried before it gives up. */
const maxAttempts = 20;

export class Pipeline {
  readonly #registry: Registry;
  readonly #store: Store;
  #queue: Queued[] = [];
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(registry: Registry, store: Store) {
    this.#registry = registry;
    this.#store = store;
  }

  /** How many commands are not begun. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs a command; its answer is durable. */
  submit<T>(run: Command<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CloudMapError("ServiceUnavailable", "The engine is stopping."));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, resolve: resolve as (answer: unknown) => void, reject }); // run's answer is a T
      this.#working ??= this.#work();
    });
  }

  /** Takes no more commands, and waits for those that it has. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    await setImmediate(); // requests that arrived together are committed together
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, maxBatch);
      const postponed = await this.#commit(batch, 1);
      this.#queue.unshift(...postponed);
    }
    this.#working = undefined;
  }

  /** Commits as many of the commands as fit into one transaction, from the first on; answers those that are left. */
  async #commit(commands: readonly Queued[], attempt: number): Promise<readonly Queued[]> {
    const { draft, verdicts } = this.#draft(commands);
    const taken = commands.slice(0, verdicts.length);
    const rest = commands.slice(verdicts.length);
    try {
      const outcome = draft.isEmpty
        ? { committed: this.#registry.revision }
        : await this.#store.commit(draft.transaction());
      await this.#registry.reached("committed" in outcome ? outcome.committed : outcome.conflict);
      if ("committed" in outcome) settle(taken, verdicts);
      else return [...(await this.#retry(taken, attempt)), ...rest];
    } catch (error) {
      const failure = unstored(error);
      for (const { reject } of taken) reject(failure);
    }
    return rest;
  }

  #draft(commands: readonly Queued[]): { draft: Draft; verdicts: Verdict[] } {
    const draft = new Draft(this.#registry);
    const verdicts: Verdict[] = [];
    for (const { run } of commands) {
      const own = new Draft(this.#registry, draft);
      const verdict = attempt(run, own);
      const full = verdicts.length > 0 && draft.size + own.size > this.#store.maxOperations;
      if (verdict === undefined || full) break;
      if ("answer" in verdict) draft.absorb(own);
      else draft.absorbGuards(own);
      verdicts.push(verdict);
    }
    return { draft, verdicts };
  }

  /** After a conflict the registry has caught up: the commands run again, in halves so that one does not spoil the others. */
  async #retry(commands: readonly Queued[], attempt: number): Promise<readonly Queued[]> {
    if (attempt >= maxAttempts) {
      const error = new CloudMapError(
        "ServiceUnavailable",
        "Too many changes of the same resource at once; try again.",
      );
      for (const { reject } of commands) reject(error);
      return [];
    }
    const middle = Math.ceil(commands.length / 2);
    const left = await this.#commit(commands.slice(0, middle), attempt + 1);
    const right = await this.#commit(commands.slice(middle), attempt + 1);
    return [...left, ...right];
  }
}

/** Runs a command in a draft of its own; undefined: it must wait for the next batch. */
function attempt(run: Command<unknown>, draft: Draft): Verdict | undefined {
  try {
    return { answer: run(draft) };
  } catch (error) {
    return error instanceof NextBatch ? undefined : { error };
  }
}

function settle(commands: readonly Queued[], verdicts: readonly Verdict[]): void {
  for (const [index, command] of commands.entries()) {
    const verdict = verdicts[index];
    if (verdict === undefined) continue;
    if ("answer" in verdict) command.resolve(verdict.answer);
    else command.reject(verdict.error);
  }
}

/** What a client is told when its change could not be stored. */
function unstored(error: unknown): Error {
  const reason = error instanceof StoreError ? error.message : "see the engine's log";
  const isOpen = error instanceof StoreError && error.failure === "unreachable";
  const text = isOpen
    ? `It is not known whether the change was stored: ${reason}`
    : `The change was not stored: ${reason}`;
  return new CloudMapError("ServiceUnavailable", text, {}, { cause: error });
}
