/** Throttling: a bucket of tokens for each account and group of operations, as AWS's; a request takes a token or is refused. */
import { CloudMapError } from "../api/errors.ts";
import type { OperationName } from "../api/operations.ts";

interface Group {
  readonly operations: readonly OperationName[];
  /** Tokens that come back each second, and the most that there are. */
  readonly rate: number;
  readonly burst: number;
  /** The discover operations have an error of their own: "you get the RequestLimitExceeded error code". */
  readonly error: "RequestLimitExceeded" | "ThrottlingException";
}

/**
 * AWS documents the rates of the two discover operations
 * (https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-limits.html and throttling.html: "the bucket size for the
 * DiscoverInstances API operation is 2,000 tokens, and the refill rate is 1,000 tokens every second"). ListInstances'
 * is from external-dns#2505 ("limited on 50 tps"). Those of ListNamespaces, ListServices, GetOperation,
 * CreateHttpNamespace, CreateService, RegisterInstance and DeregisterInstance are what AWS's own controller keeps to
 * (aws-cloud-map-mcs-controller-for-k8s, pkg/common/ratelimiter.go). An operation of which nothing is known has the rate
 * of its neighbours.
 */
export const awsGroups: readonly Group[] = [
  { operations: ["DiscoverInstances"], rate: 1_000, burst: 2_000, error: "RequestLimitExceeded" },
  { operations: ["DiscoverInstancesRevision"], rate: 3_000, burst: 3_000, error: "RequestLimitExceeded" },
  {
    operations: [
      ...(["CreateHttpNamespace", "CreatePrivateDnsNamespace", "CreatePublicDnsNamespace", "DeleteNamespace"] as const),
      ...(["UpdateHttpNamespace", "UpdatePrivateDnsNamespace", "UpdatePublicDnsNamespace"] as const),
    ],
    rate: 0.5,
    burst: 5,
    error: "ThrottlingException",
  },
  { operations: ["ListNamespaces"], rate: 0.5, burst: 5, error: "ThrottlingException" },
  { operations: ["ListServices"], rate: 2, burst: 10, error: "ThrottlingException" },
  {
    operations: [
      ...(["CreateService", "UpdateService", "DeleteService", "UpdateServiceAttributes"] as const),
      ...(["DeleteServiceAttributes", "TagResource", "UntagResource"] as const),
    ],
    rate: 5,
    burst: 50,
    error: "ThrottlingException",
  },
  { operations: ["RegisterInstance"], rate: 50, burst: 100, error: "ThrottlingException" },
  { operations: ["DeregisterInstance"], rate: 50, burst: 100, error: "ThrottlingException" },
  { operations: ["UpdateInstanceCustomHealthStatus"], rate: 50, burst: 100, error: "ThrottlingException" },
  { operations: ["GetOperation"], rate: 100, burst: 200, error: "ThrottlingException" },
  { operations: ["ListInstances"], rate: 50, burst: 100, error: "ThrottlingException" },
  {
    operations: [
      ...(["GetInstance", "GetInstancesHealthStatus", "GetNamespace", "GetService", "GetServiceAttributes"] as const),
      ...(["ListOperations", "ListTagsForResource"] as const),
    ],
    rate: 50,
    burst: 100,
    error: "ThrottlingException",
  },
];

/** The refusal of a request that comes too early. */
export class Throttled extends CloudMapError {
  /** Milliseconds until there is a token again. */
  readonly retryAfter: number;

  constructor(error: Group["error"], retryAfter: number) {
    super(error, "Rate exceeded");
    this.retryAfter = retryAfter;
  }
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Takes a token for a request of an account, or throws `Throttled`. */
export type Throttle = (account: string, operation: string) => void;

export function readThrottle(text: string, now: () => number): Throttle | undefined {
  if (text === "none") return undefined;
  if (text === "aws") return throttle(awsGroups, now);
  throw new Error(`--throttle takes none or aws, and not ${JSON.stringify(text)}`);
}

export function throttle(groups: readonly Group[], now: () => number): Throttle {
  const groupOf = new Map(groups.flatMap((group, at) => group.operations.map((name) => [String(name), at])));
  const accounts = new Map<string, Bucket[]>(); // as many as the operator gives keys to
  return (account, operation) => {
    const at = groupOf.get(operation);
    const group = at === undefined ? undefined : groups[at];
    if (at === undefined || group === undefined) return;
    const time = now();
    let buckets = accounts.get(account);
    if (buckets === undefined) {
      buckets = groups.map(({ burst }) => ({ tokens: burst, at: time }));
      accounts.set(account, buckets);
    }
    const bucket = buckets[at];
    const wait = bucket === undefined ? 0 : take(bucket, group, time);
    if (wait > 0) throw withoutStack(() => new Throttled(group.error, wait));
  };
}

/** A stack is most of what an error costs, and says nothing here: a flood of refusals must stay cheap. */
function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Takes a token; where there is none, says in how many milliseconds there is one. */
function take(bucket: Bucket, { rate, burst }: Group, now: number): number {
  const elapsed = Math.max(0, now - bucket.at); // a clock may be set back
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsed * rate) / 1000);
  bucket.at = now;
  if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 1000) / rate);
  bucket.tokens -= 1;
  return 0;
}

/** AWS's SDKs read the first, in milliseconds; other clients the second, in seconds (RFC 9110 §10.2.3). */
export function retryHeaders({ retryAfter }: Throttled): { readonly [name: string]: string } {
  return { "x-amz-retry-after": String(retryAfter), "retry-after": String(Math.ceil(retryAfter / 1000)) };
}
