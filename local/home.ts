/** The folder of this user's engine: where it is, what lies in it, and that nobody else can meddle with it. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { codeOf, explainFile, LocalEngineError } from "./failure.ts";

export interface Home {
  readonly folder: string;
  /** The engine that runs: its process, its address, its account. */
  readonly record: string;
  /** Held by whoever is starting the engine. */
  readonly lock: string;
  /** The access key that the engine asks of every caller. */
  readonly key: string;
  readonly log: string;
  /** The registry itself. */
  readonly data: string;
  /** The registry of `cloudmap serve`, where --data does not say otherwise. */
  readonly serve: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where each system keeps the data of a user's programs; CLOUDMAP_HOME goes before it. */
export function homeFolder(env: Environment = process.env, platform: string = process.platform): string {
  if (env.CLOUDMAP_HOME) return resolve(env.CLOUDMAP_HOME);
  if (platform === "win32") return join(env.LOCALAPPDATA || join(userFolder(), "AppData", "Local"), "cloudmap");
  if (platform === "darwin") return join(userFolder(), "Library", "Application Support", "cloudmap");
  // https://specifications.freedesktop.org/basedir-spec/latest/: an XDG path that is not absolute is to be ignored.
  const xdg = env.XDG_DATA_HOME?.startsWith("/") ? env.XDG_DATA_HOME : undefined;
  return join(xdg ?? join(userFolder(), ".local", "share"), "cloudmap");
}

function userFolder(): string {
  try {
    return homedir();
  } catch (error) {
    throw explainFile("finding your home folder, for its data: set CLOUDMAP_HOME", error);
  }
}

export function homeAt(folder: string): Home {
  return {
    folder,
    record: join(folder, "engine.json"),
    lock: join(folder, "engine.lock"),
    key: join(folder, "key.json"),
    log: join(folder, "engine.log"),
    data: join(folder, "data"),
    serve: join(folder, "serve"),
  };
}

/** The folder, made where it does not exist. */
export function openHome(folder: string = homeFolder()): Home {
  try {
    makeFolder(folder);
  } catch (error) {
    throw explainFile(`making its folder ${folder}`, error);
  }
  refuseMeddling(folder);
  return homeAt(folder);
}

/** Level by level: on a file system that refuses, Node's own `recursive` reports ENOENT, or (in /proc) never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const made = codeOf(error) === "EEXIST" && statSync(folder).isDirectory(); // by another process, just now
    if (!made) throw error;
  }
}

/** Whoever can write there could put another key or another address in place of ours. */
function refuseMeddling(folder: string): void {
  if (process.platform === "win32") return;
  const { mode, uid } = statSync(folder);
  if (uid !== process.getuid?.()) {
    throw new LocalEngineError(
      `The local engine: its folder ${folder} belongs to another user (uid ${uid}): set CLOUDMAP_HOME to a folder of your own`,
    );
  }
  if ((mode & 0o022) !== 0) {
    throw new LocalEngineError(
      `The local engine: others can write to its folder ${folder}: chmod 700 ${folder}, or set CLOUDMAP_HOME to another`,
    );
  }
}
