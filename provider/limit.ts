// Bounds how many pieces of work are under way at once; the rest waits its turn.

export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function limited(most: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next(); // the place passes on without becoming free in between
    }
  };
}
