// Backups: taken while the engine writes, of one moment; restored exactly, or refused with what to do.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { backUp, readBackup, restore } from "../../engine/backup.ts";
import { openSqlite, readSqlite } from "../../engine/store/sqlite.ts";
import type { Entry, Snapshot } from "../../engine/store/store.ts";
import { call, makeNamespace, makeService, post, register, start } from "./running.ts";

describe("a backup", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-backup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => join(folder, "registry.backup");
  const target = () => join(folder, "restored");
  const contents = async ({ revision, pages }: Snapshot) => {
    const entries: Entry[] = [];
    for await (const page of pages) entries.push(...page);
    return { revision, entries: entries.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
  };
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("it is not refused"),
      (error: Error) => error.message,
    );

  it("of an engine that runs is the registry as it was, and goes on from there", async () => {
    await using engine = await start({ operationDelay: 0 });
    const namespace = await makeNamespace(engine, "shop");
    const service = await makeService(engine, namespace, "cart", {
      HealthCheckCustomConfig: {},
      Description: "é✔ \u2028",
      Tags: [{ Key: "__proto__", Value: "1" }],
    });
    for (const id of ["a", "b", "c"]) await register(engine, service, id, { constructor: "x", __proto__x: id });
    await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "c" });
    await call(engine, "UpdateInstanceCustomHealthStatus", {
      ServiceId: service,
      InstanceId: "a",
      Status: "UNHEALTHY",
    });
    const asked = { NamespaceName: "shop", ServiceName: "cart", HealthStatus: "ALL" } as const;
    const before = await call(engine, "DiscoverInstances", asked);
    const operation = await register(engine, service, "b", { again: "1" });

    const backedUp = await backUp(engine.data, file(), "cloudmap test");
    expect(backedUp).to.include({ account: engine.engine.account, namespaces: 1, services: 1, instances: 2 });
    expect(statSync(file()).mode & 0o777).to.equal(0o600);
    await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "a" }); // is not in it

    expect(await restore(file(), target())).to.deep.equal(backedUp);
    await using again = await start({ data: target() });
    expect(again.engine.account).to.equal(engine.engine.account);
    const after = await call(again, "DiscoverInstances", asked);
    expect(after.Instances?.map(({ InstanceId }) => InstanceId)).to.have.members(["a", "b"]);
    expect(after.InstancesRevision).to.be.above(before.InstancesRevision ?? Number.NaN);
    expect((await call(again, "GetOperation", { OperationId: operation })).Operation).to.include({ Status: "SUCCESS" });
    expect((await call(again, "GetService", { Id: service })).Service).to.include({ Description: "é✔ \u2028" });
    await register(again, service, "d");
    const later = await call(again, "DiscoverInstances", asked);
    expect(later.InstancesRevision).to.be.above(after.InstancesRevision ?? Number.NaN);
  });

  it("has every key with its value and revision, folded or not, and restores to the same", async () => {
    const store = await openSqlite(join(folder, "data"));
    const odd = ["a/b", "a\u0000b", "ключ", "😀", "__proto__", "\u{10ffff}", '"\\\n'];
    await store.commit({ expectations: [], writes: odd.map((key) => ({ key, value: JSON.stringify(key) })) });
    await store.commit({
      expectations: [],
      writes: [
        { key: "a/b", value: '{"__proto__":{"constructor":[1.5e-7,null]}}' },
        { key: "ключ", value: undefined },
      ],
    });
    await backUp(join(folder, "data"), file(), "cloudmap test");
    const wanted = await contents(await store.load());
    await store.close();
    expect(wanted.entries).to.have.length(6);
    await restore(file(), target());
    expect(await contents(await readSqlite(target()))).to.deep.equal(wanted);
    const restored = await openSqlite(target());
    expect(await contents(await restored.load())).to.deep.equal(wanted);
    const expectations = wanted.entries.map(({ key, revision }) => ({ key, revision }));
    expect(await restored.commit({ expectations, writes: [] })).to.deep.equal({ committed: 3 });
    await restored.close();
  });

  it("is of one revision, however many commits come while it is taken", async () => {
    const store = await openSqlite(join(folder, "data"));
    // Each commit writes all keys: a backup of one moment has the same revision and value in all of them.
    const commit = (value: number) => {
      const writes = Array.from({ length: 1_000 }, (_, index) => ({ key: `k/${index}`, value: `${value}` }));
      return store.commit({ expectations: [], writes });
    };
    await commit(1);
    let writing = true;
    const writer = (async () => {
      for (let value = 2; writing; value += 1) await commit(value);
    })();
    for (let round = 0; round < 4; round += 1) {
      await backUp(join(folder, "data"), file(), "cloudmap test");
      const { revision, entries } = await contents(await readBackup(file()));
      expect(entries).to.have.length(1_000);
      expect(new Set(entries.map((entry) => `${entry.revision} ${entry.value}`))).to.deep.equal(
        new Set([`${revision} ${revision}`]),
      );
    }
    writing = false;
    await writer;
    await store.close();
  });

  it("keeps no request waiting", async () => {
    await using engine = await start();
    const service = await makeService(engine, await makeNamespace(engine, "n"), "s");
    let writing = true;
    let written = 0;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      while (writing) {
        const body = JSON.stringify({
          ServiceId: service,
          InstanceId: `i-${client}-${written}`,
          Attributes: { a: "b" },
        });
        expect((await post(engine, "RegisterInstance", body)).status).to.equal(200);
        written += 1;
      }
    });
    for (let round = 0; round < 3; round += 1) {
      const before = written;
      await backUp(engine.data, file(), "cloudmap test");
      expect(written, "writes while it was taken").to.be.above(before);
    }
    writing = false;
    await Promise.all(clients);
  });

  it("is taken of a registry that is stopped, or was killed, too", async () => {
    const store = await openSqlite(join(folder, "data"));
    await store.commit({ expectations: [], writes: [{ key: "a", value: "1" }] });
    const copy = join(folder, "killed");
    mkdirSync(copy);
    for (const name of readdirSync(join(folder, "data")))
      if (name.startsWith("registry.db")) writeFileSync(join(copy, name), readFileSync(join(folder, "data", name)));
    await store.close();
    for (const data of ["data", "killed"]) {
      expect(await backUp(join(folder, data), file(), "cloudmap test")).to.include({ revision: 1 });
      expect(await contents(await readBackup(file()))).to.have.deep.property("entries", [
        { key: "a", value: "1", revision: 1 },
      ]);
    }
    expect(await failure(backUp(join(folder, "none"), file(), ""))).to.include("there is no registry in the folder");
  });

  describe("is refused, and nothing is restored,", () => {
    beforeEach(async () => {
      const store = await openSqlite(join(folder, "data"));
      const writes = Array.from({ length: 7_000 }, (_, index) => ({ key: `k/${index}`, value: `{"n":${index}}` }));
      await store.commit({ expectations: [], writes });
      await backUp(join(folder, "data"), file(), "cloudmap 9.9.9");
      await store.close();
    });
    /** Changes the text of the backup. */
    const edit = (change: (lines: string[]) => string[]) => {
      const lines = change(gunzipSync(readFileSync(file())).toString().trimEnd().split("\n"));
      writeFileSync(file(), gzipSync(`${lines.join("\n")}\n`));
    };
    const cases: readonly (readonly [what: string, damage: () => void, says: RegExp])[] = [
      ["where its end is missing", () => truncateSync(file(), statSync(file()).size - 100), /unexpected end of file/],
      ["where it is empty", () => writeFileSync(file(), ""), /not a whole backup/],
      ["where it is something else", () => writeFileSync(file(), "SQLite format 3\0"), /incorrect header check/],
      ["where it is other JSON", () => writeFileSync(file(), gzipSync('{"a":1}\n')), /is not a backup of cloudmap/],
      ["where a line is changed", () => edit((all) => all.with(99, String(all[99]).replace('"n"', '"m"'))), /digest/],
      ["where a line is missing", () => edit((all) => all.toSpliced(99, 1)), /digest is wrong/],
      ["where a line is no JSON", () => edit((all) => all.with(99, "{")), /a line is not JSON/],
      ["where its last line is missing", () => edit((all) => all.slice(0, -1)), /its end is missing/],
      ["where another follows it", () => edit((all) => [...all, ...all]), /something follows its end/],
      [
        "where it is of a newer version",
        () => edit((all) => all.with(0, String(all[0]).replace('"version":1', '"version":2'))),
        /newer cloudmap \(cloudmap 9\.9\.9; backup version 2, this one knows 1\): upgrade cloudmap/,
      ],
      ["where a key is there twice", () => edit((all) => all.with(99, String(all[98]))), /digest is wrong/],
      ["where it is not there", () => rmSync(file()), /ENOENT/],
    ];
    for (const [what, damage, says] of cases) {
      it(what, async () => {
        damage();
        expect(await failure(restore(file(), target())))
          .to.match(says)
          .and.to.include(file());
        expect(existsSync(join(target(), "registry.db"))).to.equal(false);
      });
    }

    it("where any one byte is flipped", async () => {
      const whole = readFileSync(file());
      const places = Array.from({ length: 24 }, (_, index) => 10 + Math.floor((index * (whole.length - 10)) / 24));
      for (const place of places) {
        writeFileSync(file(), whole.with(place, (whole[place] ?? 0) ^ 1)); // what the flip does depends on what is packed there
        expect(await failure(restore(file(), target())), `byte ${place}`).to.include(`${file()} is not a whole backup`);
      }
    });

    it("where the folder is not empty; after a refusal it still counts as empty", async () => {
      expect(await failure(restore(file(), join(folder, "data")))).to.match(/is not empty \(registry\.db is in it\)/);
      const good = readFileSync(file());
      truncateSync(file(), good.length - 100);
      await failure(restore(file(), target()));
      writeFileSync(file(), good);
      await restore(file(), target());
      expect(readdirSync(target()).filter((name) => name !== "registry.lock")).to.deep.equal(["registry.db"]);
    });
  });
});
