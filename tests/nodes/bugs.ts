/** The bugs that can be planted, and how many rounds it takes to see that there is one. */
import { writeFileSync } from "node:fs";
import type { Cluster } from "./cluster.ts";
import { none } from "./faults.ts";
import { play } from "./round.ts";

/** As planted-store.ts calls them; the last one needs the luck of more rounds than CI has time for. */
export const bugs = [
  "a consistent read is answered from memory",
  "a commit is done twice",
  "the compare of an instance is dropped",
  "the compare of a service is dropped",
] as const;

const pace = { before: 0, during: 800, after: 0, rest: 1 };

/** Plays until something is broken: answers in which round, and what; undefined where nothing was. */
export async function findOut(
  cluster: Cluster,
  planted: string,
  bug: (typeof bugs)[number],
  most: number,
): Promise<{ readonly round: number; readonly broken: readonly string[] } | undefined> {
  writeFileSync(planted, bug);
  for (let round = 1; round <= most; round += 1) {
    const { broken } = await play(cluster, none, Math.random, pace);
    if (broken.length > 0) return { round, broken };
  }
  return undefined;
}
