/** A deadline for what may never end. */

/** What the work comes to; throws what `late` says where it has not ended after so many milliseconds. The work goes on all the same. */
export async function inTime<T>(work: Promise<T>, milliseconds: number, late: () => unknown): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), milliseconds);
  timer.unref();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
