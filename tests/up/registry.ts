// What a stack is deployed to: an engine in this process; or, where UP_NODES says how many, nodes over etcd of which one after the other is killed.
import { start } from "../engine/running.ts";
import { flagsFor, type NodeSettings } from "../nodes/flags.ts";
import { nightly, openKilled } from "../nodes/killed.ts";

export interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly account: string;
  /** How many nodes have been killed. */
  readonly kills: () => number;
}

export async function openRegistry(settings: NodeSettings = {}, nodes = nightly): Promise<Registry> {
  if (nodes !== undefined) return openKilled(flagsFor(settings), nodes);
  const running = await start({ now: Date.now, ...settings });
  return {
    url: running.url,
    account: running.engine.account,
    kills: () => 0,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
