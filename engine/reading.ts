/** Reading: what is looked up in memory, and when a node makes sure first, or once more, that it is current. */
import { CloudMapError } from "../api/errors.ts";
import type { Head } from "./head.ts";

/** What a request asks of the state that it is answered from. */
export interface Demand {
  /** Everything that any node has acknowledged by now. */
  readonly consistent: boolean;
  /** At least this revision. */
  readonly least: number;
}

/** What kind of read it is. */
export interface Reading<T> {
  /** Whether what is left out counts as not being there: then the node catches up before it looks, if it can. */
  readonly isList?: boolean;
  /** Whether an output says that nothing is there. */
  readonly isEmpty?: (output: T) => boolean;
}

const plain: Reading<unknown> = {};

/**
 * Looks at once where that will do. What one node has acknowledged must not be gone for who asks another one: "not found"
 * and "nothing there" are said by a node that has caught up, and by none that cannot.
 */
export function read<T>(
  head: Head,
  look: () => T,
  demand?: Demand,
  { isList = false, isEmpty }: Reading<T> = plain,
): T | Promise<T> {
  if (isList || (demand !== undefined && (demand.consistent || demand.least > head.revision))) {
    return readSure(head, look, demand);
  }
  const before = head.revision;
  try {
    const output = look();
    if (isEmpty === undefined || !isEmpty(output)) return output;
    return again(head, before, look, { output });
  } catch (error) {
    if (!dependsOnState(error)) throw error;
    return again(head, before, look, { error });
  }
}

type First<T> = { readonly output: T } | { readonly error: unknown };

/** An empty output stands where it cannot be made sure of; a refusal does not. */
async function again<T>(head: Head, before: number, look: () => T, first: First<T>): Promise<T> {
  let newest: number;
  try {
    newest = await head.catchUp();
  } catch (error) {
    if ("output" in first) return first.output;
    throw error;
  }
  if (newest > before) return look();
  if ("output" in first) return first.output;
  throw first.error;
}

/** Where nothing was demanded, what is known will do if no more can be; but not a "not found". */
async function readSure<T>(head: Head, look: () => T, demand: Demand | undefined): Promise<T> {
  let unsure: unknown;
  try {
    await head.catchUp();
  } catch (error) {
    if (demand?.consistent || (demand?.least ?? 0) > head.revision) throw error;
    unsure = error;
  }
  refuseBeyond(demand?.least ?? 0, head);
  try {
    return look();
  } catch (error) {
    throw unsure !== undefined && dependsOnState(error) ? unsure : error;
  }
}

function refuseBeyond(least: number, { revision }: Head): void {
  if (least <= revision) return;
  throw new CloudMapError(
    "InvalidInput",
    `The registry is at revision ${revision}, before ${least}: that revision is of another registry, or of this one before it was restored. Ask without it.`,
  );
}

/** Whether a refusal may be none on a node that knows more. */
export function dependsOnState(error: unknown): boolean {
  return (
    error instanceof CloudMapError && (error.code === "AccessDeniedException" || /NotFound|NoSuch/.test(error.code))
  );
}
