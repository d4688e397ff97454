/** The log: a function that is passed in; one line of JSON per event by default. */
import { CloudMapError } from "../api/errors.ts";

export type Level = "info" | "warn" | "error";
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Writes to standard error, a JSON object a line. */
export const logToStderr: Log = (level, message, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};

/** What is behind an error. */
export function causeOf(error: unknown): { readonly cause: string } {
  const cause = (error instanceof CloudMapError && error.cause) || error;
  return { cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
}
