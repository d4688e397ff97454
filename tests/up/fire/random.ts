// Chance that can be had again: numbers drawn from a seed, which is printed.

export interface Random {
  readonly seed: number;
  /** From 0 to below 1. */
  next(): number;
  pick<T>(from: readonly T[]): T;
}

/** The seed of an earlier run where the variable gives it. */
export function seeded(variable: string, given = process.env[variable]): Random {
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
  if (!Number.isInteger(seed)) throw new Error(`${variable} is no whole number: ${given}`);
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0; // SplitMix32: https://doi.org/10.1145/2714064.2660195
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  return {
    seed,
    next,
    pick: (from) => {
      const picked = from[Math.floor(next() * from.length)];
      if (picked === undefined) throw new Error("there is nothing to pick from");
      return picked;
    },
  };
}

/** Says yes to this share of what it is asked, in tenths: as from a shuffled deck, of every ten exactly so many. */
export function dealer(random: Random, rate: number): () => boolean {
  let [cards, hits] = [0, 0];
  return () => {
    if (cards === 0) [cards, hits] = [10, Math.round(rate * 10)];
    const isHit = random.next() * cards < hits;
    cards -= 1;
    hits -= Number(isHit);
    return isHit;
  };
}
