// The engine killed after any of the provider's requests: the same run converges when it is back, with nothing twice.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type EngineProcess, spawnEngine } from "../engine/crash/process.ts";
import { commands } from "./deployer.ts";
import { Front } from "./front.ts";
import { Stack } from "./stack.ts";
import { contents, spec, whole } from "./whole.ts";

for (const deployer of commands) {
  describe(`The engine killed after any request, under ${deployer.name}`, function () {
    this.timeout(600_000);

    it("is asked again when it is back, and does nothing twice", async () => {
      const data = mkdtempSync(join(tmpdir(), "cloudmap-kill-"));
      let engine: EngineProcess = await spawnEngine(data);
      await using front = new Front(engine);
      await front.open();
      await using stack = await Stack.open(deployer, { "cloudmap:endpoint": front.url });
      await stack.declare(spec("a"));

      /** Kills the engine when it has answered the nth request, whose answer is lost, and starts it again. */
      const interrupted = async (operation: "up" | "destroy", nth: number): Promise<boolean> => {
        let count = 0;
        front.meddle = async (_call, answer) => {
          count += 1;
          if (count !== nth) return answer;
          await engine.kill("SIGKILL");
          engine = await spawnEngine(data);
          front.engine = engine;
          throw new Error("the engine is gone");
        };
        const { exitCode, output } = await stack.shown(operation);
        expect(exitCode, `${operation}, engine killed after request ${nth}: ${output}`).to.equal(0);
        return count >= nth;
      };

      let kills = 0;
      for (let nth = 1, left = true; left; nth += 1) {
        const up = await interrupted("up", nth);
        expect(await contents(engine), `after request ${nth} of up`).to.deep.equal(whole("a"));
        const down = await interrupted("destroy", nth);
        expect(await contents(engine), `after request ${nth} of destroy`).to.deep.equal([]);
        kills += Number(up) + Number(down);
        left = up || down;
      }
      await engine.kill("SIGTERM");
      rmSync(data, { recursive: true, force: true });
      console.log(`      the engine was killed ${kills} times`);
      expect(kills).to.be.at.least(12);
    });
  });
}
