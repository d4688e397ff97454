// kill -9 does not show a missing sync: a trace of the system calls does. Between a commit's write and its answer there is one.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { makeNamespace, makeService, register } from "../running.ts";
import { spawnEngine } from "./process.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const calls = "pwrite64,pwritev,fsync,fdatasync,write,writev,sendto,sendmsg";
const count = 30;
const idOf = (index: number) => `traced-${index}-end`;

describe("a commit", () => {
  let folder: string;
  before(function () {
    if (spawnSync("strace", ["-V"]).status !== 0) {
      if (process.env.CLOUDMAP_CI) throw new Error("CLOUDMAP_CI is set and there is no strace");
      console.log("      there is no strace here: whether commits are synced is not tested");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "cloudmap-trace-"));
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  /** Registers instances one after the other; answers which were acknowledged before they were synced. */
  async function unsynced(name: string, serve?: string): Promise<string[]> {
    const trace = join(folder, `${name}.trace`);
    const strace = ["strace", "-f", "-y", "-s", "9000", "-e", `trace=${calls}`, "-o", trace];
    const engine = await spawnEngine(join(folder, name), strace, serve);
    const service = await makeService(engine, await makeNamespace(engine, "n"), "s");
    const operations: string[] = [];
    for (let index = 0; index < count; index += 1) operations.push(await register(engine, service, idOf(index)));
    await engine.kill("SIGTERM");
    return acknowledgedEarly(readFileSync(trace, "latin1").split("\n"), operations);
  }

  /** A call that strace shows in two lines counts where it ends; the data of a write are where it begins. */
  function acknowledgedEarly(lines: readonly string[], operations: readonly string[]): string[] {
    const isSync = (line: string) =>
      /\b(fsync|fdatasync)\(|<\.\.\. (fsync|fdatasync) resumed/.test(line) && line.endsWith("= 0");
    return operations.flatMap((operation, index) => {
      const written = lines.findIndex(
        (line) => /pwrite(64|v)\([^,]*registry\.db/.test(line) && line.includes(idOf(index)),
      );
      const answered = lines.findIndex((line) => line.includes("HTTP/1.1 200") && line.includes(operation));
      if (written < 0 || answered < 0) return [`${idOf(index)} is not in the trace`];
      const synced = lines.slice(written, Math.max(written, answered)).some(isSync);
      return synced ? [] : [`${idOf(index)} was acknowledged before it was synced`];
    });
  }

  it("is synced before it is acknowledged", async () => {
    expect(await unsynced("ours")).to.deep.equal([]);
  });

  it("is noticed when it is not", async () => {
    const copy = join(folder, "copy");
    for (const part of ["api", "engine", "package.json", "tests/engine/crash/serve.ts"]) {
      mkdirSync(join(copy, "tests/engine/crash"), { recursive: true });
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const database = join(copy, "engine/store/sqlite-database.ts");
    const planted = readFileSync(database, "utf8").replaceAll("synchronous = FULL", "synchronous = OFF");
    expect(planted).to.include("synchronous = OFF");
    writeFileSync(database, planted);
    expect(await unsynced("planted", join(copy, "tests/engine/crash/serve.ts"))).to.have.length(count);
  });
});
