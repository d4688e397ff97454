/** What is ours beside AWS's contract: attributes, headers and the like; all of them are optional to use. */

/** The header in which every answer of the engine says which revision of the registry it is at. */
export const revisionHeader = "x-cloudmap-revision";

/** In a request, `true`: to be answered from everything that any node has acknowledged by then. */
export const consistentReadHeader = "x-cloudmap-consistent-read";

/** In a request: to be answered from this revision, or a later one; it is one that an answer or a watch told. */
export const leastRevisionHeader = "x-cloudmap-min-revision";

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
