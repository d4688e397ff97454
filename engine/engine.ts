/** The engine: wires store, registry and HTTP; starts and stops them. */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { readAccess } from "./auth/access-file.ts";
import { type Gate, openGate } from "./auth/gate.ts";
import type { Clock } from "./clock.ts";
import { Contexts } from "./contexts.ts";
import { Dispatcher } from "./dispatch.ts";
import { type Dns, type DnsOptions, startDns } from "./dns/dns.ts";
import { dnsFamilies } from "./dns/families.ts";
import { Draft } from "./draft.ts";
import { ec2Addresses } from "./ec2.ts";
import { listOf } from "./health/address.ts";
import { probeFamilies, watchFamilies } from "./health/families.ts";
import { openHealth } from "./health/health.ts";
import type { ProbeCounts } from "./health/monitor.ts";
import { type CertificateFiles, type CertificateSource, certificateSource } from "./http/certificate.ts";
import { connectionFamilies } from "./http/connections.ts";
import { type Hosts, isLoopback } from "./http/guard.ts";
import { createServer, type Server } from "./http/server.ts";
import { loadRegistry } from "./loading.ts";
import { type Log, logToStderr } from "./log.ts";
import { type Monitoring, openMonitoring } from "./monitoring.ts";
import { checkName, type Node, openNode } from "./node.ts";
import { readQuotas } from "./quotas.ts";
import { identityKey } from "./records.ts";
import type { Registry } from "./registry.ts";
import type { EtcdPlace } from "./store/etcd-place.ts";
import { measured } from "./store/measured.ts";
import { openStore } from "./store/open.ts";
import type { Store } from "./store/store.ts";
import { readThrottle } from "./throttle.ts";

export interface EngineOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** The folder of the embedded store. */
  readonly data?: string;
  /** Where the registry is in etcd, in place of the embedded store. */
  readonly etcd?: EtcdPlace;
  /** Another store, in place of the embedded one. */
  readonly store?: Store;
  /** What this node is called among those that share the store; it draws a name by default. */
  readonly node?: string;
  /** Milliseconds from one look at the store to the next, by which a node knows that it is current; 1,000 by default. */
  readonly pace?: number;
  readonly region?: string;
  /** Twelve digits; a new registry draws its own and keeps it. */
  readonly account?: string;
  /** A file of access keys; without it, on loopback only, any credentials are taken. */
  readonly auth?: string;
  /** Files of a certificate and its key, read again when they change: then it serves HTTPS. */
  readonly tls?: CertificateFiles;
  /** A file of EC2 instances: JSON, id to private IPv4 address; it is read again when it changes. */
  readonly ec2?: string;
  /** Milliseconds from an operation's start to its end; 0 by default. */
  readonly operationDelay?: number;
  /** Milliseconds until a reported UNHEALTHY takes effect; 30,000 by default, as AWS's. */
  readonly healthWindow?: number;
  /** `none` (by default), `aws`, or a file of quotas. */
  readonly quotas?: string;
  /** Milliseconds from one probe of an instance to the next; 30,000 by default, as AWS's. */
  readonly probeInterval?: number;
  /** Networks that are probed although they are loopback, link-local or the like: CIDRs. */
  readonly probeAllow?: readonly string[];
  /** `none` (by default) or `aws`. */
  readonly throttle?: string;
  /** Connections to the API at a time; 25,000 by default. */
  readonly maxConnections?: number;
  /** A file for who did what; discoveries are in it only where `auditData` says so. */
  readonly auditLog?: string;
  readonly auditData?: boolean;
  /** Without it there is no DNS. */
  readonly dns?: DnsOptions;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How the engine is woken later. */
  readonly after?: Clock["after"];
  readonly log?: Log;
}

export interface Engine extends AsyncDisposable {
  readonly url: string;
  readonly account: string;
  readonly region: string;
  readonly dns: Dns;
  /** How the probes go, for those who watch over the engine. */
  readonly probes: () => ProbeCounts;
  /** Begins new log files where they were moved away. */
  reopenLogs(): Promise<void>;
  /** How many wait for a service to change. */
  readonly watches: () => number;
  /** Finishes what is in flight, and lets go of the data. */
  stop(): Promise<void>;
}

export const version: string = JSON.parse(readFileSync(packageFile(), "utf8")).version;

function packageFile(): URL {
  const fromSource = import.meta.url.endsWith(".ts");
  return new URL(fromSource ? "../package.json" : "../../package.json", import.meta.url);
}

