// Waits for a condition by looking again and again, and says which one when it does not come.

/** How many times as long as usual everything may take: TEST_PATIENCE, for what is run where nodes die or a machine is busy. */
export const patient = Number(process.env.TEST_PATIENCE ?? 1);

export const allowing = (milliseconds: number): number => patient * milliseconds;

export async function until(what: string, holds: () => boolean | Promise<boolean>, patience = 10_000): Promise<void> {
  const deadline = performance.now() + allowing(patience);
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${allowing(patience)} ms, and still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
