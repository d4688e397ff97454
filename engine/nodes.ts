/** The nodes at work on one registry, and which of them does what only one of them is to do. */
import { hostname } from "node:os";
import { idCharacters } from "./context.ts";

/**
 * Shares work out by rendezvous hashing: each piece is for the node that scores highest for it, so that all nodes agree
 * without a word, and a node that comes or goes moves its own share only.
 */
export class Nodes {
  readonly name: string;
  #names: readonly string[];
  #seeds: readonly number[];
  readonly #listeners = new Set<() => void>();

  /** Of a node that is alone, until it is told of others. */
  constructor(name: string) {
    this.name = name;
    this.#names = [name];
    this.#seeds = [hashOf(name)];
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** Takes in the names of those that are at work now; a node that is not among them, as others see it, has no share. */
  update(names: readonly string[]): void {
    if (names.join("\n") === this.#names.join("\n")) return;
    this.#names = [...names];
    this.#seeds = names.map(hashOf);
    for (const listener of this.#listeners) listener();
  }

  /** Tells when shares may have moved, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether a piece of work is for this node: of the nodes at work, exactly one says so. */
  isMine(work: string): boolean {
    const names = this.#names;
    if (names.length === 1) return names[0] === this.name;
    const hash = hashOf(work);
    let [best, score] = ["", -1];
    for (let at = 0; at < names.length; at += 1) {
      const own = mixed(hash ^ (this.#seeds[at] ?? 0));
      if (own > score) [best, score] = [names[at] ?? "", own]; // names are sorted: of equal scores the first name's wins
    }
    return best === this.name;
  }
}

/** What a node is called where its operator does not say: the machine's name, and something of its own. */
export function drawName(): string {
  return `${hostname().slice(0, 50)}-${idCharacters().slice(0, 6)}`;
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3: each bit of the input moves each bit of the result. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
