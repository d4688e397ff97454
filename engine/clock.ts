/** Time as the engine has it: what it is, and being woken later; a test passes in one that it moves itself. */

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Runs the work once, after some milliseconds, unless the returned function is called before. */
  readonly after: (delay: number, work: () => void) => () => void;
}

/** The most that a timer takes (2^31 - 1 milliseconds, 24 days); it fires at once when it is given more. */
const longest = 2_147_483_647;

export const systemClock: Clock = {
  now: Date.now,
  after: (delay, work) => {
    const timer = setTimeout(work, Math.min(delay, longest));
    return () => clearTimeout(timer);
  },
};
