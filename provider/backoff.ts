// How long to wait between two tries: exponential backoff with full jitter, and a pause that a signal ends.
import { setTimeout as sleep } from "node:timers/promises";

export interface Backoff {
  /** The most that the first pause takes, in milliseconds. */
  readonly first: number;
  /** The most that any pause takes, in milliseconds. */
  readonly cap: number;
}

/** https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/: "Full Jitter". */
export function delay(attempt: number, { first, cap }: Backoff, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(cap, first * 2 ** Math.min(attempt, 30)));
}

/** Waits, and rejects with the signal's reason as soon as that is given. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted(); // the reason itself, not the AbortError that Node makes of it
    throw error;
  }
}
