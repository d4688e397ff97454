// Deletes what others may still depend on: gone is done, in use is waited for, and what is in the way is named or drained.
import { type Backoff, delay, pause } from "./backoff.ts";
import type { Deadline } from "./deadline.ts";
import { CallError, hasCode } from "./failure.ts";
import { limited } from "./limit.ts";
import { overdue } from "./poll.ts";

interface Removal {
  /** One try. */
  readonly attempt: () => Promise<unknown>;
  /** The codes that mean that it is gone already. */
  readonly gone: readonly string[];
  /** What is in it, as a person knows it. */
  readonly blockers: () => Promise<readonly string[]>;
  /** "instances" */
  readonly noun: string;
  /** Removes what is in it; undefined: that is not ours to do. */
  readonly drain: ((blockers: readonly string[]) => Promise<void>) | undefined;
  readonly deadline: Deadline;
  readonly warn: (line: string) => void;
  /** "the service api (srv-…)" */
  readonly subject: string;
}

const between: Backoff = { first: 200, cap: 10_000 };
const mostNamed = 5;

/** What refused the last try, and what was in the way then. */
interface Refused {
  readonly error: CallError;
  readonly blockers: readonly string[];
}

/** It can also go by itself while its contents are listed or removed: then that is done as well. */
export async function remove(removal: Removal): Promise<void> {
  const { deadline, gone, subject } = removal;
  let refused: Refused | undefined;
  try {
    for (let tries = 0; ; tries++) {
      const error = await refusalOf(removal);
      if (error === undefined) return;
      refused = { error, blockers: refused?.blockers ?? [] };
      const blockers = await removal.blockers();
      refused = { error, blockers };
      if (removal.drain !== undefined && blockers.length > 0) await removal.drain(blockers);
      else if (tries === 0) removal.warn(waiting(removal, blockers));
      await pause(delay(tries, between), deadline.signal);
    }
  } catch (error) {
    if (hasCode(error, ...gone)) return;
    throw deadline.over() && refused !== undefined
      ? stillInUse(removal, refused)
      : overdue(error, `the removal of ${subject}`, deadline);
  }
}

/** One try; undefined where it is done. */
async function refusalOf({ attempt }: Removal): Promise<CallError | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (hasCode(error, "ResourceInUse")) return error;
    throw error;
  }
}

/** Time is up, in whichever of the requests it was. */
function stillInUse({ noun, drain, deadline }: Removal, { error, blockers }: Refused): CallError {
  const remedy = drain === undefined ? "Remove them, or set forceDestroy to true and run `pulumi up` first." : "";
  const still = `After ${deadline.waited()} these ${noun} were still in it: ${named(blockers)}. ${remedy}`;
  return new CallError("ResourceInUse", `${error.message} ${still}`.trim(), { ...error, cause: error });
}

function waiting({ subject, noun, deadline }: Removal, blockers: readonly string[]): string {
  const what = blockers.length === 0 ? "is still in use" : `still has ${noun}: ${named(blockers)}`;
  return `${subject} ${what}; waiting up to ${deadline.allowed} for them to go (forceDestroy: true removes them).`;
}

/** The first few, and how many there are. */
export function named(blockers: readonly string[]): string {
  if (blockers.length === 0) return "none that can be listed";
  const rest = blockers.length - mostNamed;
  return blockers.slice(0, mostNamed).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** Works on all, a few at a time; when some fail, the rest is done all the same, and the first failure is told. */
export async function forAll<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const limit = limited(atOnce);
  const results = await Promise.allSettled(items.map((item) => limit(() => work(item))));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
