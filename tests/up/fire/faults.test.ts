// Throttling, broken connections, slow and failing operations at nearly a third of the requests: every run goes on, and in the end all is there once.
import { expect } from "chai";
import { commands } from "../deployer.ts";
import { endure, shown } from "./endure.ts";
import { seeded } from "./random.ts";
import { hosts, openScene } from "./scene.ts";

for (const deployer of commands) {
  describe(`A network that fails at every third request, under ${deployer.name}`, function () {
    this.timeout(600_000);

    for (const host of hosts) {
      it(`is endured by up, refresh and destroy of all kinds on the ${host} host`, async () => {
        const random = seeded("FAULT_SEED");
        await using scene = await openScene(deployer, host);
        const endured = await endure(scene, 0.3, random, ["create", "delete"]);
        console.log(`      FAULT_SEED=${random.seed}: ${shown(endured)}`);
        expect(endured.hits.inFlight).to.be.above(0);
        expect(endured.hits.writes).to.be.at.least(3); // of the first ten
      });
    }
  });
}
