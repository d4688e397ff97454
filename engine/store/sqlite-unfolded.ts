/** The last writes of keys that are still in the journal, kept together by what their keys have in common. */

/** The last write of a key: its value, or that it was removed. */
export interface LastWrite {
  readonly value: string | undefined;
  readonly revision: number;
}

type Writes = [key: string, last: LastWrite][];

/** A key without its last part: keys that differ in that only lie together in the store too, on few pages. */
const stemOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

export class Unfolded {
  /** By stem; under each in the order of revisions. */
  readonly #stems = new Map<string, Map<string, LastWrite>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): LastWrite | undefined {
    return this.#stems.get(stemOf(key))?.get(key);
  }

  put(key: string, last: LastWrite): void {
    const stem = stemOf(key);
    const keys = this.#stems.get(stem) ?? new Map<string, LastWrite>();
    if (keys.size === 0) this.#stems.set(stem, keys);
    if (keys.delete(key)) this.#size -= 1; // so that the map stays in the order of revisions
    keys.set(key, last);
    this.#size += 1;
  }

  /** Whether a key that begins with a prefix was written, and not removed. */
  hasUnder(prefix: string): boolean {
    for (const [stem, keys] of this.#stems) {
      if (!stem.startsWith(prefix) && !prefix.startsWith(stem)) continue;
      for (const [key, { value }] of keys) if (value !== undefined && key.startsWith(prefix)) return true;
    }
    return false;
  }

  /** The first revision of which a key is here. */
  get oldest(): number | undefined {
    let oldest: number | undefined;
    for (const keys of this.#stems.values()) {
      const [first] = keys.values();
      if (first !== undefined && (oldest === undefined || first.revision < oldest)) oldest = first.revision;
    }
    return oldest;
  }

  /** Takes some keys out: those of a stem together, the stems in turn. */
  take(most: number): Writes {
    const taken: Writes = [];
    for (const [stem, keys] of this.#stems) {
      const some = [...keys.entries().take(most - taken.length)];
      taken.push(...some);
      for (const [key] of some) keys.delete(key);
      this.#stems.delete(stem);
      if (keys.size > 0) this.#stems.set(stem, keys); // its turn comes again after the others
      if (taken.length >= most) break;
    }
    this.#size -= taken.length;
    return taken;
  }

  /** Puts back what was taken just before. */
  putBack(taken: Writes): void {
    const later = new Map<string, Map<string, LastWrite>>();
    for (const [key] of taken) {
      const stem = stemOf(key);
      const keys = this.#stems.get(stem);
      if (keys !== undefined) later.set(stem, keys);
      this.#stems.delete(stem);
    }
    this.#size -= later.values().reduce((sum, keys) => sum + keys.size, 0);
    for (const [key, last] of taken) this.put(key, last);
    for (const keys of later.values()) for (const [key, last] of keys) this.put(key, last);
  }
}
