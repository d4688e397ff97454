/** What is ours beside AWS's contract: attributes, headers and the like; all of them are optional to use. */

/** The header in which every answer of the engine says which revision of the registry it is at. */
export const revisionHeader = "x-cloudmap-revision";

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
