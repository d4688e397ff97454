// A stack's life in three steps, with its provider, its deployer and the engine killed at each: what follows converges.
import { expect } from "chai";
import { type Boundary, boundaries, type Decide, type Operation, runInterrupted, runKilled } from "./kill.ts";
import { contents, spec, theirs, whole } from "./registry.ts";
import type { Scene } from "./scene.ts";

export interface Step {
  readonly name: "create" | "update" | "delete";
  readonly operation: Operation;
  readonly version: "a" | "b";
  /** What the registry holds then. */
  readonly leaves: readonly string[];
}

export const steps: readonly Step[] = [
  { name: "create", operation: "up", version: "a", leaves: [...whole("a"), ...theirs] },
  { name: "update", operation: "up", version: "b", leaves: [...whole("b"), ...theirs] },
  { name: "delete", operation: "destroy", version: "b", leaves: theirs },
];

export interface Counts {
  /** Of the provider, by where it was killed; at the last boundary of the deployer as well. */
  readonly killed: Record<Boundary, number>;
  engine: number;
  /** Runs at another registry, which were refused. */
  elsewhere: number;
}

export function noCounts(): Counts {
  const none = boundaries.map((boundary) => [boundary, 0]);
  return { killed: Object.fromEntries(none) as Counts["killed"], engine: 0, elsewhere: 0 };
}

/** What is done to a step. */
export interface Strikes {
  /** Where the provider is killed: asked anew of each run, until one comes through or has been killed so often. */
  readonly kill: Decide;
  readonly most: number;
  /** At which requests of the last run the engine is killed. */
  readonly engine: ReadonlyMap<number, "before its request" | "before its answer">;
  /** After a kill that leaves something to do, the step is tried at another registry, which it must refuse. */
  readonly elsewhere: boolean;
}

/** Takes a step: in the end all is as it would be in peace, nothing is there twice, and what others have is untouched. */
export async function takeStep(scene: Scene, step: Step, strikes: Strikes, counts: Counts): Promise<void> {
  const { stack, host } = scene;
  await stack.declare(spec(host, step.version));
  const story = [`${host} host, ${step.name}`];
  let isThrough = false;
  for (let kills = 0; kills < strikes.most; kills += 1) {
    const { at, exitCode, output } = await runKilled(scene, step.operation, strikes.kill);
    if (at === undefined) {
      isThrough = true;
      break;
    }
    story.push(`killed ${at.boundary} of ${at.request}`);
    expect(exitCode, `${story.join(", ")}: ${output}`).not.to.equal(0);
    counts.killed[at.boundary] += 1;
    expect(await contents(scene.engine()), story.join(", ")).to.include.members(theirs);
  }
  const elsewhere = strikes.elsewhere && step.name !== "create" && !isThrough;
  if (elsewhere) await refusesAnother(scene, step, story.join(", "));
  counts.elsewhere += Number(elsewhere);
  const { came, exitCode, output } = await runInterrupted(scene, step.operation, strikes.engine);
  counts.engine += came;
  if (came > 0) story.push(`the engine killed at ${JSON.stringify([...strikes.engine])}`);
  expect(exitCode, `${story.join(", ")}: ${output}`).to.equal(0);
  expect(await contents(scene.engine()), `${story.join(", ")}: ${output}`).to.have.deep.members([...step.leaves]);
}

/** Another registry knows nothing of all this, which does not mean that it is gone. */
async function refusesAnother(scene: Scene, { operation }: Step, story: string): Promise<void> {
  await using other = await scene.swap();
  const { exitCode, output } = await scene.stack.shown(operation);
  expect(exitCode, `${story}, at another registry: ${output}`).not.to.equal(0);
  expect(output, story).to.match(/account \d{12}.*account \d{12}/s);
  expect(await contents(other), `${story}, at another registry`).to.deep.equal([]);
}
