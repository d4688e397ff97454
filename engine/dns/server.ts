/** A DNS server in one thread: a view, what answers from it, and the sockets. */
import type { Socket } from "node:dgram";
import { Aliases, type AliasOptions } from "./alias.ts";
import type { Batch } from "./change.ts";
import { clientsOf, type VpcNetwork } from "./client.ts";
import { Cookies } from "./cookie.ts";
import { Counters, rcodeName, type Totals, typeName } from "./counters.ts";
import { type NameServer, ownNames } from "./own-names.ts";
import { RateLimit } from "./rate.ts";
import { Responder, type ResponderOptions } from "./responder.ts";
import { serveTcp, type TcpLimits, type TcpServer, tcpLimits } from "./tcp.ts";
import { type Binding, serveUdp } from "./udp.ts";
import { View } from "./view.ts";
import { decodeName } from "./wire.ts";

/** What a thread is told when it is started: data only. */
export interface ServerOptions {
  readonly bindings: readonly Binding[];
  readonly vpcs: readonly VpcNetwork[];
  readonly nameServers: readonly NameServer[];
  readonly aliases: AliasOptions;
  /** Of the cookies: the same in all threads. */
  readonly secret: Uint8Array;
  /** Equal answers in a second to a network; 0 is no limit. */
  readonly rate: number;
  /** The share of queries that are logged, from 0 to 1. */
  readonly logged: number;
  readonly tcp?: Partial<TcpLimits>;
}

export interface ServerHooks {
  readonly now: () => number;
  readonly catchUp: () => void;
  readonly failed: (error: unknown) => void;
  readonly logLine: (line: string) => void;
}

export interface DnsServer {
  /** The ports that were taken, in the order of the bindings. */
  readonly ports: readonly number[];
  apply(batch: Batch): void;
  /** The view is complete. */
  ready(): void;
  stale(since: string | undefined): void;
  totals(): Totals;
  stop(): Promise<void>;
}

/** Two attempts may find that the port that UDP got is taken for TCP. */
const maxAttempts = 10;

export async function serveDns(options: ServerOptions, hooks: ServerHooks): Promise<DnsServer> {
  const view = new View();
  const counters = new Counters();
  const aliases = new Aliases(options.aliases, hooks.now);
  const own = ownNames(options.nameServers);
  const responder = new Responder({
    world: { view, own, alias: (name, type) => aliases.get(name, type), random: Math.random },
    cookies: new Cookies(Buffer.from(options.secret)),
    rate: new RateLimit(options.rate),
    counters,
    lookUp: (name, type) => aliases.lookUp(name, type),
    log: options.logged > 0 ? logger(options.logged, hooks) : undefined,
    ...hooks,
  });
  const clientOf = clientsOf(options.vpcs);
  const bound: Bound[] = [];
  const stop = async () => void (await Promise.all(bound.map(close)));
  try {
    const limits = { ...tcpLimits, ...options.tcp };
    const refused = () => void counters.refusedConnections++;
    for (const binding of options.bindings) {
      bound.push(await bind(binding, limits, refused, responder, clientOf, hooks.failed));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ports: bound.map(({ udp }) => udp.address().port),
    apply: (batch) => view.apply(batch),
    ready: () => {
      responder.ready = true;
    },
    stale: (since) => {
      responder.staleSince = since;
    },
    totals: () => counters.totals(),
    stop,
  };
}

interface Bound {
  readonly udp: Socket;
  readonly tcp: TcpServer;
}

/** UDP and TCP on the same port; a free one, where it is 0. */
async function bind(binding: Binding, limits: TcpLimits, refused: () => void, ...rest: Rest): Promise<Bound> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await serveUdp(binding, ...rest);
    try {
      const tcp = await serveTcp({ ...binding, port: udp.address().port }, ...rest, limits, refused);
      return { udp, tcp };
    } catch (error) {
      udp.close();
      if (binding.port !== 0 || attempt >= maxAttempts) throw error;
    }
  }
}

type Rest = [responder: Responder, clientOf: ReturnType<typeof clientsOf>, failed: (error: unknown) => void];

async function close({ udp, tcp }: Bound): Promise<void> {
  await Promise.all([tcp.close(), new Promise<void>((resolve) => void udp.close(() => resolve()))]);
}

function logger(share: number, { logLine }: ServerHooks): ResponderOptions["log"] {
  return (query, client, transport, rcode, size) => {
    if (share < 1 && Math.random() >= share) return;
    const name = decodeName(query.name);
    const line = {
      time: new Date().toISOString(),
      client: client.address,
      transport,
      name,
      type: typeName(query.type),
    };
    logLine(JSON.stringify({ ...line, rcode: rcodeName(rcode), size }));
  };
}
