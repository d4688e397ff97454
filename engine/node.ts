/** The node: this process as one of those that share a registry: its name, how current it is, which share of the work it has. */
import { Head, type Lag, type Lost } from "./head.ts";
import type { Log } from "./log.ts";
import { type Family, single } from "./metrics.ts";
import { drawName, Nodes } from "./nodes.ts";
import type { Registry } from "./registry.ts";
import type { Store } from "./store/store.ts";

export interface NodeOptions {
  readonly options: {
    /** By default the machine's name, and something of its own. */
    readonly node?: string;
    /** Milliseconds from one look at the store to the next. */
    readonly pace?: number;
  };
  readonly registry: Registry;
  readonly store: Store;
  /** Told since when answers may be old; undefined: they are not any more. */
  readonly stale: (since: string | undefined) => void;
  readonly log: Log;
}

/** What a node says of itself. */
export interface NodeHealth {
  /** `degraded`: it has lost the store, answers from memory what it knows, and takes no changes. */
  readonly status: "ok" | "degraded";
  readonly revision: number;
  readonly node: string;
  readonly nodes: readonly string[];
  readonly lag: Lag;
  /** The last moment of which a degraded node knows everything. */
  readonly since?: string;
}

export interface Node {
  readonly head: Head;
  readonly nodes: Nodes;
  readonly families: readonly Family[];
  health(): NodeHealth;
  /** Takes part in the work. */
  start(): Promise<void>;
  stop(): void;
}

export function openNode({ options, registry, store, stale, log }: NodeOptions): Node {
  const { node: name = drawName(), pace } = options;
  checkName(name);
  const changed = (lost: Lost | undefined) => {
    stale(lost?.since);
    tell(log, lost);
  };
  const head = new Head(registry, store, { ...(pace !== undefined && { pace }), changed });
  const nodes = new Nodes(name);
  const leave = nodes.listen(() => log("info", "the nodes at work have changed", { node: name, nodes: nodes.names }));
  return {
    head,
    nodes,
    families: familiesOf(head, nodes),
    health: () => ({
      status: head.lost === undefined ? "ok" : "degraded",
      revision: registry.revision,
      node: name,
      nodes: nodes.names,
      lag: head.lag,
      ...(head.lost && { since: head.lost.since }),
    }),
    start: async () => {
      head.start();
      await store.join(name, (names) => nodes.update(names));
    },
    stop: () => {
      head.stop();
      leave();
    },
  };
}

/** Names are shown in logs and metrics, and are part of keys. */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return;
  throw new Error(
    `--node takes a name of up to 63 letters, digits, dots, underscores and hyphens, and not ${JSON.stringify(name)}`,
  );
}

function tell(log: Log, lost: Lost | undefined): void {
  if (lost === undefined) log("info", "the store is reached again: this node is current, and takes changes");
  else {
    const what = "the store is lost: DNS and discovery are answered from memory, changes are refused";
    log("error", what, { ...lost });
  }
}

function familiesOf(head: Head, nodes: Nodes): Family[] {
  const looks = () => Object.entries(head.looks).map(([outcome, value]) => ({ labels: { outcome }, value }));
  return [
    single("gauge", "cloudmap_nodes", "Nodes at work on the registry, this one among them.", () => nodes.names.length),
    single(
      "gauge",
      "cloudmap_lag_revisions",
      "Revisions that are known to be in the store, and have not come to this node.",
      () => head.lag.revisions,
    ),
    single(
      "gauge",
      "cloudmap_lag_seconds",
      "Seconds since the last moment of which this node knows everything.",
      () => head.lag.seconds,
    ),
    single(
      "gauge",
      "cloudmap_store_lost",
      "1 while this node has lost the store: it answers from memory, and takes no changes.",
      () => (head.lost === undefined ? 0 : 1),
    ),
    {
      name: "cloudmap_store_looks_total",
      help: "Questions to the store which revision is the newest: confirmed (this node has it), failed.",
      type: "counter",
      samples: looks,
    },
  ];
}
