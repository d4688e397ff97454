// The provider, the deployer and the engine killed at requests that are drawn; `node bench/bench.ts fire` takes every one.
import { expect } from "chai";
import { commands } from "../deployer.ts";
import { type Boundary, boundaries, type Decide } from "./kill.ts";
import { noCounts, steps, takeStep } from "./life.ts";
import { type Random, seeded } from "./random.ts";
import { hosts, openScene } from "./scene.ts";

/** At what makes something the kill is to leave something behind; elsewhere any request will do. */
function killDrawn(random: Random, boundary: Boundary, isCreate: boolean): Decide {
  let left = 1 + Math.floor(random.next() * (isCreate ? 8 : 6));
  return (request, where) => {
    if (where !== boundary || (isCreate && !/^(Create|Register)/.test(request))) return false;
    left -= 1;
    return left === 0;
  };
}

for (const deployer of commands) {
  describe(`Whatever is killed in the middle, under ${deployer.name}`, function () {
    this.timeout(600_000);
    if (process.platform !== "linux") return; // processes are found by /proc

    for (const host of hosts) {
      it(`the next run converges, with nothing twice and nothing left behind, on the ${host} host`, async () => {
        const random = seeded("KILL_SEED");
        const lost: Boundary = host === "dynamic" ? "before its answer" : "after its answer";
        const others = boundaries.filter((each) => each !== lost);
        const [second, third] = random.next() < 0.5 ? others : others.toReversed();
        const counts = noCounts();
        await using scene = await openScene(deployer, host);
        for (const [index, step] of steps.entries()) {
          const boundary = [lost, second, third][index] ?? lost;
          await takeStep(
            scene,
            step,
            {
              kill: killDrawn(random, boundary, step.name === "create"),
              most: 1,
              engine: new Map([
                [1 + Math.floor(random.next() * 4), "before its answer"],
                [5 + Math.floor(random.next() * 4), "before its request"],
              ]),
              elsewhere: host === "dynamic" && step.name === "delete",
            },
            counts,
          );
        }
        console.log(`      KILL_SEED=${random.seed}: ${JSON.stringify(counts)}`);
        for (const boundary of boundaries) expect(counts.killed[boundary], boundary).to.equal(1);
        expect(counts.engine).to.be.at.least(3);
      });
    }
  });
}
