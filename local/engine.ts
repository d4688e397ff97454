/** Finds, starts and stops the engine that runs in the background for this user. */
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { explainFile, LocalEngineError } from "./failure.ts";
import { askHealth } from "./health.ts";
import { type Home, openHome } from "./home.ts";
import { type Key, openKey } from "./key.ts";
import { launch } from "./launch.ts";
import { type Lock, takeLock } from "./lock.ts";
import { endProcess, isOurProcess } from "./process.ts";
import { type EngineRecord, readRecord } from "./record.ts";
import { isOlder, version } from "./version.ts";

/** All that a client needs to call the local engine. */
export interface LocalEngine extends Key {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  /** Where its DNS listens, each `host:port`; none where it has no DNS. */
  readonly dns?: readonly string[];
  /** Whether it was this call that started it. */
  readonly started: boolean;
}

export interface FindOptions {
  /** Is told what a person should know: that an engine was started, that an older one was replaced. */
  readonly log?: (line: string) => void;
}

/** What is found of an engine: one that serves, one that holds its address but does not answer, or none. */
export type Finding =
  | { readonly state: "running" | "silent"; readonly record: EngineRecord }
  | { readonly state: "none"; readonly record: EngineRecord | undefined };

/** How long to wait for an engine that somebody else starts or that is busy, in milliseconds. */
const patience = 60_000;
const stopPatience = 15_000;

/** The user's engine: the one that runs, or a new one; of several callers at once, all get the same. */
export async function findOrStartEngine({ log = () => {} }: FindOptions = {}): Promise<LocalEngine> {
  const home = openHome();
  const key = openKey(home);
  const deadline = performance.now() + patience;
  let trouble = "";
  do {
    const found = await findEngine(home);
    if (isUsable(found)) return localEngine(found.record, key, false);
    const outcome = found.state === "silent" ? silence(found.record) : await startAlone(home, log);
    if (typeof outcome !== "string") return localEngine(outcome, key, true);
    trouble = outcome;
    await wait(100);
  } while (performance.now() < deadline);
  throw new LocalEngineError(`The local engine cannot be started: ${trouble}; its log is ${home.log}`);
}

/** Whether the engine of the record is there, and is the one that the record tells of. */
export async function findEngine(home: Home): Promise<Finding> {
  const record = readRecord(home);
  if (record === undefined || record.host !== hostname() || !isOurProcess(record.pid)) return { state: "none", record };
  const health = await askHealth(record.url);
  if (health === "silent") return { state: "silent", record };
  // Another program may have got the number, or the port, of an engine that died.
  const same = health?.pid === record.pid && health.account === record.account;
  return same ? { state: "running", record } : { state: "none", record };
}

function isUsable(found: Finding): found is { state: "running"; record: EngineRecord } {
  return found.state === "running" && !isOlder(found.record.version, version);
}

function localEngine({ url, region, account, dns }: EngineRecord, key: Key, started: boolean): LocalEngine {
  const { accessKeyId, secretAccessKey } = key;
  return { endpoint: url, region, account, accessKeyId, secretAccessKey, started, ...(dns && { dns }) };
}

function silence({ pid, url }: EngineRecord): string {
  return `process ${pid} listens at ${url} but does not answer; if it does not recover, end it (kill -9 ${pid}): nothing that was acknowledged is lost`;
}

/** Starts it unless somebody else is at it; answers what runs now, or why nothing does yet. */
async function startAlone(home: Home, log: (line: string) => void): Promise<EngineRecord | string> {
  const lock = lockOf(home);
  if (lock === undefined) return `another program is starting it (${home.lock})`;
  try {
    return await start(home, log);
  } finally {
    lock.release();
  }
}

async function start(home: Home, log: (line: string) => void): Promise<EngineRecord | string> {
  const found = await findEngine(home); // somebody may have started it just before
  if (isUsable(found)) return "it was just started";
  if (found.state === "running") await replace(found.record, log);
  const news = await launch(home);
  if ("record" in news) {
    log(`started the local engine ${news.record.version} at ${news.record.url}: ${whereItIs(home, news.record)}`);
    return news.record;
  }
  if (news.busy) return `${news.failed}${elsewhere(found.record)}`;
  throw new LocalEngineError(`The local engine cannot be started: ${news.failed}; its log is ${home.log}`);
}

function lockOf({ lock }: Home): Lock | undefined {
  try {
    return takeLock(lock);
  } catch (error) {
    throw explainFile(`writing ${lock}`, error);
  }
}

/** A newer package serves the same data with a newer engine; an older one uses the newer engine as it is. */
async function replace({ pid, version: older }: EngineRecord, log: (line: string) => void): Promise<void> {
  log(`replacing the local engine ${older} by ${version}: its data stays`);
  await endProcess(pid, stopPatience);
}

function whereItIs({ folder }: Home, { account }: EngineRecord): string {
  return `account ${account}, data in ${folder}; \`cloudmap stop\` stops it`;
}

function elsewhere(record: EngineRecord | undefined): string {
  if (record === undefined || record.host === hostname()) return "";
  return ` (the last one was started on ${record.host}, as process ${record.pid})`;
}

/** Stops the engine; answers what was found, and how it ended if it ran. */
export async function stopEngine(home: Home): Promise<Finding & { readonly end?: "ended" | "killed" }> {
  const deadline = performance.now() + stopPatience;
  let found = await findEngine(home);
  while (found.state === "silent" && performance.now() < deadline) found = await findEngine(home); // it may be busy
  if (found.state !== "running") return found;
  return { ...found, end: await endProcess(found.record.pid, stopPatience) };
}
