/** Nodes over one store: dispatchers as the engine makes them, of which some hear late of what the others do. */
import type { Input, OperationName, Output } from "../../api/operations.ts";
import { rootOf } from "../../engine/auth/caller.ts";
import type { Context } from "../../engine/context.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher } from "../../engine/dispatch.ts";
import { Head } from "../../engine/head.ts";
import type { Nodes } from "../../engine/nodes.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store, Watcher } from "../../engine/store/store.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { node, turn } from "./trial.ts";

export const home = "123456789012";
export const asking = { caller: rootOf(home), address: "127.0.0.1" };

/** A store whose commits come late: some turns of the event loop after they are there. */
export function late(store: Store, turns: number): Store {
  let told = Promise.resolve();
  return {
    ...store,
    watch: (revision, watcher: Watcher) =>
      store.watch(revision, {
        ...watcher,
        commit: (commit) => {
          told = told.then(async () => {
            for (let left = turns; left > 0; left -= 1) await turn();
            watcher.commit(commit);
          });
        },
      }),
  };
}

/** A bug: a node that takes what it has for the newest there is. */
export const neverBehind = (store: Store): Store => ({ ...store, head: async () => 0 });

export interface Member {
  readonly registry: Registry;
  readonly dispatcher: Dispatcher;
  ask<N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>>;
}

export interface MemberOptions extends Partial<Pick<Context, "operationDelay" | "quotas" | "healthWindow" | "now">> {
  readonly nodes?: Nodes;
  readonly pace?: number;
}

export async function member(store: Store, { nodes, pace, ...more }: MemberOptions = {}): Promise<Member> {
  const registry = await node(store, new Registry());
  const base = { home, region: "us-east-1", now: Date.now, operationDelay: 0, healthWindow: 30_000, quotas: {} };
  const head = new Head(registry, store, { ...(pace !== undefined && { pace }) });
  const parts = { head, ...(nodes && { nodes }) };
  const dispatcher = new Dispatcher(registry, store, new Contexts({ ...base, ...more }), () => {}, parts);
  const ask: Member["ask"] = async (name, input) => dispatcher.answer(name, input, asking) as never; // its own output
  return { registry, dispatcher, ask };
}

/** A node that knows everything at once, and one that knows it late. */
export async function pair(planted: (store: Store) => Store = (store) => store, options: MemberOptions = {}) {
  const memory = new Memory();
  const quick = await member(openMemory(memory), options);
  const slow = await member(planted(late(openMemory(memory), 100)), options);
  const settled = async () => {
    while (slow.registry.revision < memory.revision) await turn();
  };
  return { memory, quick, slow, settled };
}
