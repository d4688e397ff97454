/** An engine's options as flags of a node. */
import type { EngineOptions } from "../../engine/engine.ts";

/** Those that nodes can be given by flags. */
export type NodeSettings = Partial<
  Pick<EngineOptions, "operationDelay" | "healthWindow" | "probeInterval" | "probeAllow" | "auth" | "dns">
>;

type Flags = {
  readonly [Name in keyof Required<NodeSettings>]: (value: NonNullable<NodeSettings[Name]>) => readonly string[];
};

const flags: Flags = {
  operationDelay: (milliseconds) => ["--operation-delay", `${milliseconds}ms`],
  healthWindow: (milliseconds) => ["--health-window", `${milliseconds}ms`],
  probeInterval: (milliseconds) => ["--probe-interval", `${Math.max(milliseconds, 1_000)}ms`], // the least that it takes
  probeAllow: (networks) => networks.flatMap((network) => ["--probe-allow", network]),
  auth: (file) => ["--auth", file],
  dns: ({ nameServers = [] }) => nameServers.flatMap(({ name }) => ["--name-server", name]), // where it listens is its own
};

export function flagsFor(settings: NodeSettings): string[] {
  const each = <Name extends keyof NodeSettings>(name: Name): readonly string[] => {
    const value = settings[name];
    return value === undefined ? [] : flags[name](value);
  };
  return (Object.keys(flags) as (keyof NodeSettings)[]).flatMap(each); // of the table, which has those names only
}

/** The first of an engine's options that a node cannot be given. */
export function strangeTo(options: object): string | undefined {
  return Object.keys(options).find((name) => !Object.hasOwn(flags, name));
}
