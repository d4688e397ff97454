/** The lock of those who start the engine: one works, the others wait for what comes of it. */
import { renameSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "./failure.ts";
import { createFile, draftOf, readText } from "./file.ts";
import { isOurProcess } from "./process.ts";

export interface Lock {
  release(): void;
}

/** The longest that a start may take, in milliseconds: a lock that is older was left behind. */
const maxAge = 90_000;

/**
 * Takes the lock; undefined while another process has it. One that was left behind by a process that died is taken over.
 * It saves work, it does not keep the data safe: that is the store's own lock, which the system takes back from the dead.
 */
export function takeLock(path: string): Lock | undefined {
  const text = `${JSON.stringify({ pid: process.pid, host: hostname() })}\n`;
  if (!createFile(path, text)) {
    if (!isLeftBehind(path)) return undefined;
    moveAway(path);
    if (!createFile(path, text)) return undefined;
  }
  return { release: () => rmSync(path, { force: true }) };
}

function isLeftBehind(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > maxAge) return true;
    const { pid, host } = JSON.parse(readText(path) ?? "{}");
    return host === hostname() && !isOurProcess(pid);
  } catch (error) {
    // Gone in the meantime: the next try takes it. Not JSON: a file system without links shows it half written.
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** By a rename, of which only one of several succeeds. */
function moveAway(path: string): void {
  const aside = draftOf(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  rmSync(aside, { force: true });
}
