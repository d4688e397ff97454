// The provider's process killed between any two of its requests: the next run converges, with nothing twice.
import { expect } from "chai";
import { commands } from "./deployer.ts";
import type { Front } from "./front.ts";
import { providerOf } from "./provider-process.ts";
import { openStage } from "./stage.ts";
import { contents, spec, whole } from "./whole.ts";

/** Calls `kill` at the nth request from now, which is lost; tells whether it came to that. */
function killAt(front: Front, nth: number, kill: () => void): () => boolean {
  let count = 0;
  front.lose = () => {
    count += 1;
    if (count < nth) return;
    if (count === nth) kill();
    throw new Error("the one who asked is gone");
  };
  return () => {
    front.lose = () => {};
    return count >= nth;
  };
}

for (const deployer of commands) {
  describe(`The provider killed between any two requests, under ${deployer.name}`, function () {
    this.timeout(600_000);
    if (process.platform !== "linux") return; // processes are found by /proc

    it("leaves what the next run takes up: nothing twice, nothing left behind", async () => {
      await using stage = await openStage(deployer);
      const { stack, front, running } = stage;
      const kill = () => process.kill(providerOf(stack) ?? 0, "SIGKILL");

      /** Runs an operation that is killed at its nth request, then again; false: it has not that many. */
      const twice = async (operation: "up" | "destroy", nth: number): Promise<boolean> => {
        const killed = killAt(front, nth, kill);
        const first = await stack.shown(operation);
        const came = killed();
        expect(first.exitCode === 0, `${operation}, killed at request ${nth}: ${first.output}`).to.equal(!came);
        if (!came) return false;
        const second = await stack.shown(operation);
        expect(second.exitCode, `${operation}, after request ${nth}: ${second.output}`).to.equal(0);
        return true;
      };

      const kills = { create: 0, update: 0, delete: 0 };
      let changes = true;
      for (let nth = 1, left = true; left; nth += 1) {
        await stack.declare(spec("a"));
        const created = await twice("up", nth);
        expect(await contents(running), `after request ${nth} of a create`).to.deep.equal(whole("a"));
        if (changes) {
          await stack.declare(spec("b"));
          changes = await twice("up", nth);
          expect(await contents(running), `after request ${nth} of an update`).to.deep.equal(whole("b"));
        }
        const deleted = await twice("destroy", nth);
        expect(await contents(running), `after request ${nth} of a delete`).to.deep.equal([]);
        kills.create += Number(created);
        kills.update += Number(changes);
        kills.delete += Number(deleted);
        left = created || deleted;
      }
      console.log(`      killed at requests: ${JSON.stringify(kills)}`);
      expect(kills.create).to.be.at.least(6); // who are you, namespace, service and instance, and their operations
      expect(kills.update).to.be.at.least(3);
      expect(kills.delete).to.be.at.least(6);
    });
  });
}
