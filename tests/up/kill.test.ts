// Killed between any two requests: the provider's process, or the engine's; what is left converges, with nothing twice.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type EngineProcess, spawnEngine } from "../engine/crash/process.ts";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { Front } from "./front.ts";
import { providerOf } from "./provider-process.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import { Stack } from "./stack.ts";
import { openStage } from "./stage.ts";

const spec = (zone: string): Spec => ({
  resources: [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone })],
});

/** All that the registry has, by name. */
async function contents(engine: { readonly url: string }) {
  const { Namespaces = [] } = await call(engine, "ListNamespaces", {});
  const { Services = [] } = await call(engine, "ListServices", {});
  const instances = await Promise.all(
    Services.map(
      async ({ Id: ServiceId = "" }) => (await call(engine, "ListInstances", { ServiceId })).Instances ?? [],
    ),
  );
  return [
    ...Namespaces.map(({ Name }) => Name),
    ...Services.map(({ Name }) => Name),
    ...instances.flat().map(({ Id, Attributes = {} }) => `${Id} in zone ${Attributes.zone}`),
  ];
}

const whole = (zone: string) => ["shop", "web", `web-1 in zone ${zone}`];

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

for (const deployer of deployers.filter(({ automated }) => automated === undefined)) {
  describe(`Killed between any two requests, under ${deployer.name}`, function () {
    this.timeout(300_000);
    if (process.platform !== "linux") return; // processes are found by /proc

    it("the provider leaves what the next run takes up: nothing twice, nothing left behind", async () => {
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
      for (let nth = 1, left = true; left; nth += 1) {
        await stack.declare(spec("a"));
        const created = await twice("up", nth);
        expect(await contents(running), `after request ${nth} of a create`).to.deep.equal(whole("a"));
        await stack.declare(spec("b"));
        const updated = await twice("up", nth);
        expect(await contents(running), `after request ${nth} of an update`).to.deep.equal(whole("b"));
        const deleted = await twice("destroy", nth);
        expect(await contents(running), `after request ${nth} of a delete`).to.deep.equal([]);
        kills.create += Number(created);
        kills.update += Number(updated);
        kills.delete += Number(deleted);
        left = created || updated || deleted;
      }
      console.log(`      killed at requests: ${JSON.stringify(kills)}`);
      expect(kills.create).to.be.at.least(6); // who are you, namespace, service and instance, and their operations
      expect(kills.update).to.be.at.least(3);
      expect(kills.delete).to.be.at.least(6);
    });

    it("the engine is asked again when it is back, and does nothing twice", async () => {
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
