/** A map whose keys can also be walked in order from any point, for lists that are answered a page at a time. */

export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  /** The keys in order: without those in `late`, and with those in `gone`. */
  #sorted: string[] = [];
  /** Keys that came since and belong before the last of `sorted`; a new operation, and what a start loads, does not. */
  #late: string[] = [];
  readonly #gone = new Set<string>();

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#add(key);
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
    if (!this.#values.delete(key)) return;
    this.#gone.add(key);
    if (this.#gone.size > this.#values.size + 100) this.#tidy();
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
    const found: [string, V][] = [];
    for (let index = after === "" ? 0 : position(keys, after); index < keys.length && found.length < most; index += 1) {
      this.#take(found, keys[index] ?? "", accepts);
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
      this.#take(found, keys[index] ?? "", accepts);
    }
    return found;
  }

  #take(found: [string, V][], key: string, accepts: (value: V) => boolean): void {
    if (this.#gone.has(key)) return;
    const value = this.#values.get(key) as V; // its own keys
    if (accepts(value)) found.push([key, value]);
  }

  #add(key: string): void {
    if (this.#gone.delete(key)) return; // it is still in its place
    const last = this.#sorted.at(-1);
    if (last === undefined || key > last) this.#sorted.push(key);
    else this.#late.push(key);
  }

  #keys(): readonly string[] {
    if (this.#late.length > 0) this.#tidy();
    return this.#sorted;
  }

  /** Two runs that are in order are merged by a sort of what is nearly sorted, in one pass. */
  #tidy(): void {
    const keys = [...this.#sorted, ...this.#late.sort()];
    this.#sorted = (this.#late.length > 0 ? keys.sort() : keys).filter((key) => !this.#gone.has(key));
    this.#late = [];
    this.#gone.clear();
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
