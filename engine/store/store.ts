/** The interface between the registry and where it is kept: an ordered key-value space in which every commit has a revision. */

/** A key with its value and the revision of the commit that wrote it last. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly revision: number;
}

/** One change: a new value for a key, or its removal. */
export interface Write {
  readonly key: string;
  readonly value: string | undefined;
}

/**
 * What must still be true for a transaction to be committed: that a key was last written at a revision (0: that there
 * is no such key), or that no key begins with a prefix.
 */
export type Expectation = { readonly key: string; readonly revision: number } | { readonly prefix: string };

/** Writes that are committed together or not at all; no key is written twice. */
export interface Transaction {
  readonly expectations: readonly Expectation[];
  readonly writes: readonly Write[];
}

/** A transaction as the change stream tells of it. */
export interface Commit {
  readonly revision: number;
  readonly writes: readonly Write[];
}

/** Committed at a revision; or refused because an expectation did not hold when the store was at a revision. */
export type Outcome = { readonly committed: number } | { readonly conflict: number };

/** Everything as it was at one revision, in pages. */
export interface Snapshot {
  readonly revision: number;
  /** To be read once: the store may keep what it needs for them until they are. */
  readonly pages: AsyncIterable<readonly Entry[]>;
}

/** Who follows the commits of all nodes. */
export interface Watcher {
  /** Each commit once, in order, with nothing left out. */
  commit(commit: Commit): void;
  /**
   * Everything as it is now, where the store no longer knows each commit since the last one it told of. Nothing more is
   * told of until it is taken in.
   */
  reload(snapshot: Snapshot): Promise<void>;
}

/** Told of the names of the nodes at work, sorted. */
export type NodesListener = (nodes: readonly string[]) => void;

export interface Store {
  /** The most of each in one transaction. */
  readonly maxExpectations: number;
  readonly maxWrites: number;
  /** Reads everything as it is now, also while commits go on: what an engine starts from, and what a backup is. */
  load(): Promise<Snapshot>;
  /**
   * Tells of every commit after `revision`, in order, each once. Revisions rise from commit to commit, but need not count
   * them; the removal of a key that is not there need not be told of. A commit may be told of after `commit` has answered.
   */
  watch(revision: number, watcher: Watcher): Promise<void>;
  /**
   * The revision of the newest commit on any node, as of a moment after the call: whoever has applied it misses nothing
   * that was acknowledged before the call.
   */
  head(): Promise<number>;
  /**
   * Takes part in the work as a node of this name; tells of the names of all nodes at work, this one among them, at once
   * and at each change.
   */
  join(name: string, listener: NodesListener): Promise<void>;
  /** Commits durably: what has been answered is there after a crash. Throws a StoreError when it could not be stored. */
  commit(transaction: Transaction): Promise<Outcome>;
  /** Finishes what is under way and lets go of the data. */
  close(): Promise<void>;
}

export type StoreFailure =
  | ("busy" | "compacted" | "damaged" | "failed" | "full" | "newer" | "older" | "readonly")
  /** Whoever keeps it does not let this engine in. */
  | "denied"
  /** More than fits into one transaction: in parts, it does. */
  | "large"
  /** Where it is kept cannot be asked now; nothing was done. */
  | "unreachable"
  /** The same, and it is not known whether what was asked to be written is there. */
  | "unknown";

/** Why the store could not be opened, read or written. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
