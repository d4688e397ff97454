// How long one create, update or delete may take in all, and the signal that ends it.
import { formatDuration } from "./duration.ts";

export interface Deadline {
  /** Given when the time is up or the host cancels. */
  readonly signal: AbortSignal;
  /** The time allowed and the time gone, for messages: "5 min". */
  readonly allowed: string;
  readonly waited: () => string;
  /** Whether the time is up, or the host has cancelled. */
  readonly over: () => boolean;
  /** Which of the two, and what follows from it, for the end of a message. */
  readonly end: () => string;
  /** Tells the user how far it is, where the host can show that. */
  readonly tell: (progress: string) => void;
}

export function startDeadline(milliseconds: number, cancel?: AbortSignal, tell = (_progress: string) => {}): Deadline {
  const started = performance.now();
  const timeout = AbortSignal.timeout(milliseconds);
  const signal = cancel === undefined ? timeout : AbortSignal.any([timeout, cancel]);
  const allowed = formatDuration(milliseconds);
  return {
    signal,
    allowed,
    waited: () => formatDuration(performance.now() - started),
    over: () => signal.aborted,
    end: () =>
      cancel?.aborted === true ? "the wait was cancelled" : `allowed were ${allowed} (customTimeouts gives more)`,
    tell,
  };
}
