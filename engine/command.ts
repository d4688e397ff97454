/**
 * The pipeline of writes: a command is a function that drafts changes or refuses; commands that wait together are
 * committed together; each is answered when the registry has applied its commit.
 */
import { setImmediate } from "node:timers/promises";
import { CloudMapError } from "../api/errors.ts";
import { Draft, NextBatch } from "./draft.ts";
import { Head } from "./head.ts";
import type { Registry } from "./registry.ts";
import { type Store, StoreError } from "./store/store.ts";

/** What a write does: reads and drafts, and answers; or throws a CloudMapError, and then nothing of it remains. */
export type Command<T> = (draft: Draft) => T;

interface Queued {
  readonly run: Command<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Whether the registry has caught up since it was submitted: then whatever it comes to is so. */
  readonly sure: boolean;
}

/** What a command came to in a draft: kept back until the draft is committed, since it may depend on it. */
type Verdict = ({ readonly answer: unknown } | { readonly error: unknown }) & {
  /** Whether it writes nothing: then no compare in the store says that what it saw is still so. */
  readonly idle: boolean;
};

/** The most commands of one commit: at this size the cost of a sync is spread thin, and no answer waits long for others. */
const maxBatch = 256;
/** How often a command that loses against other nodes is tried before it gives up. */
const maxAttempts = 20;
/** How long an answer waits until the registry has what was committed, in milliseconds. */
const patience = 10_000;

export class Pipeline {
  readonly #registry: Registry;
  readonly #store: Store;
  readonly #head: Head;
  #queue: Queued[] = [];
  #working: Promise<void> | undefined;
  /** Commands that wait until it is known whether what they saw was all. */
  readonly #doubted = new Set<Promise<void>>();
  #doubts = 0;
  #closed = false;

  constructor(registry: Registry, store: Store, head: Head = new Head(registry, store)) {
    this.#registry = registry;
    this.#store = store;
    this.#head = head;
  }

  /** How many commands are not begun, or wait to be run again. */
  get waiting(): number {
    return this.#queue.length + this.#doubts;
  }

  /** Runs a command; its answer is durable. */
  submit<T>(run: Command<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CloudMapError("ServiceUnavailable", "The engine is stopping."));
    return new Promise<T>((resolve, reject) => {
      this.#add([{ run, resolve: resolve as (answer: unknown) => void, reject, sure: false }]); // run's answer is a T
    });
  }

  #add(commands: readonly Queued[]): void {
    this.#queue.push(...commands);
    this.#working ??= this.#work();
  }

  /** Takes no more commands, and waits for those that it has. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#working !== undefined || this.#doubted.size > 0) {
      await Promise.all([this.#working, ...this.#doubted]);
    }
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
    const seen = this.#registry.revision;
    const { draft, verdicts } = this.#draft(commands);
    const taken = commands.slice(0, verdicts.length);
    const rest = commands.slice(verdicts.length);
    const doubts = doubtful(taken, verdicts);
    const newest = doubts.size > 0 ? this.#head.catchUp() : undefined;
    newest?.catch(() => {}); // it is looked at once the others are committed
    try {
      const outcome = draft.isEmpty ? { committed: seen } : await this.#store.commit(draft.transaction());
      await this.#reached("committed" in outcome ? outcome.committed : outcome.conflict);
      if ("conflict" in outcome) return [...(await this.#retry(taken, attempt)), ...rest];
      settle(taken, verdicts, doubts);
      if (newest !== undefined) this.#confirm(doubts, seen, newest);
    } catch (error) {
      if (isLarge(error) && taken.length > 1) return [...(await this.#halves(taken, attempt)), ...rest];
      const failure = unstored(error);
      for (const { reject } of taken) reject(failure);
    }
    return rest;
  }

  async #reached(revision: number): Promise<void> {
    if (await this.#registry.reached(revision, patience)) return;
    throw new StoreError(
      "unknown",
      `this node has not heard of revision ${revision}, in which it may be, within ${patience / 1000} seconds`,
    );
  }

  /** What was seen before all was known is looked at again; what nobody has changed since is so. */
  #confirm(doubts: ReadonlyMap<Queued, Verdict>, seen: number, newest: Promise<number>): void {
    const confirmed = newest.then(
      (revision) => {
        if (revision > seen) this.#add([...doubts.keys()].map((command) => ({ ...command, sure: true })));
        else for (const [command, verdict] of doubts) give(command, verdict);
      },
      (error) => {
        for (const { reject } of doubts.keys()) reject(error);
      },
    );
    const ended = confirmed.finally(() => {
      this.#doubted.delete(ended);
      this.#doubts -= doubts.size;
    });
    this.#doubted.add(ended);
    this.#doubts += doubts.size;
  }

  #draft(commands: readonly Queued[]): { draft: Draft; verdicts: Verdict[] } {
    const draft = new Draft(this.#registry);
    const verdicts: Verdict[] = [];
    for (const { run } of commands) {
      const own = new Draft(this.#registry, draft);
      const verdict = attempt(run, own);
      const full = verdicts.length > 0 && !draft.fits(own, this.#store);
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
    return this.#halves(commands, attempt + 1);
  }

  async #halves(commands: readonly Queued[], attempt: number): Promise<readonly Queued[]> {
    const middle = Math.ceil(commands.length / 2);
    const left = await this.#commit(commands.slice(0, middle), attempt);
    const right = await this.#commit(commands.slice(middle), attempt);
    return [...left, ...right];
  }
}

/** The store takes each of the commands, but not all at once. */
function isLarge(error: unknown): boolean {
  return error instanceof StoreError && error.failure === "large";
}

/** Runs a command in a draft of its own; undefined: it must wait for the next batch. */
function attempt(run: Command<unknown>, draft: Draft): Verdict | undefined {
  try {
    const answer = run(draft);
    return { answer, idle: draft.isEmpty };
  } catch (error) {
    return error instanceof NextBatch ? undefined : { error, idle: true };
  }
}

/** Refusals, and answers without a write, of commands that may have missed what other nodes have acknowledged. */
function doubtful(commands: readonly Queued[], verdicts: readonly Verdict[]): ReadonlyMap<Queued, Verdict> {
  const doubts = new Map<Queued, Verdict>();
  for (const [index, verdict] of verdicts.entries()) {
    const command = commands[index];
    if (command !== undefined && verdict.idle && !command.sure) doubts.set(command, verdict);
  }
  return doubts;
}

function settle(commands: readonly Queued[], verdicts: readonly Verdict[], doubts: ReadonlyMap<Queued, Verdict>): void {
  for (const [index, verdict] of verdicts.entries()) {
    const command = commands[index];
    if (command !== undefined && !doubts.has(command)) give(command, verdict);
  }
}

function give({ resolve, reject }: Queued, verdict: Verdict): void {
  if ("answer" in verdict) resolve(verdict.answer);
  else reject(verdict.error);
}

/** What a client is told when its change could not be stored, or may not have been. */
function unstored(error: unknown): Error {
  if (error instanceof StoreError && error.failure === "unknown") {
    return new CloudMapError(
      "ServiceUnavailable",
      `It is not known whether the change was stored: ${error.message}. Try again, or ask another node.`,
    );
  }
  const reason = error instanceof StoreError ? error.message : "see the engine's log";
  return new CloudMapError("ServiceUnavailable", `The change was not stored: ${reason}`, {}, { cause: error });
}
