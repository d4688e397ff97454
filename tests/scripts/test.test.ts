// `npm test` itself: what it counts and says of files that pass, fail, skip, cannot be loaded, or take their process with them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const script = fileURLToPath(new URL("../../scripts/test.ts", import.meta.url));
const planted = {
  "passes.test.ts": `describe("good", () => { it("passes", () => {}); it("passes too", () => {}); });`,
  "fails.test.ts": `describe("bad", () => {
    it("passes", () => void setTimeout(() => { throw new Error("late"); }, 20));
    it("waits", (done) => void setTimeout(done, 10_000));
    it("fails", () => { console.error("said beside it"); throw new Error("wrong"); });
  });`,
  "skips.test.ts": `describe("lazy", () => { it("passes", () => {}); it.skip("is skipped", () => {}); });`,
  "load.test.ts": `throw new Error("never loaded");`,
  "exit.test.ts": `describe("rude", () => { it("passes", () => {}); it("ends it all", () => process.exit(0)); });`,
  "killed.test.ts": `describe("killed", () => it("dies", () => { process.kill(process.pid, "SIGKILL"); }));`,
};

describe("npm test", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-planted-"));
  before(() => {
    for (const [name, text] of Object.entries(planted)) writeFileSync(join(folder, name), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  const npmTest = (env: NodeJS.ProcessEnv, ...names: readonly string[]) => {
    const paths = names.length === 0 ? [folder] : names.map((name) => join(folder, name));
    const { status, stdout } = spawnSync(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", script, ...paths],
      {
        env: { ...process.env, CLOUDMAP_CI: undefined, ...env },
        encoding: "utf8",
      },
    );
    return { status, stdout, last: stdout.trimEnd().split("\n").at(-1) };
  };

  it("counts what passed and failed in all files, also of processes that died, and shows each failure at the end", () => {
    const { status, stdout, last } = npmTest({});
    // Of a process that ended nothing is counted but that it did; the error that came late is that of the test that waited.
    expect([status, last]).to.deep.equal([1, "4 passed, 5 failed, 1 skipped"]);
    const told = stdout.slice(stdout.indexOf("\nFAILED: "));
    expect(told.match(/^FAILED: .*?(\w+)\.test\.ts/gm)).to.have.lengthOf(4);
    expect(told).to.match(
      /fails\.test\.ts [^\n]*\n\n {2}1\) bad\n +waits:\n +Uncaught Error: late\n.*2\) bad\n +fails:\n +Error: wrong/s,
    );
    expect(told).to.match(/load\.test\.ts .*\n {2}it cannot be loaded: Error: never loaded/);
    expect(told).to.match(/exit\.test\.ts .*\n {2}the process of its tests ended with exit code 0 before they did/);
    expect(told).to.match(/killed\.test\.ts .*\n {2}the process of its tests ended by SIGKILL before they did/);
    expect(told).to.include("\nskipped: lazy is skipped\n");
    expect(stdout.slice(0, stdout.indexOf("\nFAILED: "))).to.match(/fails\.test\.ts .*\n(?: .*\n)*said beside it\n/);
  });

  it("passes where all pass, says what was skipped, and takes that for a failure where CLOUDMAP_CI is set", () => {
    const { status, last } = npmTest({}, "passes.test.ts", "skips.test.ts");
    expect([status, last]).to.deep.equal([0, "3 passed, 0 failed, 1 skipped"]);
    const strict = npmTest({ CLOUDMAP_CI: "1" }, "skips.test.ts");
    expect([strict.status, strict.last]).to.deep.equal([1, "1 passed, 1 failed"]);
    expect(strict.stdout).to.include("skipped: lazy is skipped\n");
  });

  it("fails where there is no test", () => {
    const { status, last } = npmTest({}, "none.test.ts");
    expect([status, last]).to.deep.equal([1, "0 passed, 0 failed"]);
  });
});
