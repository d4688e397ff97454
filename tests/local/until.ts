// Waits for a condition by looking again and again, and says which one when it does not come.

export async function until(what: string, holds: () => boolean | Promise<boolean>, patience = 10_000): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${patience} ms, and still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
