// Deploys a stack of all kinds, on both hosts, while up to a third of its requests meet faults, again and again.
import { commands } from "../tests/up/deployer.ts";
import { endure, shown } from "../tests/up/fire/endure.ts";
import { seeded } from "../tests/up/fire/random.ts";
import { hosts, openScene } from "../tests/up/fire/scene.ts";
import type { Row } from "./row.ts";

const rates = [0.1, 0.2, 0.3];

/** `FAULT_ROUNDS` lives at each rate; `FAULT_SEED` has the same faults drawn again. */
export async function bench(): Promise<Row[]> {
  const [deployer] = commands;
  if (deployer === undefined) throw new Error("there is nothing to deploy with");
  const rounds = Number(process.env.FAULT_ROUNDS ?? 3);
  const rows: Row[] = [];
  for (const host of hosts) {
    for (const rate of rates) {
      for (let round = 0; round < rounds; round += 1) {
        const random = seeded("FAULT_SEED");
        console.error(`FAULT_SEED=${random.seed}`);
        await using scene = await openScene(deployer, host);
        const endured = await endure(scene, rate, random, ["create", "update", "delete"]);
        rows.push({
          name: `faults at ${rate * 100} % of requests, ${host} host, seed ${random.seed}: converges`,
          value: shown(endured),
          goal: "some in flight",
          met: endured.hits.inFlight > 0,
        });
      }
    }
  }
  return rows;
}
