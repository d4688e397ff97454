/** What is ours beside AWS's contract: attributes, headers and the like; all of them are optional to use. */
import type { OperationName } from "./operations.ts";
import type { Tag } from "./tags.ts";

/** The header in which every answer of the engine says which revision of the registry it is at. */
export const revisionHeader = "x-cloudmap-revision";

/** In a request, `true`: to be answered from everything that any node has acknowledged by then. */
export const consistentReadHeader = "x-cloudmap-consistent-read";

/** In a request: to be answered from this revision, or a later one; it is one that an answer or a watch told. */
export const leastRevisionHeader = "x-cloudmap-min-revision";

/** In a request, `true`: each namespace and service that is told comes with its tags, where the caller may ask for them. */
export const tagsHeader = "x-cloudmap-tags";

/** The operations that tell tags by that header. */
export const telling: ReadonlySet<string> = new Set<OperationName>([
  "GetNamespace",
  "GetService",
  "ListNamespaces",
  "ListServices",
]);

/** A namespace or a service as one of them tells it. */
export interface Told {
  readonly Arn?: string;
  /** As ListTagsForResource tells them; absent where nobody has asked for them, or the caller may not. */
  readonly Tags?: readonly Tag[];
}

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
