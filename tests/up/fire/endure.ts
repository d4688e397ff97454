// A stack's life while faults are in the way of its requests: it converges, and only operations that fail make a run fail.
import { expect } from "chai";
import { type Fault, failureCode, faults, type Hits, noHits, trouble } from "./faults.ts";
import { type Step, steps } from "./life.ts";
import type { Random } from "./random.ts";
import { contents, spec } from "./registry.ts";
import type { Scene } from "./scene.ts";

export interface Endured {
  readonly hits: Hits;
  runs: number;
}

/** With every third of the operations failing, a chain of three resources needs few more runs than three. */
const mostRuns = 12;

/** Goes through the steps, with a refresh after each that deploys. */
export async function endure(
  scene: Scene,
  rate: number,
  random: Random,
  taken: readonly Step["name"][],
): Promise<Endured> {
  const endured: Endured = { hits: noHits(), runs: 0 };
  for (const step of steps.filter(({ name }) => taken.includes(name))) {
    await converge(scene, step, rate, random, endured);
    if (step.operation === "up") await refreshesToNothing(scene, rate, random, endured);
  }
  return endured;
}

async function converge(scene: Scene, step: Step, rate: number, random: Random, endured: Endured): Promise<void> {
  const { stack, host } = scene;
  await stack.declare(spec(host, step.version));
  for (let run = 1; ; run += 1) {
    const { exitCode, output, hits } = await disturbed(scene, rate, random, () => stack.shown(step.operation));
    add(endured, hits);
    if (exitCode === 0) break;
    const failed = hits.of["failed operation"] + hits.of["failed operation, though done"];
    expect(failed, `${step.name} failed for something else than an operation: ${output}`).to.be.above(0);
    expect(output).to.include(failureCode);
    expect(run, `${step.name} did not converge: ${output}`).to.be.below(mostRuns);
  }
  const held = await contents(scene.engine());
  expect(held, `after ${step.name}`).to.have.deep.members([...step.leaves]);
}

async function refreshesToNothing(scene: Scene, rate: number, random: Random, endured: Endured): Promise<void> {
  const { summary, hits } = await disturbed(scene, rate, random, () => scene.stack.refresh());
  expect(summary).to.deep.equal([]);
  add(endured, hits);
}

async function disturbed<T>({ front }: Scene, rate: number, random: Random, run: () => Promise<T>) {
  const hits = trouble(front, rate, random);
  try {
    return { ...(await run()), hits };
  } finally {
    front.lose = () => undefined;
    front.meddle = (_call, answer) => answer;
  }
}

function add(endured: Endured, hits: Hits): void {
  endured.runs += 1;
  endured.hits.inFlight += hits.inFlight;
  endured.hits.writes += hits.writes;
  endured.hits.requests += hits.requests;
  for (const fault of faults) endured.hits.of[fault] += hits.of[fault];
}

/** `12 throttled, …: 60 of 200 requests, 31 with others under way, 20 of them changes`. */
export function shown({ hits, runs }: Endured): string {
  const each = Object.entries(hits.of).map(([fault, count]) => `${count} ${fault as Fault}`);
  const all = Object.values(hits.of).reduce((sum, count) => sum + count, 0);
  return `${all} faults in ${hits.requests} requests of ${runs} runs, ${hits.inFlight} with others under way, ${hits.writes} of changes (${each.join(", ")})`;
}
