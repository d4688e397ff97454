/** Starts the engine's process in the background, so that it outlives whoever started it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { dnsVariables } from "./dns-settings.ts";
import { explainFile, LocalEngineError } from "./failure.ts";
import type { Home } from "./home.ts";
import type { EngineRecord } from "./record.ts";
import { variables } from "./settings.ts";

/** What the process tells its parent: that it serves, or why it cannot; `busy`: another one has the data. */
export type News = { readonly record: EngineRecord } | { readonly failed: string; readonly busy: boolean };

/** How long a start may take, in milliseconds; a registry of a million instances loads in a few seconds. */
const patience = 30_000;

/** The engine is a program of Node.js: where Bun runs the Pulumi program, `node` on PATH runs the engine. */
const node = process.versions.bun === undefined ? process.execPath : "node";

/** All that the process inherits: an engine that lives for weeks must not hold its starter's passphrases and tokens. */
const inherited = [
  ...["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_ALL", "TZ", "XDG_DATA_HOME"],
  ...["SYSTEMROOT", "WINDIR", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "TEMP", "TMP", "PATHEXT"],
  ...[variables.region, variables.account, variables.operationDelay, variables.healthWindow],
  ...[variables.probeInterval, variables.probeAllow],
  ...Object.values(dnsVariables),
];

export function allowedEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(env).filter(([name]) => inherited.includes(name.toUpperCase()));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

export async function launch(home: Home): Promise<News> {
  const child = spawnEngine(home);
  try {
    return await firstNews(child, home);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function spawnEngine(home: Home): ChildProcess {
  const script = new URL(`./background${extname(import.meta.url)}`, import.meta.url);
  const log = openLog(home);
  try {
    return spawn(node, ["--disable-warning=ExperimentalWarning", fileURLToPath(script), home.folder], {
      cwd: home.folder, // not the program's folder, which must stay free to be removed
      detached: true,
      env: allowedEnvironment(process.env),
      stdio: ["ignore", log, log, "ipc"],
      windowsHide: true,
    });
  } finally {
    closeSync(log);
  }
}

/** A new log for each start; the one before it is kept. */
function openLog({ log }: Home): number {
  try {
    if (existsSync(log)) renameSync(log, `${log}.1`);
    return openSync(log, "a", 0o600);
  } catch (error) {
    throw explainFile(`opening its log ${log}`, error);
  }
}

function firstNews(child: ChildProcess, { log }: Home): Promise<News> {
  return new Promise((resolve, reject) => {
    const end = (reason: string) => reject(new LocalEngineError(`The local engine ${reason}; its log is ${log}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL"); // nothing of its data is lost: the store is durable at every moment
      end(`did not start within ${patience / 1000} seconds`);
    }, patience);
    child.once("message", (news) => {
      clearTimeout(timer);
      resolve(news as News); // the process is ours, and sends nothing else
    });
    child.once("error", (error) => end(`could not be started with ${node} (${error.message})`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      end(`ended while it started (${signal ?? `exit code ${code}`})`);
    });
  });
}
