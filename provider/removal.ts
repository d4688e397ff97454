// Deletes what others may still depend on: gone is done, in use is waited for, and what is in the way is named or drained.
import { type Backoff, delay, pause } from "./backoff.ts";
import type { Deadline } from "./deadline.ts";
import { CallError, hasCode } from "./failure.ts";
import { limited } from "./limit.ts";

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
  readonly say: (line: string) => void;
  /** "the service api (srv-…)" */
  readonly subject: string;
}

const between: Backoff = { first: 200, cap: 10_000 };
const mostNamed = 5;

export async function remove(removal: Removal): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await removal.attempt();
      return;
    } catch (error) {
      if (hasCode(error, ...removal.gone)) return;
      if (!hasCode(error, "ResourceInUse")) throw error;
      const blockers = await removal.blockers();
      if (removal.drain !== undefined && blockers.length > 0) await removal.drain(blockers);
      else if (tries === 0) removal.say(waiting(removal, blockers));
      await nextTry(tries, removal, error, blockers);
    }
  }
}

async function nextTry(tries: number, removal: Removal, error: CallError, blockers: readonly string[]): Promise<void> {
  try {
    await pause(delay(tries, between), removal.deadline.signal);
  } catch {
    const { noun, drain, deadline } = removal;
    const remedy = drain === undefined ? `Remove them, or set forceDestroy to true and run \`pulumi up\` first.` : "";
    throw new CallError(
      "ResourceInUse",
      `${error.message} After ${deadline.waited()} these ${noun} were still in it: ${named(blockers)}. ${remedy}`.trim(),
      { ...error, cause: error },
    );
  }
}

function waiting({ subject, noun, deadline }: Removal, blockers: readonly string[]): string {
  const what = blockers.length === 0 ? "is still in use" : `still has ${noun}: ${named(blockers)}`;
  return `Warning: ${subject} ${what}; waiting up to ${deadline.allowed} for them to go (forceDestroy: true removes them).`;
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
