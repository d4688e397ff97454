/** The log: a function that is passed in; one line of JSON per event by default. */

export type Level = "info" | "warn" | "error";
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Writes to standard error, a JSON object a line. */
export const logToStderr: Log = (level, message, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};
