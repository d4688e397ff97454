// Kills the provider, the deployer and the engine at every request that a stack of all kinds makes, on both hosts, until none is left.
import { createHash } from "node:crypto";
import { commands } from "../tests/up/deployer.ts";
import { type Boundary, boundaries, type Decide } from "../tests/up/fire/kill.ts";
import { type Counts, noCounts, steps, takeStep } from "../tests/up/fire/life.ts";
import { type Host, hosts, openScene } from "../tests/up/fire/scene.ts";
import type { Row } from "./row.ts";

/** A run after this many kills in a row has to come through: what a single one does is not to hide behind the others. */
const inARow = 8;
/** A registry's requests, as far as the engine is killed at them: a run makes about thirty. */
const furthest = 30;

interface Whole extends Counts {
  readonly points: ReadonlySet<string>;
}

/** `FIRE_SHARE=2/4` takes the second of four parts of the points, which are the same in every run. */
function shareOf(text: string | undefined): (point: string) => boolean {
  if (text === undefined) return () => true;
  const [part, parts] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (!part || !parts || part > parts) throw new Error(`FIRE_SHARE is ${text}, and has to be a part of all, as 2/4`);
  return (point) => createHash("sha256").update(point).digest().readUInt32BE() % parts === part - 1;
}

/** Says yes to each point of the share once; a request that is only asked again and again is three points, not a hundred. */
function onceEach(step: string, visited: Set<string>, isOurs: (point: string) => boolean): Decide {
  return (request: string, boundary: Boundary) => {
    const point = `${step}: ${boundary} of ${request}`;
    if (visited.has(point) || / #([3-9]|\d{2,})$/.test(request) || !isOurs(point)) return false;
    visited.add(point);
    return true;
  };
}

async function killAll(host: Host, deadline: number): Promise<Whole | undefined> {
  const deployer = commands[0];
  if (deployer === undefined) return undefined;
  const visited = new Set<string>();
  const counts = noCounts();
  const isOurs = shareOf(process.env.FIRE_SHARE);
  await using scene = await openScene(deployer, host);
  for (let round = 0, before = -1; visited.size > before && performance.now() < deadline; round += 1) {
    before = visited.size;
    for (const step of steps) {
      const engine = new Map([
        [1 + ((7 * round) % furthest), "before its answer" as const],
        [1 + ((7 * round + 3) % furthest), "before its request" as const],
      ]);
      const kill = onceEach(step.name, visited, isOurs);
      await takeStep(scene, step, { kill, most: inARow, engine, elsewhere: round % 4 === 0 }, counts);
      const done = `${visited.size} points, ${JSON.stringify(counts)}`;
      console.error(`${new Date().toISOString()} ${host} host, round ${round + 1}, ${step.name}: ${done}`);
    }
  }
  return { ...counts, points: visited };
}

/** `FIRE_HOST` takes one host only, `FIRE_SHARE` a part of the points; `FIRE_MINUTES` ends it before every point was visited, and then it is not met. */
export async function bench(): Promise<Row[]> {
  const minutes = Number(process.env.FIRE_MINUTES ?? 120);
  const rows: Row[] = [];
  const part = process.env.FIRE_SHARE === undefined ? "" : `, part ${process.env.FIRE_SHARE}`;
  for (const host of hosts.filter((each) => each.includes(process.env.FIRE_HOST ?? ""))) {
    const deadline = performance.now() + minutes * 60_000;
    const counts = await killAll(host, deadline);
    if (counts === undefined) continue;
    const killed = boundaries.map((boundary) => `${counts.killed[boundary]} ${boundary}`).join(", ");
    rows.push({
      name: `killed at every request of all kinds, ${host} host${part}: nothing twice, nothing left behind`,
      value: `${counts.points.size} points: ${killed}; the engine ${counts.engine} times; ${counts.elsewhere} runs at another registry`,
      goal: "every point",
      met: performance.now() < deadline,
    });
  }
  return rows;
}
