// The embedded store: the suite, and what can be wrong with its file, its folder and its disk.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { openSqlite } from "../../engine/store/sqlite.ts";
import type { StoreError } from "../../engine/store/store.ts";
import { describeStore } from "./suite.ts";

describeStore("SQLite", 10, async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-store-"));
  return {
    open: () => openSqlite(folder),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

const opener = fileURLToPath(new URL("open.ts", import.meta.url));
/** The user that owns nothing. */
const nobody = 65_534;

describe("a store in SQLite", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-store-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Why it cannot be opened. */
  const refusal = async (at = folder): Promise<StoreError> => {
    const outcome = await openSqlite(at).then(
      async (store) => {
        await store.close();
        throw new Error(`${at} was opened`);
      },
      (error) => error,
    );
    expect(outcome).to.have.property("name", "StoreError");
    return outcome;
  };
  const fill = async (count: number) => {
    const store = await openSqlite(folder);
    const writes = Array.from({ length: count }, (_, index) => ({ key: `k/${index}`, value: "x".repeat(500) }));
    await store.commit({ expectations: [], writes });
    await store.close();
  };
  /** Opens it in another process, as another user where one is given; what it says. */
  const openElsewhere = (options: { uid?: number; gid?: number } = {}): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [opener, folder], { ...options, encoding: "utf8" });
    return stdout || stderr;
  };
  const file = () => join(folder, "registry.db");

  it("makes its folder, for its user alone", async () => {
    const deep = join(folder, "a", "b");
    await (await openSqlite(deep)).close();
    expect(readdirSync(deep)).to.include("registry.db");
  });

  it("is open once at a time, in this process or another, and free again when it is closed", async () => {
    const store = await openSqlite(folder);
    const error = await refusal();
    expect(error.failure).to.equal("busy");
    expect(error.message).to.include(file()).and.to.include("another engine has it open: stop that one");
    expect(openElsewhere()).to.match(/^busy the registry in /);
    await store.commit({ expectations: [], writes: [{ key: "a", value: "1" }] });
    await store.close();
    await (await openSqlite(folder)).close();
  });

  it("refuses data of a newer version, and leaves them as they are", async () => {
    await fill(1);
    const database = new DatabaseSync(file());
    database.exec("PRAGMA user_version = 99");
    database.close();
    const error = await refusal();
    expect(error.failure).to.equal("newer");
    expect(error.message).to.equal(
      `${file()} was written by a newer cloudmap (data version 99, this one knows 1): upgrade cloudmap, or give it another data folder`,
    );
    const again = new DatabaseSync(file());
    expect(again.prepare("PRAGMA user_version").get()?.user_version).to.equal(99);
    again.close();
  });

  it("refuses a file that is no database, with what to do", async () => {
    writeFileSync(file(), "this is no database, but it is long enough to be taken for one".repeat(100));
    const error = await refusal();
    expect(error.failure).to.equal("damaged");
    expect(error.message).to.include(file()).and.to.include("restore a backup");
  });

  it("refuses a file that is damaged, with what to do", async () => {
    await fill(500);
    const zeros = Buffer.alloc(4096 * 20, 0xff);
    const { size } = statSync(file());
    const handle = openSync(file(), "r+");
    writeSync(handle, zeros, 0, Math.min(zeros.length, size - 4096), 4096);
    closeSync(handle);
    const error = await openSqlite(folder).then(
      async (store) => {
        try {
          for await (const _ of (await store.load()).pages);
          return undefined;
        } catch (reason) {
          return reason;
        } finally {
          await store.close().catch(() => {});
        }
      },
      (reason) => reason,
    );
    expect(error).to.have.property("failure", "damaged");
    expect(String(error)).to.include("restore a backup");
  });

  it("refuses a folder that is a file, with its name", async () => {
    writeFileSync(join(folder, "x"), "");
    const error = await refusal(join(folder, "x", "data"));
    expect(error.failure).to.equal("readonly");
    expect(error.message).to.include(join(folder, "x", "data"));
  });

  it("forgets a last commit that was half written, and nothing before it", async () => {
    const store = await openSqlite(folder);
    for (const key of ["a", "b", "c"]) await store.commit({ expectations: [], writes: [{ key, value: "1" }] });
    // What a crash leaves: the files as they are now, with a torn frame at the end of the log.
    const copy = join(folder, "copy");
    mkdirSync(copy);
    for (const name of readdirSync(folder))
      if (name.startsWith("registry")) copyFileSync(join(folder, name), join(copy, name));
    await store.close();
    appendFileSync(join(copy, "registry.db-wal"), Buffer.alloc(3000, 7));
    const crashed = await openSqlite(copy);
    expect((await crashed.load()).revision).to.equal(3);
    expect(await crashed.commit({ expectations: [], writes: [{ key: "d", value: "1" }] })).to.deep.equal({
      committed: 4,
    });
    await crashed.close();
  });

  it("refuses a folder that it may not write, with what to do", async function () {
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o555);
      expect((await refusal()).failure).to.equal("readonly");
      chmodSync(folder, 0o755);
      return;
    }
    chmodSync(folder, 0o555);
    const answer = openElsewhere({ uid: nobody, gid: nobody });
    if (answer.includes("EACCES")) return this.skip(); // that user cannot read the sources themselves
    expect(answer).to.match(/^readonly the registry in .*: it cannot be opened: check that the data folder/);
  });
});
