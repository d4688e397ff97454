/** The engine's DNS: its threads, fed from the registry; what they count and log. */
import { randomBytes } from "node:crypto";
import type { Log } from "../log.ts";
import { type LogFile, openLogFile } from "../log-file.ts";
import type { Registry } from "../registry.ts";
import type { AliasOptions } from "./alias.ts";
import type { VpcNetwork } from "./client.ts";
import { secretSize } from "./cookie.ts";
import { sumOf, type Totals } from "./counters.ts";
import type { NameServer } from "./own-names.ts";
import type { ServerOptions } from "./server.ts";
import { Threads } from "./threads.ts";

export interface DnsOptions {
  /** Addresses, each `host:port`; port 0 takes a free one. */
  readonly listen: readonly string[];
  /** Whether to take a free port where the one asked for is taken. */
  readonly elsewhere?: boolean;
  /** 1 by default; 0 answers in the thread of the registry, for tests with a clock of their own. */
  readonly threads?: number;
  readonly vpcs?: readonly VpcNetwork[];
  readonly nameServers?: readonly NameServer[];
  readonly aliases?: AliasOptions;
  /** A file for the queries, and the share of them that it gets, from 0 to 1. */
  readonly queryLog?: { readonly file: string; readonly share: number };
  /** Equal answers in a second to a network other than this machine and those of VPCs; 0 is no limit. */
  readonly rate?: number;
  /** Other limits of TCP than usual. */
  readonly tcp?: ServerOptions["tcp"];
}

export interface Dns {
  /** Where it listens, each `host:port`, for UDP and TCP. */
  readonly addresses: readonly string[];
  readonly listeners: readonly { readonly host: string; readonly port: number }[];
  /** What all threads have counted since the start. */
  totals(): Promise<Totals>;
  /** How many threads died since the start. */
  restarts(): number;
  /** Says that the store cannot be reached since some time, so that answers may be old; undefined: it is reached again. */
  stale(since: string | undefined): void;
  /** The host names that are the engine's own. */
  readonly hosts: readonly string[];
  /** Begins a new query log where it was moved away. */
  reopenLog(): Promise<void>;
  stop(): Promise<void>;
}

const noDns: Dns = {
  addresses: [],
  listeners: [],
  hosts: [],
  totals: async () => sumOf([]),
  restarts: () => 0,
  stale: () => {},
  reopenLog: async () => {},
  stop: async () => {},
};

const defaultRate = 200;
/** Where Node can share a port between threads: https://nodejs.org/api/dgram.html, `reusePort`. */
const sharing = ["linux", "freebsd", "dragonfly", "sunos", "aix"];

/** Starts it; without options there is none. */
export async function startDns(
  options: DnsOptions | undefined,
  registry: Registry,
  now: () => number,
  log: Log,
): Promise<Dns> {
  if (options === undefined) return noDns;
  const { threads: count = 1, queryLog } = options;
  refuseSharing(count);
  const server = serverOptions(options, count);
  const file = queryLog && (await openQueryLog(queryLog.file, log));
  const writeLine = (line: string) => file?.write(line);
  const threads = new Threads({ count, registry, now, log, writeLine });
  const stop = async () => {
    await threads.stop();
    await file?.close();
  };
  try {
    const listeners = await threads.start(server, options.elsewhere ?? false);
    return {
      listeners,
      addresses: listeners.map(({ host, port }) => addressOf(host, port)),
      hosts: (options.nameServers ?? []).map(({ name }) => name.toLowerCase()),
      totals: () => threads.totals(),
      restarts: () => threads.restarts,
      stale: (since) => threads.stale(since),
      reopenLog: async () => file?.reopen(),
      stop,
    };
  } catch (error) {
    await stop();
    throw explained(options, error);
  }
}

async function openQueryLog(path: string, log: Log): Promise<LogFile> {
  try {
    return await openLogFile(path, { what: "the query log", log });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`--query-log ${path}: it cannot be written: ${reason}`, { cause: error });
  }
}

function refuseSharing(threads: number): void {
  if (threads <= 1 || sharing.includes(process.platform)) return;
  throw new Error(
    `--dns-threads ${threads}: threads that share a port need the system's SO_REUSEPORT, which Node does not have on ${process.platform}; leave it out`,
  );
}

function serverOptions(options: DnsOptions, threads: number): ServerOptions {
  const { vpcs = [], nameServers = [], aliases = { servers: [], table: [] }, rate = defaultRate, queryLog } = options;
  const bindings = options.listen.map((text) => ({ ...parseAddress(text), shared: threads > 1 }));
  const secret = randomBytes(secretSize);
  const limits = options.tcp && { tcp: options.tcp };
  return { bindings, vpcs, nameServers, aliases, rate, logged: queryLog?.share ?? 0, secret, ...limits };
}

/** Says what is in the way of a port, where that is it. */
function explained({ listen }: DnsOptions, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException; // of a socket
  return new Error(`--dns ${listen.join()}: ${explain(code, message)}`, { cause: error });
}

function explain(code: string | undefined, message: string): string {
  if (code === "EADDRINUSE") {
    return "another program has that port; take another one (127.0.0.1:0 takes a free one), or --dns none";
  }
  if (code === "EACCES") return "this user may not listen there; take a port above 1023";
  if (code === "EADDRNOTAVAIL") return "this machine does not have that address";
  return message;
}

function parseAddress(text: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  const host = parts?.[1] ?? parts?.[2];
  if (host === undefined || port > 65_535) {
    throw new Error(`--dns takes ADDRESS:PORT, such as 127.0.0.1:7753 or [::1]:7753, and not ${text}`);
  }
  return { host, port };
}

function addressOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
