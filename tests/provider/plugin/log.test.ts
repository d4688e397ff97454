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
      { urn: "urn:long", message: "second", ephemeral: true },
      { urn: "urn:long", message: "third", ephemeral: true },
    ]);
    stop();
  });

  it("is no matter of warnings, which are told at once and stay", async () => {
    const said: Said[] = [];
    const { address, stop } = await listener(said);
    const log = openLog(address);
    await about("urn:a", async () => log.warning("mind this"));
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(said).to.deep.equal([{ urn: "urn:a", message: "mind this", ephemeral: false }]);
    stop();
  });
});
