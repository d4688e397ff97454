// What the embedded store folds, in which order and how far, never shows: not in what it holds, and not after a crash.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import fc from "fast-check";
import { SqliteDatabase } from "../../engine/store/sqlite-database.ts";
import { SqliteSnapshot } from "../../engine/store/sqlite-snapshot.ts";
import { Unfolded } from "../../engine/store/sqlite-unfolded.ts";
import type { Entry } from "../../engine/store/store.ts";
import { Model, step } from "./model.ts";

/** Beside commits and crashes: some keys are folded; a fold fails, as on a full disk. */
const fold = fc.record({ fold: fc.integer({ min: 1, max: 5 }), fails: fc.boolean() });
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: step }, { weight: 1, arbitrary: fold }), { maxLength: 60 });

describe("the embedded store's folding", () => {
  let folder: string;
  let file: string;
  let opened: SqliteDatabase | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-fold-"));
    file = join(folder, "registry.db");
  });
  afterEach(() => {
    opened?.abandon();
    opened = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (): SqliteDatabase => {
    opened = new SqliteDatabase(file);
    opened.open();
    return opened;
  };
  const contents = () => {
    const snapshot = new SqliteSnapshot(file);
    const entries: Entry[] = [];
    for (let page = snapshot.page(); page.length > 0; page = snapshot.page()) entries.push(...page);
    snapshot.close();
    return { revision: snapshot.revision, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
  };
  /** Folds, if there is anything to fold, while the table that it writes is away. */
  const failToFold = (database: SqliteDatabase, most: number) => {
    const other = new DatabaseSync(file);
    other.exec("ALTER TABLE entries RENAME TO away");
    try {
      expect(database.fold(most)).to.equal(false);
    } catch (error) {
      expect(String(error)).to.include("no such table");
    } finally {
      other.exec("ALTER TABLE away RENAME TO entries");
      other.close();
    }
  };

  it("leaves what a map would hold, over any sequence of commits, foldings and crashes", () => {
    fc.assert(
      fc.property(steps, (all) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), "cloudmap-fold-"));
        file = join(folder, "registry.db");
        const model = new Model();
        let database = open();
        for (const each of all) {
          if (each === "restart") {
            database.abandon();
            database = open();
          } else if ("fold" in each) {
            if (each.fails) failToFold(database, each.fold);
            else database.fold(each.fold);
          } else {
            const { expectations, writes } = model.resolve(each);
            const outcome = database.commit({ expectations, writes });
            expect(outcome).to.deep.equal(model.commit({ expectations, writes }, outcome));
          }
        }
        expect(contents()).to.deep.equal(model.contents());
        while (database.fold(3));
        expect(contents()).to.deep.equal(model.contents());
        database.abandon();
        opened = undefined;
      }),
      { numRuns: 60 },
    );
  });

  it("keeps keys of one stem together, and takes the stems in turn", () => {
    const unfolded = new Unfolded();
    let revision = 0;
    const put = (...keys: string[]) => {
      for (const key of keys) unfolded.put(key, { value: "", revision: ++revision });
    };
    put("a/1", "b/1", "c", "a/2", "b/2", "a/3", "a/4", "a/5");
    const taken = () => unfolded.take(3).map(([key]) => key);
    expect(taken()).to.deep.equal(["a/1", "a/2", "a/3"]);
    expect(unfolded.oldest).to.equal(2);
    put("a/1", "a/4");
    expect(taken()).to.deep.equal(["b/1", "b/2", "c"]);
    expect(taken()).to.deep.equal(["a/5", "a/1", "a/4"]);
    expect([taken(), unfolded.size, unfolded.oldest]).to.deep.equal([[], 0, undefined]);
  });

  it("takes back what could not be folded, in its order", () => {
    const unfolded = new Unfolded();
    for (const [index, key] of ["a/1", "a/2", "b", "a/3", "c/1"].entries()) {
      unfolded.put(key, { value: key, revision: index + 1 });
    }
    unfolded.putBack(unfolded.take(2));
    expect([unfolded.size, unfolded.oldest]).to.deep.equal([5, 1]);
    const keys = unfolded.take(10).map(([key]) => key);
    expect(keys).to.have.members(["a/1", "a/2", "a/3", "b", "c/1"]);
    expect(keys.filter((key) => key.startsWith("a/"))).to.deep.equal(["a/1", "a/2", "a/3"]);
  });
});
