/** Reads the operator's file again when it changes: keys come and go without a restart. */
import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../log.ts";
import { type Access, readAccess } from "./access-file.ts";

export interface WatchedAccess {
  /** What the file said when it was last whole. */
  readonly current: Access;
  close(): void;
}

/** The system tells of most changes at once; looking finds those of which it does not tell, such as on a network's disk. */
const pollInterval = 2_000;
/** A file that is being written is not read before it has been left alone for so long, in milliseconds. */
const quiet = 50;

/** Reads the file; from then on, a change that cannot be read is logged once, and what was read before stays. */
export function watchAccess(file: string, log: Log): WatchedAccess {
  let seen = stampOf(file);
  let current = readAccess(file);
  let soon: NodeJS.Timeout | undefined;

  const look = (): void => {
    soon = undefined;
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      current = readAccess(file);
      log("info", "the file of access keys was read again", { file, keys: current.keys.size });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log("error", `${reason}; the keys that were read before stay in force`, { file });
    }
  };
  const watcher = watchFolder(dirname(file), () => {
    soon ??= setTimeout(look, quiet).unref();
  });
  const poll = setInterval(look, pollInterval).unref();
  return {
    get current() {
      return current;
    },
    close() {
      watcher?.close();
      clearInterval(poll);
      clearTimeout(soon);
    },
  };
}

/** The folder, not the file: a file that is put in another's place is not the one that was watched. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close()); // looking goes on
    return watcher;
  } catch {
    return undefined; // no more watches to be had, or a system without them: looking does it
  }
}

/** What tells one state of the file from another; "" where there is none. */
function stampOf(file: string): string {
  const { ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true, throwIfNoEntry: false }) ?? {};
  return ino === undefined ? "" : `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
