// Keeps Pulumi's own frames out of the stack trace that each resource carries into the state.

/** `Resource` cuts off the five innermost frames: itself, its helpers and the two classes under it. */
const innermost = 5;

/**
 * Until it is undone, stack traces tell of the program only. Pulumi writes the whole stack into the checkpoint, of which
 * the frames of its own language host are some 330 bytes per resource, and maps each one to its source, which is the
 * larger part of what a thousand resources cost a program.
 */
export function traceProgramOnly(): () => void {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    const program = frames.slice(innermost).filter(isOfProgram);
    const written = before?.(error, program) ?? [String(error), ...program.map(line)].join("\n");
    const [head = "", ...rest] = String(written).split("\n");
    return [head, ...frames.slice(0, innermost).map(line), ...rest].join("\n");
  };
  return () => {
    Error.prepareStackTrace = before;
  };
}

/** Until it is undone, there are none: of many small resources the trace would be a seventh of what the state keeps. */
export function traceNothing(): () => void {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => String(error);
  return () => {
    Error.prepareStackTrace = before;
  };
}

function line(frame: NodeJS.CallSite): string {
  return `    at ${frame}`;
}

/** Not Pulumi's, not Node's, not ours, and with a function around it: of others Pulumi finds no position anyway. */
function isOfProgram(frame: NodeJS.CallSite): boolean {
  const file = frame.getFileName() ?? "";
  const inside = /[\\/]@pulumi[\\/]pulumi[\\/]/.test(file) || file.startsWith("node:") || file.startsWith(here);
  return file !== "" && !inside && /\)$/.test(String(frame));
}

/** The folder of this file: `new Service` and what it calls are no part of the program. */
const here = new URL(".", import.meta.url).href;
