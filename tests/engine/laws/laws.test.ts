// Generated commands on the real stores, with restarts in between: each answers what it should, and what is there is what should be.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { openEtcd } from "../../../engine/store/etcd.ts";
import { openSqlite } from "../../../engine/store/sqlite.ts";
import type { Store, Write } from "../../../engine/store/store.ts";
import { EtcdServer, hasEtcd } from "../../store/etcd-server.ts";
import type { Place as PlaceOfStore } from "../../store/place.ts";
import { wrap } from "../../store/wrap.ts";
import { Life } from "./life.ts";
import { type Command, commandsOn, kinds, World } from "./world.ts";

/** Goes through a history; throws where a law is broken. */
async function live(history: readonly Command[], { open, [Symbol.asyncDispose]: remove }: Place): Promise<void> {
  const world = new World(1_700_000_000_000);
  const life = new Life(open, () => world.now);
  /** The last revisions of all services that there ever were. */
  const revisions = new Map<string, number>();
  await life.open();
  try {
    for (const command of history) {
      const answer = await life.do(command);
      const expected = world.do(command, life.idOf(command));
      expect(answer, JSON.stringify(command)).to.equal(expected.answer);
      for (const [id, revision] of await life.revisions()) {
        const before = revisions.get(id) ?? 0;
        const moves = expected.moves && id === life.idOf(command);
        if (moves) expect(revision, `the revision after ${JSON.stringify(command)}`).to.be.above(before);
        else expect(revision, `the revision after ${JSON.stringify(command)}`).to.be.at.least(before);
        revisions.set(id, revision);
      }
      if (command.type === "restart") expect(await life.shown()).to.deep.equal(world.shown());
    }
    await life.do({ type: "restart" });
    expect(await life.shown()).to.deep.equal(world.shown());
    expect(await life.lostOperations()).to.deep.equal([]);
  } finally {
    await life.close();
    await remove();
  }
}

const histories = fc
  .subarray([...kinds], { minLength: 1 })
  .chain((some) => fc.array(commandsOn(some), { minLength: 10, maxLength: 60, size: "max" }));
const law = (newPlace: () => Place) => fc.asyncProperty(histories, (history) => live(history, newPlace()));
const runs = Number(process.env.LAWS_RUNS ?? 15);
/** Each question to etcd is a way there and back. */
const runsOnEtcd = Math.ceil(runs / 5);

/** Where a registry of its own lies, for one history. */
type Place = Pick<PlaceOfStore, "open" | typeof Symbol.asyncDispose>;

function folder(plant: (store: Store) => Store = (store) => store): Place {
  const path = mkdtempSync(join(tmpdir(), "cloudmap-laws-"));
  return {
    open: async () => plant(await openSqlite(path)),
    [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }),
  };
}

describe("the registry", function () {
  this.timeout(120_000);

  it("is what the reference describes, over any sequence of commands and restarts", async () => {
    await fc.assert(
      law(() => folder()),
      { numRuns: runs, endOnFailure: true },
    );
  });

  it("is that in etcd too", async function () {
    if (!hasEtcd()) return this.skip();
    await using etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
    const place = () => {
      const prefix = `/law/${randomUUID()}/`;
      return {
        open: () => openEtcd({ members: [etcd.url], prefix, log: () => {} }),
        [Symbol.asyncDispose]: async () => {},
      };
    };
    await fc.assert(law(place), { numRuns: runsOnEtcd, endOnFailure: true });
  });

  /** A store that writes, or tells of, something else than what it was given. */
  const writing =
    (change: (writes: readonly Write[]) => readonly Write[]) =>
    (store: Store): Store =>
      wrap(store, { commit: ({ expectations, writes }) => store.commit({ expectations, writes: change(writes) }) });
  const without = (noun: string) => writing((writes) => writes.filter(({ key }) => !key.startsWith(`${noun}/`)));
  const plants: readonly (readonly [what: string, plant: (store: Store) => Store])[] = [
    ["deregistrations leave no revision", without("revision")],
    ["statuses are not kept", without("health")],
    ["operations are not kept", without("operation")],
    ["nothing says that a name is taken", without("name")],
    ["nothing is ever removed", writing((writes) => writes.filter(({ value }) => value !== undefined))],
    [
      "a change that is stored is not always applied",
      (store) => ({
        ...writing((writes) => writes)(store),
        watch: (revision, watcher) =>
          store.watch(revision, {
            ...watcher,
            commit: ({ revision: at, writes }) => watcher.commit({ revision: at, writes: at % 7 === 0 ? [] : writes }),
          }),
      }),
    ],
  ];
  for (const [what, plant] of plants) {
    it(`is found not to be, where ${what}`, async () => {
      const { failed } = await fc.check(
        law(() => folder(plant)),
        { numRuns: 60, endOnFailure: true },
      );
      expect(failed).to.equal(true);
    });
  }
});