/** How long a stop waits for requests, in milliseconds: by then, what is still open is a client that does not go on. */
const stopPatience = 3_000;
/** How long a start waits for the first change of a new registry, in milliseconds. */
const patience = 10_000;

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { region = "us-east-1", now = Date.now, log = logToStderr } = options;
  const { host, port, quotas, certificate, ec2, throttle } = read(options, now, log);
  const { store, families } = measured(options.store ?? (await openStore(options.data, options.etcd, log)));
  let gate: Gate | undefined;
  let monitoring: Monitoring | undefined;
  let dns: Dns | undefined;
  let halt = async () => {};
  const stop = once(async () => {
    await halt();
    gate?.close();
    await dns?.stop();
    await store.close();
    await monitoring?.close();
  });
  try {
    const registry = await loadRegistry(store, log);
    const account = await identify(registry, store, options.account, now());
    gate = openGate(options.auth, { region, account, now }, log);
    const contexts = contextsOf(options, { home: account, region, now, quotas, ...(ec2 && { ec2 }) }, gate);
    const context = contexts.of(account);
    const node = openNode({ options, registry, store, stale: (since) => dns?.stale(since), log });
    const dispatcher = new Dispatcher(registry, store, contexts, log, node);
    dns = await startDns(options.dns, registry, now, log);
    const health = () => ({ ...node.health(), account, region, version, pid: process.pid });
    const { auditLog, auditData, maxConnections } = options;
    monitoring = await openMonitoring({ context, dispatcher, version, log, auditLog, auditData, families });
    const { authenticate, metricsReaders, consoleReaders } = gate;
    const readers = { authenticate, metricsReaders, consoleReaders };
    const wiring = { dispatcher, context, ...readers, throttle, health, version, log };
    const hosts = hostsOf([host, ...dns.hosts], certificate);
    const watched = openHealth(options, dispatcher, node.nodes);
    const { watches } = watched;
    const server = createServer({ ...wiring, ...monitoring, certificate, hosts, watches, maxConnections });
    const address = await server.listen(host, port);
    halt = () => leave({ node, watched, server, dispatcher });
    await node.start();
    dispatcher.resume();
    watched.start([{ host, port: address.port }, ...dns.listeners]);
    monitoring.add(...probeFamilies(watched.probes), ...watchFamilies(() => watches.open));
    monitoring.add(...dnsFamilies(dns), ...connectionFamilies(server.refused), ...node.families);
    return {
      url: urlOf(certificate === undefined ? "http" : "https", host, address),
      account,
      region,
      dns,
      probes: watched.probes,
      reopenLogs: async () => void (await Promise.all([monitoring?.reopen(), dns?.reopenLog()])),
      watches: () => watches.open,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly node: Node;
  readonly watched: ReturnType<typeof openHealth>;
  readonly server: Server;
  readonly dispatcher: Dispatcher;
}

/** Takes no part any more, and answers what it has taken: an engine that does not come up must not go on answering. */
async function leave({ node, watched, server, dispatcher }: Parts): Promise<void> {
  node.stop();
  watched.stop();
  await server.stop(stopPatience);
  await dispatcher.close();
}

type Base = ConstructorParameters<typeof Contexts>[0];

function contextsOf(
  { operationDelay = 0, healthWindow = 30_000, dns }: EngineOptions,
  base: Omit<Base, "operationDelay" | "healthWindow" | "nameServers">,
  { shares }: Gate,
): Contexts {
  const nameServers = dns?.nameServers?.map(({ name }) => name) ?? [];
  return new Contexts({ ...base, operationDelay, healthWindow, nameServers }, shares);
}

/** What the options say; throws, before anything is opened, where they make no sense. */
function read(options: EngineOptions, now: () => number, log: Log) {
  const { host, port } = parseListen(options.listen);
  if (options.node !== undefined) checkName(options.node);
  checkAuth(options.auth, host);
  const quotas = readQuotas(options.quotas ?? "none");
  const ec2 = options.ec2 === undefined ? undefined : ec2Addresses(options.ec2, log);
  listOf(options.probeAllow ?? []); // throws where it is no list of networks
  const certificate = options.tls && certificateSource(options.tls, log);
  const throttle = readThrottle(options.throttle ?? "none", now);
  return { host, port, quotas, certificate, ec2, throttle };
}

/** Refuses a file that is none, and to be without one where others can call, before anything is opened. */
function checkAuth(file: string | undefined, host: string): void {
  if (file !== undefined) readAccess(file);
  else if (!isLoopback(host)) {
    throw new Error(
      `listening on ${host} needs --auth FILE: anyone who reaches that address could change the registry`,
    );
  }
}

/** The registry's account: what it was made with; a new one takes the operator's, or draws one. */
async function identify(registry: Registry, store: Store, wanted: string | undefined, now: number): Promise<string> {
  while (registry.identity === undefined) {
    const draft = new Draft(registry);
    draft.guard(identityKey); // the first of several nodes decides
    draft.put(identityKey, { Account: wanted ?? drawAccount(), CreateDate: now / 1000 });
    const outcome = await store.commit(draft.transaction());
    const revision = "committed" in outcome ? outcome.committed : outcome.conflict;
    if (!(await registry.reached(revision, patience))) throw new Error("the store does not tell of its changes");
  }
  const { Account } = registry.identity;
  if (wanted !== undefined && wanted !== Account) {
    throw new Error(
      `this registry is of account ${Account}, not ${wanted}: leave --account out, or give another data folder`,
    );
  }
  return Account;
}

function drawAccount(): string {
  return String(randomInt(1, 10 ** 12 - 1)).padStart(12, "0");
}

function parseListen(listen: string): { host: string; port: number } {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(listen);
  const port = Number(parts?.[3]);
  const host = parts?.[1] ?? parts?.[2];
  if (host === undefined || port > 65535)
    throw new Error(`--listen takes HOST:PORT, such as 127.0.0.1:7700, and not ${listen}`);
  return { host, port };
}

/** What the engine is called beside its certificate's names, with `*` in these for one label. */
function hostsOf(own: readonly string[], certificate: CertificateSource | undefined): Hosts {
  const given = new Set(own);
  return (name) => {
    const names = certificate?.current().names;
    return given.has(name) || names?.has(name) === true || names?.has(name.replace(/^[^.]+/, "*")) === true;
  };
}

function urlOf(scheme: string, host: string, { port }: AddressInfo): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
