/** A store as it is thought to be, and generated commits and restarts to compare it with a real one. */
import fc from "fast-check";
import type { Entry, Expectation, Write } from "../../engine/store/store.ts";

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

/** What a store is thought to be: a map, and the number of commits. */
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

  commit(expectations: readonly Expectation[], writes: readonly Write[]): { committed: number } | { conflict: number } {
    const keys = [...this.#entries.keys()];
    const holds = expectations.every((each) =>
      "prefix" in each
        ? !keys.some((key) => key.startsWith(each.prefix))
        : (this.#entries.get(each.key)?.revision ?? 0) === each.revision,
    );
    if (!holds) return { conflict: this.#revision };
    this.#revision += 1;
    for (const { key, value } of writes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, { key, value, revision: this.#revision });
    }
    return { committed: this.#revision };
  }

  contents(): { revision: number; entries: Entry[] } {
    return {
      revision: this.#revision,
      entries: [...this.#entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    };
  }
}
