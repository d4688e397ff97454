/** Why the local engine cannot be had, in words for the person in front of it. */

export class LocalEngineError extends Error {
  override readonly name = "LocalEngineError";
}

/** What to do about a file that cannot be written, by the code of the system's error. */
const remedies: { readonly [code: string]: string } = {
  EACCES: "this user may not write there: change its permissions, or set CLOUDMAP_HOME to a folder that you can write",
  EPERM: "this user may not write there: change its permissions, or set CLOUDMAP_HOME to a folder that you can write",
  EROFS: "the file system is read-only: set CLOUDMAP_HOME to a folder that you can write",
  ENOSPC: "the disk is full: make room, or set CLOUDMAP_HOME to a folder on another disk",
  EDQUOT: "your disk quota is used up: make room, or set CLOUDMAP_HOME to a folder on another disk",
  ENOTDIR: "a part of the path is a file: set CLOUDMAP_HOME to a folder",
  EEXIST: "it is a file: set CLOUDMAP_HOME to a folder",
  ENOENT: "the folder above it does not exist and cannot be made: set CLOUDMAP_HOME to a folder that you can write",
  EMFILE: "this process has too many files open: raise its limit (ulimit -n)",
};

/** An error of the file system, told as what was being done, what came back and what to do. */
export function explainFile(doing: string, error: unknown): LocalEngineError {
  const code = codeOf(error) ?? "";
  const remedy = remedies[code] ?? "see the reason given";
  const reason = error instanceof Error ? error.message : String(error);
  return new LocalEngineError(`The local engine: ${doing}: ${remedy} (${reason})`, { cause: error });
}

/** The system's code of an error: `ENOENT`, `EADDRINUSE` … */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
