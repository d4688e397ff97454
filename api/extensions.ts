/** What is ours beside AWS's contract: attributes, headers and the like; all of them are optional to use. */
import type { Operation } from "./operation.ts";
import type { Tag } from "./tags.ts";

/** The header in which every answer of the engine says which revision of the registry it is at. */
export const revisionHeader = "x-cloudmap-revision";

/** In a request, `true`: to be answered from everything that any node has acknowledged by then. */
export const consistentReadHeader = "x-cloudmap-consistent-read";

/** In a request: to be answered from this revision, or a later one; it is one that an answer or a watch told. */
export const leastRevisionHeader = "x-cloudmap-min-revision";

/** In a request: what its answer tells beside what AWS's does, by words with commas between them. */
export const includeHeader = "x-cloudmap-include";

/**
 * `operation`: with an OperationId that operation, as GetOperation tells it; `tags`: with each namespace and service of
 * GetNamespace, GetService, ListNamespaces and ListServices its tags, as ListTagsForResource tells them. Who may not ask
 * for it so is not told it.
 */
export const inclusions = ["operation", "tags"] as const;
export type Inclusion = (typeof inclusions)[number];

/** A namespace or a service, as it is told with its tags. */
export interface Told {
  readonly Arn?: string;
  readonly Tags?: readonly Tag[];
}

/** What begins a change answers, with its operation. */
export interface Started {
  readonly OperationId?: string;
  readonly Operation?: Operation;
}

/**
 * What a key's token for the console is for: the HMAC-SHA256 of this text with the key's secret, in hexadecimal. With the
 * key's id as the name and the token as the password a browser is shown what the key may read.
 */
export const consolePurpose = "cloudmap:ReadConsole";

/** Where a service is watched: `GET /watch?namespace=NAME&service=NAME&after=COUNTER&wait=30s`. */
export const watchPath = "/watch";

/** What a watch is told. */
export interface Watched {
  /** To be given as `after` next time. It never falls: not over a restart, not for a service that is made again. */
  readonly Counter: number;
  /** As DiscoverInstancesRevision answers it: it does not move with health. */
  readonly InstancesRevision: number;
  /** Whether anything has changed after the counter that was given. */
  readonly Changed: boolean;
}
