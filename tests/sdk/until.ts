// Waits until something is there.
import { setImmediate } from "node:timers/promises";

export async function until<T>(look: () => T | undefined, milliseconds = 10_000): Promise<T> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    const found = look();
    if (found !== undefined) return found;
    await setImmediate();
  }
  throw new Error(`it did not come in ${milliseconds} ms`);
}
