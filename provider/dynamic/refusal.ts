// Errors as the dynamic host shows them: what was being done to which resource, what came back, and no stack trace.
import type { Props } from "../casing.ts";
import { CallError, messageOf, PartialFailure } from "../failure.ts";
import type { Kind } from "../kind.ts";
import { subjectOf } from "../subject.ts";

/** Runs a step; its error gets the words that say what was being done. */
export async function refusalOf<T>(
  doing: string,
  kind: Kind,
  props: Props,
  id: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hostError(`${doing} ${subjectOf(kind, props, id)}`, error, props);
  }
}

/**
 * The host prints `${error}: ${error.stack}` for some steps and sends the message for all; of an expected error the
 * stack says nothing to the reader. What carries an id is saved as made but not whole, and needs its provider to be deleted.
 */
function hostError(doing: string, error: unknown, props: Props): Error {
  const message = `${doing}: ${messageOf(error)}`;
  const shown = new Error(message, { cause: error });
  if (error instanceof PartialFailure) {
    const { __provider } = props;
    return Object.assign(quiet(shown, doing), {
      id: error.id,
      properties: { ...error.properties, __provider },
      reasons: [message],
    });
  }
  if (isExpected(error)) return quiet(shown, doing);
  shown.stack = error instanceof Error ? `${message}\n${error.stack}` : message;
  return shown;
}

function isExpected(error: unknown): boolean {
  return error instanceof CallError || (error instanceof Error && error.name === "LocalEngineError");
}

function quiet(error: Error, doing: string): Error {
  error.stack = "it failed; the reason is with the resource";
  return Object.assign(error, { toString: () => `cloudmap: ${doing}` });
}
