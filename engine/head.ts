/** The head: how a node makes sure that it has seen what any node has acknowledged, and knows since when it cannot. */
import { CloudMapError } from "../api/errors.ts";
import { inTime } from "./deadline.ts";
import type { Registry } from "./registry.ts";
import { type Store, StoreError } from "./store/store.ts";

export interface HeadOptions {
  /** Milliseconds from one look at the store to the next; it is waited for twice as long, and is lost after three. */
  readonly pace?: number;
  /** Told when the store is lost, and, with undefined, when it is there again. */
  readonly changed?: (lost: Lost | undefined) => void;
}

/** That a node does not know to be current. */
export interface Lost {
  /** The last moment of which it knows everything, as ISO 8601 has it. */
  readonly since: string;
  readonly reason: string;
}

export interface Lag {
  /** How many revisions are known to be there and not here. */
  readonly revisions: number;
  /** Seconds since the last moment of which everything is known. */
  readonly seconds: number;
}

const defaultPace = 1_000;

export class Head {
  /** Looks at the store by how they ended: `confirmed`, or `failed`. */
  readonly looks = { confirmed: 0, failed: 0 };
  readonly #registry: Registry;
  readonly #store: Pick<Store, "head">;
  readonly #pace: number;
  readonly #changed: (lost: Lost | undefined) => void;
  /** The question that is under way, and the one that will be asked after it: for all who come in the meantime. */
  #asking: Promise<number> | undefined;
  #next: Promise<number> | undefined;
  #newest = 0;
  /** The last moment of which everything is known: by a clock that nobody sets, and for people. */
  #current = { at: performance.now(), date: Date.now() };
  #lost: Lost | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry, store: Pick<Store, "head">, { pace = defaultPace, changed }: HeadOptions = {}) {
    this.#registry = registry;
    this.#store = store;
    this.#pace = pace;
    this.#changed = changed ?? (() => {});
  }

  get revision(): number {
    return this.#registry.revision;
  }

  get lost(): Lost | undefined {
    return this.#lost;
  }

  get lag(): Lag {
    const milliseconds = performance.now() - this.#current.at;
    return {
      revisions: Math.max(0, this.#newest - this.#registry.revision),
      seconds: Math.round(Math.max(0, milliseconds - this.#pace)) / 1000, // within the pace it is as current as can be
    };
  }

  /** Looks at the store again and again, so that a lag is known before anybody asks. */
  start(): void {
    this.#timer = setInterval(() => void this.#look().catch(() => {}), this.#pace);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Waits until the registry has everything that any node has acknowledged before the call, and answers at which revision
   * that was; throws a ServiceUnavailable where it cannot be told in time, and at once while the store is lost.
   */
  async catchUp(): Promise<number> {
    if (this.#lost !== undefined) throw unsure(this.#lost);
    return this.#look();
  }

  /** Refuses changes while the store is lost: they would wait for it in vain. */
  refuseWhereLost(): void {
    if (this.#lost === undefined) return;
    throw new CloudMapError(
      "ServiceUnavailable",
      `This node has not reached its store since ${this.#lost.since}, and takes no changes; try again, or ask another node.`,
    );
  }

  async #look(): Promise<number> {
    const [at, date] = [performance.now(), Date.now()];
    try {
      const revision = await this.#ask();
      if (!(await this.#registry.reached(revision, 2 * this.#pace))) throw new Error(this.#behind());
      this.looks.confirmed += 1;
      if (at > this.#current.at) this.#current = { at, date };
      this.#find();
      return revision;
    } catch (error) {
      this.looks.failed += 1;
      const reason = error instanceof Error ? error.message : String(error);
      const missed = { since: new Date(this.#current.date).toISOString(), reason };
      if (performance.now() - this.#current.at > 3 * this.#pace) this.#lose(missed);
      throw unsure(missed);
    }
  }

  #behind(): string {
    return `the store is at revision ${this.#newest}, and its changes have come up to ${this.#registry.revision} only`;
  }

  /** A question that is under way may have been asked too early for who comes now; one that is not asked yet serves all. */
  #ask(): Promise<number> {
    if (this.#asking === undefined) return this.#begin();
    const begin = () => this.#begin();
    this.#next ??= this.#asking.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<number> {
    this.#next = undefined;
    const patience = 2 * this.#pace;
    const late = () => new StoreError("unreachable", `the store has not answered within ${patience} milliseconds`);
    const asking = inTime(this.#store.head(), patience, late).then((revision) => {
      this.#newest = Math.max(this.#newest, revision);
      return revision;
    });
    this.#asking = asking;
    const end = () => {
      if (this.#asking === asking) this.#asking = undefined;
    };
    asking.then(end, end);
    return asking;
  }

  #lose(lost: Lost): void {
    if (this.#lost !== undefined) return;
    this.#lost = lost;
    this.#changed(lost);
  }

  #find(): void {
    if (this.#lost === undefined) return;
    this.#lost = undefined;
    this.#changed(undefined);
  }
}

function unsure({ since, reason }: Lost): CloudMapError {
  return new CloudMapError(
    "ServiceUnavailable",
    `This node cannot make sure that it knows everything; it last could at ${since}: ${reason}. Try again, or ask another node.`,
  );
}
