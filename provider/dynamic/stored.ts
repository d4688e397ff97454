// What the state keeps of a resource's outputs: not what its id says already, for each byte is kept per resource.
import { isDeepStrictEqual } from "node:util";
import type { Props } from "../casing.ts";
import type { Kind } from "../kind.ts";

/** The outputs without what follows from the id, but for that which the state holds already. */
export function storedOutputs({ fromId }: Kind, id: string, outputs: Props, before: Props = {}): Props {
  const said = fromId?.(id) ?? {};
  const isSaid = (name: string, value: unknown) => isDeepStrictEqual(said[name], value) && !Object.hasOwn(before, name);
  return Object.fromEntries(Object.entries(outputs).filter(([name, value]) => !isSaid(name, value)));
}

/** All outputs again; what a state of an earlier version holds of them counts. */
export function wholeOutputs({ fromId }: Kind, id: string, stored: Props): Props {
  return { ...fromId?.(id), ...stored };
}
