// What many callers ask one after another, asked once: each answer is taken for what is there for a while.

interface Snapshot<T> {
  readonly takenAt: number;
  readonly answer: Promise<T>;
}

/** Milliseconds: a thousand lookups in a row share a few lists. */
const freshFor = 30_000;

export class Snapshots<T> {
  readonly #ask: (key: string) => Promise<T>;
  readonly #now: () => number;
  readonly #taken = new Map<string, Snapshot<T>>();

  constructor(ask: (key: string) => Promise<T>, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  get(key: string): Promise<T> {
    const last = this.#taken.get(key);
    if (last !== undefined && this.#now() - last.takenAt < freshFor) return last.answer;
    const next: Snapshot<T> = { takenAt: this.#now(), answer: this.#ask(key) };
    this.#taken.set(key, next);
    next.answer.catch(() => this.#forget(key, next)); // the next caller tries again
    return next.answer;
  }

  #forget(key: string, snapshot: Snapshot<T>): void {
    if (this.#taken.get(key) === snapshot) this.#taken.delete(key);
  }
}
