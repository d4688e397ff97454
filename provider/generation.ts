// The generation of a resource: what tells it from one that was made anew under the same name, and perhaps the same id.

/** The moment of its making, from the API's seconds; undefined where the endpoint does not tell it. */
export function generationOf(createDate: unknown): string | undefined {
  if (typeof createDate !== "number" || !Number.isFinite(createDate)) return undefined;
  return new Date(Math.round(createDate * 1000)).toISOString();
}
