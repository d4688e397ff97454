/** Choices that are the same for the same seed. */
import { randomOf } from "../../trial.ts";

export interface Random {
  /** 0 up to, but not including, the number. */
  below(count: number): number;
  of<T>(items: readonly T[]): T;
  bytes(count: number): Buffer;
}

export function randomFrom(seed: number): Random {
  const next = randomOf(seed);
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    of: (items) => items[below(items.length)] as (typeof items)[number], // none of them is empty
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
