/** A store as it is thought to be, and generated commits and restarts to compare it with a real one. */
import fc from "fast-check";
import type { Entry, Expectation, Outcome, Transaction, Write } from "../../engine/store/store.ts";

const name = fc.constantFrom("a", "a/1", "a/2", "b", "b/", "b/1", "c/1/x");
/** A commit whose expectations are right or wrong by a choice made here; a step that is no commit is a restart. */
const commitStep = fc.record({
  writes: fc.uniqueArray(fc.tuple(name, fc.option(fc.string({ maxLength: 5 }), { nil: undefined })), {
    selector: ([key]) => key,
    maxLength: 4,
  }),
  expected: fc.array(fc.tuple(name, fc.constantFrom("right", "absent", "older", "prefix")), { maxLength: 2 }),
});
type CommitStep = typeof commitStep extends fc.Arbitrary<infer S> ? S : never;
export const step = fc.oneof(
  { weight: 6, arbitrary: commitStep },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
);

/** What a store is thought to be: a map, and the revision of its last commit. */
export class Model {
  readonly #entries = new Map<string, Entry>();
  #revision = 0;

  resolve({ writes, expected }: CommitStep): { expectations: Expectation[]; writes: Write[] } {
    const expectations = expected.map(([key, kind]): Expectation => {
      if (kind === "prefix") return { prefix: key };
      const revision = this.#entries.get(key)?.revision ?? 0;
      return { key, revision: kind === "right" ? revision : kind === "absent" ? 0 : Math.max(0, revision - 1) };
    });
    return { expectations, writes: writes.map(([key, value]) => ({ key, value })) };
  }

  /** What a commit must come to, given what it came to: revisions rise, and that is all that is known of them. */
  commit({ expectations, writes }: Transaction, outcome: Outcome): Outcome {
    if (!expectations.every((each) => this.#holds(each))) return { conflict: this.#revision };
    const revision = "committed" in outcome ? Math.max(outcome.committed, this.#revision + 1) : this.#revision + 1;
    this.#revision = revision;
    for (const { key, value } of writes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, { key, value, revision });
    }
    return { committed: revision };
  }

  #holds(each: Expectation): boolean {
    if ("prefix" in each) return !this.#entries.keys().some((key) => key.startsWith(each.prefix));
    return (this.#entries.get(each.key)?.revision ?? 0) === each.revision;
  }

  contents(): { revision: number; entries: Entry[] } {
    return {
      revision: this.#revision,
      entries: [...this.#entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    };
  }
}
