// A clock that stands still until the test moves it.
import type { Clock } from "../../engine/clock.ts";

export interface StandingClock extends Clock {
  /** Moves on; what comes due on the way is done in order, each at its time. */
  advance(milliseconds: number): void;
  /** Sets the time of day, as an operator or NTP does: what waits goes on waiting as long as it would have. */
  set(now: number): void;
  /** How much waits for its time. */
  readonly pending: number;
}

/** Timers are kept by the millisecond in which they are due, as there may be ten thousand. */
export function standingClock(start = Date.UTC(2026, 0, 1)): StandingClock {
  let [now, elapsed, pending] = [start, 0, 0];
  const due = new Map<number, Set<() => void>>();
  const fire = () => {
    for (const work of due.get(elapsed) ?? []) {
      due.get(elapsed)?.delete(work);
      pending -= 1;
      work();
    }
    due.delete(elapsed);
  };
  return {
    now: () => now,
    after: (delay, work) => {
      const at = elapsed + Math.ceil(Math.max(0, delay));
      const once = () => work();
      const there = due.get(at) ?? new Set();
      due.set(at, there.add(once));
      pending += 1;
      return () => {
        if (due.get(at)?.delete(once)) pending -= 1;
      };
    },
    advance: (milliseconds) => {
      fire();
      for (let left = milliseconds; left > 0; left -= 1) {
        [now, elapsed] = [now + 1, elapsed + 1];
        fire();
      }
    },
    set: (to) => {
      now = to;
    },
    get pending() {
      return pending;
    },
  };
}
