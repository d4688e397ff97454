/** Trials of the write pipeline: several nodes over one store that makes trouble, and the laws that must hold all the same. */
import { CloudMapError } from "../../api/errors.ts";
import { Pipeline } from "../../engine/command.ts";
import type { Key } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import type { Commit, Store } from "../../engine/store/store.ts";
import { Memory, openMemory, type Trouble } from "../store/memory.ts";

/** A bug put where the engine meets its store, or into its registry, to see whether a trial notices. */
export interface Planted {
  readonly store?: (store: Store, random: () => number) => Store;
  readonly registry?: () => Registry;
}

const counters: readonly Key<number>[] = ["counter/a", "counter/b", "counter/c"];

/** A registry that knows whether the change stream had a gap or a repetition. */
class Watched extends Registry {
  readonly skips: string[] = [];

  override apply(commit: Commit): void {
    if (commit.revision !== this.revision + 1) this.skips.push(`applied ${commit.revision} after ${this.revision}`);
    super.apply(commit);
  }
}

/** A node as engine.ts makes it: a registry loaded from the store and fed by its watch. */
export async function node(store: Store, registry: Registry): Promise<Registry> {
  const snapshot = await store.load();
  await registry.load(snapshot);
  await store.watch(snapshot.revision, {
    commit: (commit) => registry.apply(commit),
    reload: async (newer) => void (await registry.reload(newer)),
  });
  return registry;
}

/** Counts up in parallel on two nodes; answers which laws were broken. */
export async function countUp(seed: number, trouble: Trouble, planted: Planted = {}): Promise<string[]> {
  const random = randomOf(seed);
  const memory = new Memory();
  const broken = new Set<string>();
  const answers = new Map<string, number[]>(counters.map((key) => [key, []]));
  const nodes: Registry[] = [];

  const run = async (): Promise<void> => {
    const store = openMemory(memory, { ...trouble, random });
    const registry = await node(planted.store?.(store, random) ?? store, planted.registry?.() ?? new Watched());
    nodes.push(registry);
    const pipeline = new Pipeline(registry, planted.store?.(store, random) ?? store);
    const work = Array.from({ length: 150 }, async () => {
      const key = counters[Math.floor(random() * counters.length)] ?? "";
      for (let wait = Math.floor(random() * 30); wait > 0; wait -= 1) await turn();
      try {
        const answer = await pipeline.submit((draft) => {
          const next = (draft.guard<number>(key) ?? 0) + 1;
          draft.put(key, next);
          return next;
        });
        answers.get(key)?.push(answer);
        if ((registry.get<number>(key) ?? 0) < answer) broken.add("an answer came before the registry had it");
      } catch (error) {
        if (!isClear(error)) broken.add(`an error is not clear: ${error}`);
      }
    });
    await Promise.all(work);
    await pipeline.close();
  };
  await Promise.all([run(), run()]);

  for (const [key, given] of answers) {
    const stored = Number(memory.entries.get(key)?.value ?? 0);
    if (stored !== given.length) broken.add(`a counter is not the number of its answers`);
    if (new Set(given).size !== given.length) broken.add("an answer was given twice");
  }
  for (const registry of nodes) await compare(registry, memory, broken);
  return [...broken];
}

/** What one may be told when something could not be stored. */
export function isClear(error: unknown): boolean {
  return (
    error instanceof CloudMapError &&
    error.code === "ServiceUnavailable" &&
    /: the disk is full|try again/.test(error.message)
  );
}

/** A node must come to what a new one finds. */
async function compare(registry: Registry, memory: Memory, broken: Set<string>): Promise<void> {
  for (let turns = 0; registry.revision < memory.revision && turns < 1_000; turns += 1) await turn();
  const fresh = await node(openMemory(memory), new Registry());
  for (const key of counters) {
    const same = registry.get(key) === fresh.get(key) && registry.revisionOf(key) === fresh.revisionOf(key);
    if (!same) broken.add("a registry is not what its store holds");
  }
  if (registry instanceof Watched)
    for (const skip of registry.skips.slice(0, 1)) broken.add(`the stream skips: ${skip}`);
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
