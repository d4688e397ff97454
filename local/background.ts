/** The process of the local engine: serves the registry of one home folder until it is told to stop or its record goes. */
import { hostname } from "node:os";
import { type Engine, startEngine } from "../engine/engine.ts";
import { defaultDns, dnsTextsFrom, readDns } from "./dns-settings.ts";
import { codeOf } from "./failure.ts";
import { type Home, homeAt } from "./home.ts";
import type { News } from "./launch.ts";
import { type EngineRecord, readRecord, writeRecord } from "./record.ts";
import { stopOnSignals } from "./serve.ts";
import { readSettings, settingsFrom } from "./settings.ts";
import { version } from "./version.ts";

/** How often the process looks whether it is still the one that the record names, in milliseconds. */
const recordWatch = 2_000;

/** The ports of the last run where they are free, so that shells which know it go on working; else any. */
async function startOnFreePort(home: Home): Promise<Engine> {
  const before = readRecord(home);
  const dns = readDns(dnsTextsFrom(process.env), before?.dns?.[0] ?? defaultDns);
  const settings = { ...readSettings(settingsFrom(process.env)), ...(dns && { dns }) };
  const start = (port: string) =>
    startEngine({ listen: `127.0.0.1:${port}`, data: home.data, auth: home.key, ...settings });
  const last = new URL(before?.url ?? "http://127.0.0.1").port;
  if (last === "") return start("0");
  try {
    return await start(last);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
    return start("0");
  }
}

async function serve(home: Home): Promise<EngineRecord> {
  const engine = await startOnFreePort(home);
  const { url, account, region } = engine;
  const startedAt = new Date().toISOString();
  const dns = engine.dns.addresses.length > 0 && { dns: engine.dns.addresses };
  const record = { pid: process.pid, host: hostname(), url, account, region, version, startedAt, ...dns };
  writeRecord(home, record);
  const stop = stopOnSignals(async () => {
    await engine.stop();
    say("stopped");
  });
  process.on("SIGHUP", () => {}); // the terminal that it was started from has closed
  setInterval(() => stopWhenForgotten(home, stop), recordWatch).unref();
  say("serving", record);
  return record;
}

/** The data folder was removed, or another engine took over: nobody would find this one any more. */
function stopWhenForgotten(home: Home, stop: () => void): void {
  if (readRecord(home)?.pid === process.pid) return;
  say("stopping, because the record of this engine is gone", { record: home.record });
  stop();
}

function say(message: string, fields: object = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), level: "info", message, ...fields }));
}

/** The parent may have gone in the meantime: then nobody needs to be told. */
async function tell(news: News): Promise<void> {
  if (process.connected) await new Promise((resolve) => process.send?.(news, resolve));
}

async function main(folder: string): Promise<void> {
  process.umask(0o077);
  process.on("disconnect", () => {});
  for (const log of [process.stdout, process.stderr]) log.on("error", () => {}); // a full disk must not end what still reads
  try {
    await tell({ record: await serve(homeAt(folder)) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(error);
    await tell({ failed: message, busy: error instanceof Error && "failure" in error && error.failure === "busy" });
    process.exit(1);
  }
}

await main(process.argv[2] ?? "");
