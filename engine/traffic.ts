/** Traffic: requests counted by operation and result, and how long they took. */
import { operations } from "../api/operations.ts";
import { Histogram, type Sample } from "./histogram.ts";
import type { Family } from "./metrics.ts";

/** Seconds: a discovery takes less than the first, a durable write a few milliseconds. */
const bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

interface Counts {
  readonly results: Map<string, number>;
  readonly durations: Histogram;
}

/** The operations that are counted by their names: what a caller makes up must not become a label. */
const named = new Set([...Object.keys(operations), "GetCallerIdentity", "GetHostedZone"]);
const throttled = ["ThrottlingException", "RequestLimitExceeded"];

export class Traffic {
  readonly #counts = new Map<string, Counts>();

  /** Counts a request that is done: with OK or with the code of its refusal. */
  add(operation: string, result: string, seconds: number): void {
    const counts = this.#counts.get(operation) ?? this.#begin(operation);
    counts.results.set(result, (counts.results.get(result) ?? 0) + 1);
    counts.durations.add(seconds);
  }

  #begin(operation: string): Counts {
    const name = named.has(operation) ? operation : "Unknown";
    const counts = this.#counts.get(name) ?? { results: new Map(), durations: new Histogram(bounds) };
    this.#counts.set(name, counts);
    return counts;
  }

  #of(operation: string, ...results: readonly string[]): number {
    const counts = this.#counts.get(operation)?.results;
    return results.reduce((sum, result) => sum + (counts?.get(result) ?? 0), 0);
  }

  families(): Family[] {
    const duration = "cloudmap_request_duration_seconds";
    return [
      {
        name: "cloudmap_requests_total",
        help: "Requests to the API, by operation and result: OK or the code of the error.",
        type: "counter",
        samples: () => this.#each((operation, { results }) => samplesOf(operation, results)),
      },
      {
        name: duration,
        help: "Seconds from a request's last byte to its answer.",
        type: "histogram",
        samples: () => this.#each((operation, { durations }) => durations.samples(duration, { operation })),
      },
      {
        name: "cloudmap_throttled_requests_total",
        help: "Requests refused because they came too fast, by operation.",
        type: "counter",
        samples: () => this.#each((operation) => [{ labels: { operation }, value: this.#of(operation, ...throttled) }]),
      },
      {
        name: "cloudmap_registrations_total",
        help: "Registrations of instances that were taken, also of ones that were registered before.",
        type: "counter",
        samples: () => [{ labels: {}, value: this.#of("RegisterInstance", "OK") }],
      },
      {
        name: "cloudmap_deregistrations_total",
        help: "Deregistrations of instances that were taken.",
        type: "counter",
        samples: () => [{ labels: {}, value: this.#of("DeregisterInstance", "OK") }],
      },
    ];
  }

  #each(samples: (operation: string, counts: Counts) => Sample[]): Sample[] {
    return [...this.#counts].flatMap(([operation, counts]) => samples(operation, counts));
  }
}

function samplesOf(operation: string, results: ReadonlyMap<string, number>): Sample[] {
  return [...results].map(([result, value]) => ({ labels: { operation, result }, value }));
}
