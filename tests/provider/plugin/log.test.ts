// What the plugin tells of its progress: nothing of what is soon done, and the last line of what takes longer.
import { expect } from "chai";
import { about, openLog } from "../../../provider/plugin/log.ts";
import { listener, type Said } from "./plugin.ts";

describe("the progress of a resource", () => {
  it("is told on its row once it takes a while, from the last line of before on", async () => {
    const said: Said[] = [];
    const { address, stop } = await listener(said);
    const log = openLog(address);
    await about("urn:soon", async () => log.progress("done before anybody reads it"));
    await about("urn:long", async () => {
      log.progress("first");
      log.progress("second");
      while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10)); // the test's time-out bounds it
      log.progress("third");
      while (said.length === 1) await new Promise((resolve) => setTimeout(resolve, 10));
    });
    expect(said).to.deep.equal([
      { urn: "urn:long", message: "second", ephemeral: true, isWarning: false },
      { urn: "urn:long", message: "third", ephemeral: true, isWarning: false },
    ]);
    stop();
  });

  it("is one line a second, and the last one when it is done, but not after a failure", async () => {
    const said: Said[] = [];
    const { address, stop } = await listener(said);
    const log = openLog(address);
    const shown = async (count: number) => {
      while (said.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const begun = performance.now();
    await about("urn:long", async () => {
      for (const line of ["first", "second"]) log.progress(line);
      await shown(1);
      for (let each = 0; each < 20; each++) log.progress(`${each} of what comes at once`);
      await shown(2);
      expect(performance.now() - begun).to.be.above(1200);
      log.progress("done");
    });
    await shown(3);
    const failing = about("urn:failed", async () => {
      log.progress("begun");
      await shown(4);
      log.progress("PENDING");
      throw new Error("refused");
    });
    expect(await failing.catch(String)).to.equal("Error: refused");
    log.warning("the end");
    await shown(5);
    const lines = said.map(({ urn, message }) => `${urn} ${message}`);
    const long = ["second", "19 of what comes at once", "done"].map((line) => `urn:long ${line}`);
    expect(lines).to.deep.equal([...long, "urn:failed begun", " the end"]);
    stop();
  });

  it("is no matter of warnings, which are told at once and stay", async () => {
    const said: Said[] = [];
    const { address, stop } = await listener(said);
    const log = openLog(address);
    await about("urn:a", async () => log.warning("mind this"));
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(said).to.deep.equal([{ urn: "urn:a", message: "mind this", ephemeral: false, isWarning: true }]);
    stop();
  });
});
