// What breaks in the middle: a provider that is killed before its answer, a deployer that is killed, two at once.
import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import type { Meddle } from "../engine/front.ts";
import { call } from "../engine/running.ts";
import { until } from "../local/until.ts";
import { commands } from "./deployer.ts";
import { providerOf } from "./provider-process.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import { ended } from "./stack.ts";
import { openStage, type Stage } from "./stage.ts";

const spec: Spec = {
  resources: [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone: "a" })],
};

/** Never answers an operation once the engine has done it; tells when that is so. */
function holdAnswer(operation: string): { meddle: Meddle; held: () => boolean; release: () => void } {
  let release = () => {};
  let held = false;
  const released = new Promise<void>((done) => {
    release = done;
  });
  const meddle: Meddle = async (asked, answer) => {
    if (asked.operation !== operation) return answer;
    held = true;
    await released;
    return answer;
  };
  return { meddle, held: () => held, release };
}

for (const deployer of commands) {
  describe(`What breaks in the middle, under ${deployer.name}`, function () {
    this.timeout(120_000);
    if (process.platform !== "linux") return; // processes are found by /proc
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.declare(spec);
    });
    after(() => stage[Symbol.asyncDispose]());

    /** Runs up until the engine has done the operation, and its answer is on the way. */
    async function upUntil(operation: string, then: (up: ChildProcess) => void): Promise<string> {
      const { meddle, held, release } = holdAnswer(operation);
      stage.front.meddle = meddle;
      const up = stage.stack.start("up", "--yes", "--skip-preview", "--non-interactive");
      const end = ended(up);
      await until(`${operation} is asked`, held, 60_000);
      then(up);
      release();
      const { exitCode, output } = await end;
      stage.front.meddle = (_call, answer) => answer;
      expect(exitCode, output).not.to.equal(0);
      return output;
    }

    for (const operation of ["CreateHttpNamespace", "CreateService", "RegisterInstance"]) {
      it(`fails when its provider is killed before the answer of ${operation}`, async () => {
        await upUntil(operation, () => process.kill(providerOf(stage.stack) ?? 0, "SIGKILL"));
      });
    }

    it("adopts at the next up what the killed ones had made, without a duplicate or an orphan", async () => {
      const { exitCode, output } = await stage.stack.shown("up");
      expect(exitCode, output).to.equal(0);
      expect(output).to.match(/web-1 .*exists already and is taken over: an earlier run of this program made it/);
      const { Namespaces = [] } = await call(stage.running, "ListNamespaces", {});
      const { Services = [] } = await call(stage.running, "ListServices", {});
      const service = await stage.stack.resource("web");
      const { Instances = [] } = await call(stage.running, "ListInstances", { ServiceId: String(service.id) });
      expect(Namespaces.map(({ Id }) => Id)).to.deep.equal([(await stage.stack.resource("shop")).id]);
      expect(Services.map(({ Id }) => Id)).to.deep.equal([service.id]);
      expect(Instances.map(({ Id }) => Id)).to.deep.equal(["web-1"]);
      expect((await stage.stack.preview()).summary).to.deep.equal([]);
    });

    it("refuses a second up while one is under way", async () => {
      const { meddle, held, release } = holdAnswer("RegisterInstance");
      stage.front.meddle = meddle;
      await stage.stack.declare({ resources: [...spec.resources, instance("web-2", "web", { zone: "b" })] });
      const first = ended(stage.stack.start("up", "--yes", "--skip-preview", "--non-interactive"));
      await until("the first up is under way", held, 60_000);
      const second = await stage.stack.shown("up");
      release();
      expect(second.exitCode).not.to.equal(0);
      expect(second.output).to.match(/the stack is currently locked by/);
      expect((await first).exitCode).to.equal(0);
    });

    it("goes on after the deployer itself was killed, once its lock is cancelled", async () => {
      await stage.stack.declare({ resources: [...spec.resources, instance("web-3", "web", { zone: "c" })] });
      await upUntil("RegisterInstance", (up) => {
        process.kill(providerOf(stage.stack) ?? 0, "SIGKILL");
        up.kill("SIGKILL");
      });
      expect((await stage.stack.shown("up")).output).to.match(/the stack is currently locked by/);
      await stage.stack.ran("cancel", "--yes");
      const { exitCode, output } = await stage.stack.shown("up");
      expect(exitCode, output).to.equal(0);
      expect(output).to.match(/web-3.*interrupted while creating|interrupted.*web-3/s);
      const { id: ServiceId = "" } = await stage.stack.resource("web");
      const { Instances = [] } = await call(stage.running, "ListInstances", { ServiceId });
      expect(Instances.map(({ Id }) => Id)).to.have.members(["web-1", "web-3"]);
    });
  });
}
