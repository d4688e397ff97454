/** What discovery answers again and again is kept as it is written. */
import type { HttpInstanceSummary } from "../../api/discovery.ts";
import type { Attributes } from "../../api/instance.ts";

/**
 * Writes an instance once, and again when its health is another. Kept by its attributes: names never change, and
 * another registration has attributes of its own.
 */
export function keepEncoded<T>(encode: (instance: HttpInstanceSummary) => T): (instance: HttpInstanceSummary) => T {
  const kept = new WeakMap<Attributes, { readonly status: HttpInstanceSummary["HealthStatus"]; readonly written: T }>();
  return (instance) => {
    const { Attributes = {}, HealthStatus } = instance;
    const known = kept.get(Attributes);
    if (known !== undefined && known.status === HealthStatus) return known.written;
    const written = encode(instance);
    kept.set(Attributes, { status: HealthStatus, written });
    return written;
  };
}
