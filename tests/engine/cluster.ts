/** Nodes over one store: dispatchers as the engine makes them, of which some hear late of what the others do. */
import type { Input, OperationName, Output } from "../../api/operations.ts";
import { rootOf } from "../../engine/auth/caller.ts";
import type { Context } from "../../engine/context.ts";
import { Contexts } from "../../engine/contexts.ts";
import { Dispatcher } from "../../engine/dispatch.ts";
import { Head } from "../../engine/head.ts";
import type { Nodes } from "../../engine/nodes.ts";
import { Registry } from "../../engine/registry.ts";
import type { Store } from "../../engine/store/store.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { wrap } from "../store/wrap.ts";
import { node, turn } from "./trial.ts";

export const home = "123456789012";
export const asking = { caller: rootOf(home), address: "127.0.0.1" };

interface Late {
  readonly store: Store;
  /** Tells nothing, from now on, until the store is asked for something. */
  hold(): void;
  tell(): void;
}

/** A store that tells of commits only once it is asked which is the newest, or to commit; and then some turns later. */
function late(inner: Store, turns: number): Late {
  let told = Promise.resolve();
  let held: (() => void)[] | undefined = [];
  const tell = () => {
    for (const each of held ?? []) each();
    held = undefined;
  };
  const soon = (work: () => void) => {
    told = told.then(async () => {
      for (let left = turns; left > 0; left -= 1) await turn();
      work();
    });
  };
  const watch: Store["watch"] = (revision, watcher) => {
    const commit: typeof watcher.commit = (each) => {
      const work = () => soon(() => watcher.commit(each));
      if (held === undefined) work();
      else held.push(work);
    };
    return inner.watch(revision, { ...watcher, commit });
  };
  const asked = <T>(answer: Promise<T>): Promise<T> => answer.finally(tell);
  return {
    store: wrap(inner, {
      watch,
      head: () => asked(inner.head()),
      commit: (transaction) => asked(inner.commit(transaction)),
    }),
    hold: () => {
      held ??= [];
    },
    tell,
  };
}

/** A bug: a node that takes what it has for the newest there is. */
export const neverBehind = (store: Store): Store => wrap(store, { head: async () => 0 });

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

/** A node that knows everything at once, and one that knows it late; over one store, in memory by default. */
export async function pair(
  planted: (store: Store) => Store = (store) => store,
  options: MemberOptions = {},
  open: () => Promise<Store> = inMemory(),
) {
  const stores = [await open(), await open()] as const;
  const quick = await member(stores[0], options);
  const behind = late(stores[1], 20);
  const slow = await member(planted(behind.store), options);
  /** Everything is told, and nothing of what comes then. */
  const settled = async () => {
    behind.tell();
    const newest = await stores[0].head();
    while (slow.registry.revision < newest) await turn();
    behind.hold();
  };
  const close = async () => {
    for (const store of stores) await store.close();
  };
  return { quick, slow, settled, close };
}

function inMemory(): () => Promise<Store> {
  const memory = new Memory();
  return async () => openMemory(memory);
}
