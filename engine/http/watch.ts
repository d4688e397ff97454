/** `GET /watch`: a request that is answered when a service changes (docs/watch.md). */
import type { FastifyInstance, FastifyReply } from "fastify";
import { CloudMapError } from "../../api/errors.ts";
import { type Watched, watchPath } from "../../api/extensions.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import { findByNames } from "../discovery.ts";
import type { Dispatcher } from "../dispatch.ts";
import type { Watches } from "../watch.ts";
import { demandOf } from "./demand.ts";
import { requestOf } from "./exchange.ts";

export interface WatchOptions {
  readonly authenticate: Authenticator;
  readonly dispatcher: Dispatcher;
  readonly watches: Watches;
}

interface Asked {
  readonly namespace: string;
  readonly service: string;
  /** The account that shares the namespace; absent: the caller's. */
  readonly owner: string | undefined;
  /** 0: whatever there is. */
  readonly after: number;
  /** Milliseconds. */
  readonly wait: number;
}

const defaultWait = 30_000;
const longestWait = 600_000;
const units = { ms: 1, s: 1_000, m: 60_000 } as const;

export function serveWatches(server: FastifyInstance, { authenticate, dispatcher, watches }: WatchOptions): void {
  server.get(watchPath, async (request, reply): Promise<Watched> => {
    const signal = signalOf(reply);
    const plain = requestOf(request.raw, Buffer.alloc(0));
    const caller = authenticate(plain, "servicediscovery");
    const { namespace, service, owner, after, wait } = parseWatch(request.url);
    const input = { NamespaceName: namespace, ServiceName: service, ...(owner && { OwnerAccount: owner }) };
    const look = () => {
      const context = dispatcher.authorize("DiscoverInstancesRevision", input, { caller, address: plain.address });
      return findByNames(dispatcher.registry, input, context).record;
    };
    const { Id } = await dispatcher.read(look, demandOf(plain.headers));
    // A counter that another node has told: this one takes it in before it says that there is nothing like it.
    if (after > dispatcher.registry.revision) await dispatcher.head.catchUp().catch(() => {});
    return watches.wait(Id, after, wait, signal);
  });
}

/** Comes when the client has gone: who says nothing more waits for nothing more, though it could still be answered. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const leave = () => gone.abort();
  raw.socket?.once("end", leave);
  raw.once("close", () => {
    raw.socket?.off("end", leave);
    leave();
  });
  return gone.signal;
}

export function parseWatch(target: string): Asked {
  const query = new URL(target, "http://localhost").searchParams;
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (/^x-amz-/i.test(name)) continue; // of a presigned request
    if (!["namespace", "service", "owner", "after", "wait"].includes(name)) throw invalid(name, "is not known");
    if (given.has(name)) throw invalid(name, "is given twice");
    given.set(name, value);
  }
  const [namespace, service] = ["namespace", "service"].map((name) => {
    const value = given.get(name);
    if (!value) throw invalid(name, "is required: the name by which DiscoverInstances finds it");
    return value;
  });
  const names = { namespace: namespace ?? "", service: service ?? "", owner: given.get("owner") };
  return { ...names, ...timesOf(given.get("after"), given.get("wait")) };
}

function timesOf(after = "0", wait = `${defaultWait}ms`): Pick<Asked, "after" | "wait"> {
  if (!/^\d{1,15}$/.test(after)) throw invalid("after", "must be a counter that a watch has answered");
  const parts = /^(\d{1,9})(ms|s|m)$/.exec(wait === "0" ? "0s" : wait);
  const unit = parts?.[2] as keyof typeof units | undefined; // the pattern allows no other
  if (parts === null || unit === undefined) throw invalid("wait", "must be a time such as 30s, 500ms or 2m");
  return { after: Number(after), wait: Math.min(Number(parts[1]) * units[unit], longestWait) };
}

function invalid(name: string, what: string): CloudMapError {
  return new CloudMapError("InvalidInput", `The parameter ${JSON.stringify(name)} ${what}.`);
}
