/** What etcd and the way to it answer when they do not do what they are asked, as what it means and what to do. */
import { status } from "@grpc/grpc-js";
import { StoreError, type StoreFailure } from "./store.ts";

/** What happened to a call. */
export type Fate =
  /** etcd refused it: nothing was done, and asking another member does not help. */
  | "refused"
  /** The login is over: nothing was done, and with a new one it can be. */
  | "expired"
  /** This member cannot do it: nothing was done. */
  | "absent"
  /** This member cannot be asked: whether anything was done is not known. */
  | "lost";

interface Known {
  readonly pattern: RegExp;
  readonly failure: StoreFailure;
  readonly remedy: string;
  readonly fate: Fate;
}

/** The texts are etcd's own (api/v3rpc/rpctypes/error.go), and those of TLS and of gRPC. */
const known: readonly Known[] = [
  {
    pattern: /database space exceeded/,
    failure: "full",
    fate: "refused",
    remedy:
      "etcd is at its space quota and takes no changes: compact and defragment it, then `etcdctl alarm disarm`, or give it a larger --quota-backend-bytes; nothing that was acknowledged is lost, and reads go on",
  },
  {
    pattern: /too many requests/,
    failure: "busy",
    fate: "refused",
    remedy: "etcd has more to do than it can: try again",
  },
  {
    pattern: /request is too large|message larger than max/,
    failure: "large",
    fate: "refused",
    remedy: "raise etcd's --max-request-bytes",
  },
  {
    pattern: /too many operations in txn/,
    failure: "failed",
    fate: "refused",
    remedy: "cloudmap needs etcd's --max-txn-ops to be at least 128, as it is by default",
  },
  { pattern: /invalid auth token|auth revision|old revision/, failure: "unreachable", fate: "expired", remedy: "" },
  {
    pattern: /authentication failed|user name is empty|user not found/,
    failure: "denied",
    fate: "refused",
    remedy: "check --etcd-user and its password (CLOUDMAP_ETCD_PASSWORD, or --etcd-password-file)",
  },
  {
    pattern: /permission denied/,
    failure: "denied",
    fate: "refused",
    remedy:
      "give etcd's user a role that may read and write all keys below the prefix: etcdctl role grant-permission ROLE readwrite --prefix=true PREFIX",
  },
  {
    pattern: /authentication is not enabled/,
    failure: "denied",
    fate: "refused",
    remedy: "etcd has no users: leave --etcd-user out, or enable its authentication (etcdctl auth enable)",
  },
  {
    pattern: /certificate|ERR_TLS|altnames|SSL routines|alert/i,
    failure: "denied",
    fate: "lost",
    remedy:
      "the TLS connection was refused: check --etcd-ca (who signed etcd's certificate), that the name in the URL is in that certificate, and --etcd-cert and --etcd-key where etcd asks its clients for one",
  },
  {
    pattern: /no leader/,
    failure: "unreachable",
    fate: "absent",
    remedy: "it has no leader: most of etcd's members must be at work and reach each other",
  },
  { pattern: /^Deadline exceeded/, failure: "unreachable", fate: "lost", remedy: "it did not answer in time" },
  {
    pattern: /No connection established|Name resolution failed/,
    failure: "unreachable",
    fate: "absent",
    remedy: "it cannot be reached: check that it runs, and the URL (https: where etcd has a certificate)",
  },
  {
    pattern: /required revision has been compacted/,
    failure: "compacted",
    fate: "refused",
    remedy: "it was compacted while the registry was read, again and again: compact it less often",
  },
];

/** Whoever answers with these is not there, has no leader, or did not answer in time. */
const lost: ReadonlySet<number> = new Set([
  ...[status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED],
  ...[status.INTERNAL, status.UNKNOWN, status.ABORTED],
]);

export interface Failed {
  readonly fate: Fate;
  readonly error: StoreError;
}

export function failedCall(error: unknown, where: string): Failed {
  const { code = status.UNKNOWN, details = "" } = error as { code?: number; details?: string };
  const text = details === "" ? String(error instanceof Error ? error.message : error) : details;
  const reason = text.replace(/\.? Resolution note: $/, "");
  const found = known.find(({ pattern }) => pattern.test(reason));
  if (found !== undefined)
    return { fate: found.fate, error: storeError(found.failure, where, found.remedy, reason, error) };
  if (code === status.UNAUTHENTICATED)
    return { fate: "expired", error: storeError("unreachable", where, "", reason, error) };
  if (code === status.UNIMPLEMENTED)
    return { fate: "lost", error: storeError("denied", where, notEtcd, reason, error) };
  const failure = lost.has(code) ? "unreachable" : "failed";
  return { fate: lost.has(code) ? "lost" : "refused", error: storeError(failure, where, "", reason, error) };
}

const notEtcd = "what answers there is not etcd 3.4 or later: check the URL";

function storeError(failure: StoreFailure, where: string, remedy: string, reason: string, cause: unknown): StoreError {
  const text = remedy === "" ? reason : `${remedy} (${reason.replace(/,remote_addr.*$/, "")})`;
  return new StoreError(failure, `etcd at ${where}: ${text}`, { cause });
}
