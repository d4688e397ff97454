// The same scenarios on another implementation of the API: moto's server, where Python has it; docs/moto.md tells what it cannot.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import { freePort } from "../local/port.ts";
import { suite } from "./suite.ts";
import { failureOf, openWorkbench, type Workbench } from "./workbench.ts";

describe("the kinds on any registry, on moto", () => {
  let moto: ChildProcess;
  let bench: Workbench;

  before(async function () {
    if (spawnSync("moto_server", ["--help"]).status !== 0) this.skip();
    const port = await freePort();
    moto = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    bench = await answered(`http://127.0.0.1:${port}/`);
  });
  after(() => moto?.kill());

  it("knows its account", () => {
    expect(bench.session.account).to.equal("123456789012");
  });

  for (const [index, { title, run, moto: missing }] of suite.entries()) {
    if (missing === undefined) it(title, () => run(bench, `scenario-${index}`));
  }

  it("cannot take what docs/moto.md says that it cannot", async () => {
    const left = [...suite.entries()].filter(([, { moto: missing }]) => missing !== undefined);
    await Promise.all(left.map(([index, { run }]) => failureOf(run(bench, `scenario-${index}`))));
  });
});

/** Python takes its time to load; until it listens, the connection is refused. */
async function answered(endpoint: string): Promise<Workbench> {
  const deadline = performance.now() + 50_000;
  for (;;) {
    try {
      return await openWorkbench(endpoint, { maxRetries: 0 });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(100);
    }
  }
}
