// A stack over three nodes behind a balancer while one after the other is killed; UP_NODES=3 runs the other suites here so too.
import { expect } from "chai";
import { hasEtcd } from "../store/etcd-server.ts";
import { deployers } from "./deployer.ts";
import { contents, spec, whole } from "./fire/registry.ts";
import { openStage, type Stage } from "./stage.ts";

for (const deployer of deployers) {
  describe(`Three nodes of which one after the other is killed, under ${deployer.name}`, function () {
    this.timeout(240_000);
    let stage: Stage;
    before(async function () {
      if (!hasEtcd()) return this.skip();
      stage = await openStage(deployer, {}, { nodes: 3, killEvery: 1_000 });
    });
    after(() => stage?.[Symbol.asyncDispose]());

    it("take a stack of all kinds to its edits and down again, with nothing lost or doubled", async () => {
      const { stack, running } = stage;
      for (let life = 0; running.kills() < 2 && life < 10; life += 1) {
        for (const version of ["a", "b"] as const) {
          await stack.up(spec("dynamic", version));
          expect(await contents(running)).to.have.members(whole(version));
        }
        expect((await stack.refresh()).summary).to.deep.equal([]);
        await stack.destroy();
        expect(await contents(running)).to.deep.equal([]);
      }
      console.log(`      ${running.kills()} nodes were killed`);
      expect(running.kills()).to.be.at.least(2);
    });
  });
}
