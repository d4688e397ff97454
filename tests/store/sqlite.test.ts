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
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
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
    compact: async (store) => {
      await store.close(); // all is folded then, and the journal is kept for those who lag behind
      const database = new DatabaseSync(join(folder, "registry.db"));
      database.exec("DELETE FROM journal");
      database.close();
      return openSqlite(folder);
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

/** What the journal of a file of version 1 says is there: revision and value by key. */
function contentsOf(sql: string): Map<string, string> {
  const database = new DatabaseSync(":memory:");
  database.exec(sql);
  const contents = new Map<string, string>();
  for (const row of database.prepare("SELECT revision, writes FROM journal ORDER BY revision").all()) {
    for (const [key, value] of JSON.parse(String(row.writes)) as [string, string?][]) {
      if (value === undefined) contents.delete(key);
      else contents.set(key, `${row.revision} ${value}`);
    }
  }
  database.close();
  return contents;
}

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
    const { stdout, stderr, error } = spawnSync(process.execPath, [opener, folder], { ...options, encoding: "utf8" });
    return stdout || stderr || String(error);
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
      `${file()} was written by a newer cloudmap (data version 99, this one knows 2): upgrade cloudmap, or give it another data folder`,
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

  describe("refuses a file that is damaged, with what to do, where", () => {
    /** What is wrong with the registry, by the time that an engine has read it. */
    const damageFound = (): Promise<unknown> =>
      openSqlite(folder).then(
        async (store) => {
          try {
            for await (const _ of (await store.load()).pages);
          } catch (reason) {
            return reason;
          } finally {
            await store.close();
          }
        },
        (reason) => reason,
      );
    const overwrite = (bytes: Buffer, position: number) => {
      const handle = openSync(file(), "r+");
      writeSync(handle, bytes, 0, bytes.length, position);
      closeSync(handle);
    };
    /** Changes one byte of the text, wherever it is in the file. */
    const flip = (text: string) => {
      const position = readFileSync(file()).indexOf(text);
      expect(position, text).to.be.above(0);
      overwrite(Buffer.from([text.charCodeAt(0) ^ 1]), position);
    };
    const positionOf = (text: string) => Math.floor(readFileSync(file()).indexOf(text) / 4096) * 4096;
    const pageOf = (text: string) => readFileSync(file()).subarray(positionOf(text)).subarray(0, 4096);
    const inSqlite = (sql: string) => {
      const database = new DatabaseSync(file());
      database.exec(sql);
      database.close();
    };
    const cases: readonly (readonly [what: string, damage: () => void])[] = [
      ["pages are overwritten", () => overwrite(Buffer.alloc(4096 * 20, 0xff), 4096)],
      ["one page is in the place of another", () => overwrite(pageOf("entry 250 ends"), positionOf("entry 450 ends"))],
      ["its end is missing", () => truncateSync(file(), statSync(file()).size - 4096 * 3)],
      ["half of a page is missing", () => truncateSync(file(), statSync(file()).size - 2000)],
      ["one character of a value is another", () => flip("entry 250 ends")],
      ["one character of a key is another", () => flip("k/251")],
      ["a revision is another", () => inSqlite("UPDATE entries SET revision = 7 WHERE key = 'k/252'")],
      [
        "a commit that is not folded is changed",
        () => inSqlite("UPDATE folded SET revision = 0; UPDATE journal SET writes = '[]'"),
      ],
      [
        "a commit that is not folded is missing",
        () => inSqlite("UPDATE folded SET revision = 0; DELETE FROM journal WHERE revision = 1"),
      ],
      ["it is another program's", () => inSqlite("PRAGMA user_version = 0")],
    ];
    for (const [what, damage] of cases) {
      it(what, async () => {
        const store = await openSqlite(folder);
        const writes = Array.from({ length: 500 }, (_, index) => {
          return { key: `k/${index}`, value: `${"x".repeat(500)} entry ${index} ends` };
        });
        await store.commit({ expectations: [], writes });
        await store.commit({ expectations: [], writes: [{ key: "last", value: "1" }] });
        await store.close();
        expect(await damageFound(), "before").to.equal(undefined);
        // The journal has a copy of each value: what is looked for is the one in the entries.
        if (what.startsWith("one ")) inSqlite("DELETE FROM journal; VACUUM");
        damage();
        const error = await damageFound();
        expect(error).to.have.property("failure", "damaged");
        expect(String(error))
          .to.include(file())
          .and.to.match(/restore a backup|another program's/);
      });
    }
  });

  it("brings a file of version 1 forward, folded or not, and at once or not at all", async () => {
    const old = readFileSync(new URL("version-1.sql", import.meta.url), "utf8");
    const wanted = contentsOf(old);
    expect(wanted.size).to.be.above(10);
    const made = new DatabaseSync(file());
    made.exec(old);
    made.close();
    for (const time of ["first", "second"]) {
      const store = await openSqlite(folder);
      const { revision, pages } = await store.load();
      const found = new Map<string, string>();
      for await (const page of pages)
        for (const { key, ...rest } of page) found.set(key, `${rest.revision} ${rest.value}`);
      expect([revision, found], time).to.deep.equal([10, wanted]);
      const told: number[] = [];
      await store.watch(5, { commit: ({ revision: at }) => told.push(at), reload: async () => {} });
      expect(told, time).to.deep.equal([6, 7, 8, 9, 10]);
      await store.close();
    }
    const now = new DatabaseSync(file());
    expect(now.prepare("PRAGMA user_version").get()).to.include({ user_version: 2 });
    now.close();
  });

  it("leaves a file of version 1 as it was where it cannot be brought forward", async () => {
    const made = new DatabaseSync(file());
    made.exec(readFileSync(new URL("version-1.sql", import.meta.url), "utf8"));
    made.exec("DROP TABLE entries; CREATE TABLE entries (broken TEXT)");
    made.close();
    expect((await refusal()).message).to.include("no such column");
    const after = new DatabaseSync(file());
    expect(after.prepare("PRAGMA user_version").get()).to.include({ user_version: 1 });
    expect(after.prepare("SELECT count(*) AS count FROM journal").get()).to.include({ count: 10 });
    after.close();
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
