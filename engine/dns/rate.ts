/** Response-rate limiting: a network is not answered the same thing over and over, so that we amplify no one's attack. */
import type { Client } from "./client.ts";

/** What to do with an answer; `slip`: only say that it was cut, so that a real client comes again over TCP. */
export type Verdict = "send" | "slip" | "drop";

/** Every second answer over the limit slips: half of what was asked with a false address goes nowhere. */
const slipEvery = 2;

export class RateLimit {
  readonly #most: number;
  #counts = new Map<string, number>();
  #second = 0;

  /** At most so many equal answers in a second to a network; 0 is no limit. */
  constructor(most: number) {
    this.#most = most;
  }

  /** This machine, and the networks that an operator has named, are trusted. */
  covers({ isLoopback, vpcs }: Client): boolean {
    return this.#most > 0 && !isLoopback && vpcs.length === 0;
  }

  judge({ network }: Client, answer: string, now: number): Verdict {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts = new Map();
    }
    const key = `${network} ${answer}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= this.#most) return "send";
    return (count - this.#most) % slipEvery === 0 ? "slip" : "drop";
  }
}
