/** `cloudmap serve`: an engine in the foreground, for as long as its process runs. */
import { type Engine, type EngineOptions, startEngine } from "../engine/engine.ts";
import { clientSettings } from "./clients.ts";
import { type DnsTexts, readDns } from "./dns-settings.ts";
import { type EtcdTexts, etcdText, readEtcd, twoPlaces } from "./etcd-settings.ts";
import { codeOf } from "./failure.ts";
import { askHealth } from "./health.ts";
import { homeAt, homeFolder } from "./home.ts";
import { readSettings, type SettingTexts } from "./settings.ts";

export interface ServeOptions extends SettingTexts, DnsTexts, EtcdTexts {
  readonly listen: string;
  readonly data?: string;
  readonly auth?: string;
}

/** How long a stop may take before it is cut short, in milliseconds. */
const stopPatience = 10_000;

export async function serve(options: ServeOptions, say: (line: string) => void): Promise<void> {
  const etcd = readEtcd(options);
  if (etcd !== undefined && options.data) throw twoPlaces();
  const place = etcd === undefined ? { data: options.data ?? homeAt(homeFolder()).serve } : { etcd };
  process.umask(0o077);
  const engine = await startExplained(options, place);
  stopOnSignals(async () => {
    say("Stopping: finishing what is in flight …");
    await engine.stop();
    say("Stopped; nothing that was acknowledged is lost.");
  });
  if (options.auditLog || options.queryLog) process.on("SIGHUP", () => void engine.reopenLogs()); // as logrotate's postrotate sends it
  say(`cloudmap serves at ${engine.url}`);
  say(`  account  ${engine.account}`);
  say(`  region   ${engine.region}`);
  say(`  DNS      ${engine.dns.addresses.join(", ") || "none"}`);
  say(`  data     ${place.data ?? etcdText(place.etcd)}`);
  say(
    `  callers  ${options.auth === undefined ? "any, from this machine only" : `those with a key in ${options.auth}`}`,
  );
  if (options.tlsCert) say(`  TLS      by the certificate in ${options.tlsCert}, read again when it changes`);
  say("What clients need to be told (README, AWS clients):");
  for (const line of clientSettings(engine.url)) say(`  ${line}`);
  say("Ctrl-C (or SIGTERM) stops it.");
}

async function startExplained(options: ServeOptions, place: Pick<EngineOptions, "data" | "etcd">): Promise<Engine> {
  const { listen, auth } = options;
  try {
    const dns = readDns(options);
    return await startEngine({
      listen,
      ...place,
      ...(auth && { auth }),
      ...(dns && { dns }),
      ...readSettings(options),
    });
  } catch (error) {
    throw new Error(await explainStart(options, error), { cause: error });
  }
}

/** A port that is taken, by whom where it is one of ours; most else explains itself. */
async function explainStart({ listen, auth }: ServeOptions, error: unknown): Promise<string> {
  const reason = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === "ENOENT") return `--auth ${auth}: there is no such file`;
  if (codeOf(error) === "EACCES") return `${listen}: this user may not listen there; take a port above 1023`;
  if (codeOf(error) === "EADDRNOTAVAIL") return `${listen}: this machine does not have that address`;
  if (codeOf(error) !== "EADDRINUSE") return reason;
  const health = await askHealth(`http://${listen}`);
  const other = "take another port with --listen (127.0.0.1:0 takes a free one)";
  if (health === undefined || health === "silent") return `${listen} is taken by another program: ${other}`;
  const { pid, account, version } = health;
  return `${listen} is taken by a cloudmap engine (process ${pid}, account ${account}, version ${version}): use that one, stop it (kill ${pid}), or ${other}`;
}

/** Stops once, at the first signal or call, and ends the process: with 0 when it went well. A second signal ends it at once. */
export function stopOnSignals(stop: () => Promise<void>): () => void {
  let stopping = false;
  const end = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), stopPatience).unref();
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, end);
  return () => {
    if (!stopping) void end();
  };
}
