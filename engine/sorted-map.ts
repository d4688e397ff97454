/** A map whose keys can also be walked in order from any point, for lists that are answered a page at a time. */

export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  /** The keys in order; undefined since the last key came or went. */
  #sorted: readonly string[] | undefined;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#sorted = undefined;
    this.#values.set(key, value);
  }

  getOrAdd(key: string, make: () => V): V {
    const found = this.#values.get(key);
    if (found !== undefined) return found;
    const made = make();
    this.set(key, made);
    return made;
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#sorted = undefined;
  }

  /** All values, in no order that means anything. */
  values(): Iterable<V> {
    return this.#values.values();
  }

  /** Up to `most` values, those first that came first. */
  oldest(most: number): V[] {
    return [...this.#values.values().take(most)];
  }

  /** Up to `most` entries whose keys come after `after`, in order; of those only that are accepted. */
  page(after: string, most: number, accepts: (value: V) => boolean = () => true): [string, V][] {
    const keys = this.#keys();
    const start = after === "" ? 0 : position(keys, after);
    const found: [string, V][] = [];
    for (let index = start; index < keys.length && found.length < most; index += 1) {
      const key = keys[index] ?? "";
      const value = this.#values.get(key) as V; // its own keys
      if (accepts(value)) found.push([key, value]);
    }
    return found;
  }

  /** The same among some of the keys. */
  pageOf(some: ReadonlySet<string>, after: string, most: number): [string, V][] {
    const keys = [...some].filter((key) => this.#values.has(key) && key > after).sort();
    return keys.slice(0, most).map((key) => [key, this.#values.get(key) as V]); // its own keys
  }

  /** The same backwards from `before` (from the end, where it is empty). */
  pageBack(before: string, most: number, accepts: (value: V) => boolean = () => true): [string, V][] {
    const keys = this.#keys();
    let end = before === "" ? keys.length : position(keys, before);
    if (end > 0 && keys[end - 1] === before) end -= 1;
    const found: [string, V][] = [];
    for (let index = end - 1; index >= 0 && found.length < most; index -= 1) {
      const key = keys[index] ?? "";
      const value = this.#values.get(key) as V; // its own keys
      if (accepts(value)) found.push([key, value]);
    }
    return found;
  }

  #keys(): readonly string[] {
    this.#sorted ??= [...this.#values.keys()].sort();
    return this.#sorted;
  }
}

/** The index of the first key after `key`. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
