/** When each probe's time comes: once an interval, spread by chance, and so many at a time. */
import type { Clock } from "../clock.ts";

/** Starts a piece of work, and calls `done` when it is over, now or later; the returned function gives up. */
export type Work = (done: () => void) => () => void;

export interface ScheduleOptions {
  readonly clock: Clock;
  /** Milliseconds from the start of one round to that of the next. */
  readonly interval: number;
  /** The most that are under way at once. */
  readonly most: number;
  /** From 0 to 1, as Math.random. */
  readonly random: () => number;
}

interface Entry {
  readonly work: Work;
  due: number;
  rounds: number;
  /** Takes it out of where it is: waiting for its time, for a place, or under way. */
  leave: () => void;
}

/** "Health checkers don't coordinate": each period is this much longer or shorter than the interval, at most. */
const jitter = 0.1;
/** What is new waits no longer than this for its first round, in milliseconds: its owner is looking. */
const newPatience = 1_000;
const fewest = 64;

export class Schedule {
  /** How many are under way. */
  inFlight = 0;
  /** How many began more than an interval after their time. */
  late = 0;
  readonly #options: ScheduleOptions;
  /** Those whose time has come, and which wait for a place; the first came first. */
  readonly #waiting = new Set<Entry>();
  #most: number;
  #admitting = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#most = options.most;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Does the work once an interval until the returned function is called; what is new, soon. */
  add(work: Work, isNew: boolean): () => void {
    const { clock, interval, random } = this.#options;
    const delay = random() * (isNew ? Math.min(interval, newPatience) : interval);
    const entry: Entry = { work, due: clock.now() + delay, rounds: isNew ? 0 : 1, leave: () => {} };
    this.#await(entry);
    return () => entry.leave();
  }

  /** This machine cannot do as many at once: it lacks files, ports or memory. */
  shrink(): void {
    this.#most = Math.max(fewest, Math.floor(Math.min(this.#most, this.inFlight) / 2));
  }

  /** It can do one more again. */
  grow(): void {
    if (this.#most < this.#options.most) this.#most += 1;
  }

  /** At most a period, since the time of day may have been set back. */
  #await(entry: Entry): void {
    const { clock, interval } = this.#options;
    const delay = Math.min(Math.max(0, entry.due - clock.now()), interval * (1 + jitter));
    entry.leave = clock.after(delay, () => {
      this.#waiting.add(entry);
      entry.leave = () => void this.#waiting.delete(entry);
      this.#admit();
    });
  }

  #admit(): void {
    if (this.#admitting) return; // work that is over at once comes back to here
    this.#admitting = true;
    for (const entry of this.#waiting) {
      if (this.inFlight >= this.#most) break;
      this.#waiting.delete(entry);
      this.#start(entry);
    }
    this.#admitting = false;
  }

  #start(entry: Entry): void {
    const started = this.#options.clock.now();
    if (started - entry.due > this.#options.interval) this.late += 1;
    this.inFlight += 1;
    let over = false;
    const end = (again: boolean) => {
      if (over) return;
      over = true;
      this.inFlight -= 1;
      if (again) this.#next(entry, started);
      this.#admit();
    };
    const giveUp = entry.work(() => end(true));
    if (over) return;
    entry.leave = () => {
      giveUp();
      end(false);
    };
  }

  /** After its first round, what is new takes its place anywhere in the interval, so that what came together is spread. */
  #next(entry: Entry, started: number): void {
    const { interval, random } = this.#options;
    const share = entry.rounds === 0 ? random() : 1 + jitter * (2 * random() - 1);
    entry.rounds += 1;
    entry.due = started + share * interval;
    this.#await(entry);
  }
}
