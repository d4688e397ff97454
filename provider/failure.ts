// The errors of the provider: a call that was refused or came to nothing, and a resource that is there but not as wanted.
import type { ErrorDetails } from "../api/errors.ts";

/** Why sending the same request again may help; undefined where it does not. */
export type Retry = "throttled" | "server" | "connection" | "refused" | "timeout";

interface Circumstances {
  readonly details?: ErrorDetails;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retry?: Retry | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A call that failed; `code` is the API's, or Node's for a connection (ECONNREFUSED), or ours (WrongEndpoint …). */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: string;
  readonly details: ErrorDetails;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retry: Retry | undefined;
  /** Milliseconds after which the service says that it may be asked again. */
  readonly retryAfter: number | undefined;

  constructor(
    code: string,
    message: string,
    { details = {}, status, requestId, retry, retryAfter, cause }: Circumstances = {},
  ) {
    super(printable(message), { cause });
    this.code = code;
    this.details = details;
    this.status = status;
    this.requestId = requestId;
    this.retry = retry;
    this.retryAfter = retryAfter;
  }

  /** The same error with other words around its message. */
  with(words: (message: string) => string): CallError {
    return new CallError(this.code, words(this.message), { ...this, cause: this.cause });
  }
}

/** Some of it was said by an endpoint: a terminal must not obey it. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function hasCode(error: unknown, ...codes: readonly string[]): error is CallError {
  return error instanceof CallError && codes.includes(error.code);
}

/** The resource exists, but making it whole failed: the host saves it with these properties, and the next update goes on. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;

  constructor(id: string, properties: Readonly<Record<string, unknown>>, cause: unknown) {
    super(messageOf(cause), { cause });
    this.id = id;
    this.properties = properties;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
