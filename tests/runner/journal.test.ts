// The journal: whatever is in it when a run is killed finds its way into the state.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { Keeper } from "../../runner/deploy/keeper.ts";
import { openBackend, stackFile } from "../../runner/stack/backend.ts";
import { createCrypter } from "../../runner/stack/secrets.ts";
import { sealResource } from "../../runner/state/deployment.ts";
import { Journal, replay } from "../../runner/state/journal.ts";
import type { Resource } from "../../runner/state/resource.ts";
import { SecretCache } from "../../runner/state/secret-cache.ts";
import { Snapshot } from "../../runner/state/snapshot.ts";
import { Store } from "../../runner/state/store.ts";
import { secret } from "../../runner/value/value.ts";

const resource = (name: string, more: Partial<Resource> = {}): Resource => ({
  urn: `urn:pulumi:dev::p::t:i:T::${name}`,
  custom: true,
  id: name,
  type: "t:i:T",
  inputs: { name },
  ...more,
});

describe("a journal", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "runner-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const checkpoint = "the checkpoint";
  const file = () => join(folder, "dev.journal");

  function begin(base: readonly Resource[], cache = new SecretCache(undefined)): Snapshot {
    const journal = new Journal(file(), cache);
    journal.start(checkpoint, base, []);
    return new Snapshot(base, [], journal);
  }

  /** An operation with a bit of everything, stopped before the change of the given number. */
  function* changes(snapshot: Snapshot, [a, b, c]: readonly [Resource, Resource, Resource]): Generator {
    const keptA = { ...a };
    yield snapshot.commit({ removed: [a], added: keptA });
    const next = resource("b", { id: "b2" });
    yield snapshot.begin(next, "creating");
    b.delete = true;
    yield snapshot.commit({ finished: next, added: next, marked: b });
    yield snapshot.begin(b, "deleting");
    yield snapshot.commit({ finished: b, removed: [b] });
    const updated = { ...c, inputs: { name: "c", v: 1 } };
    yield snapshot.begin(updated, "updating");
    yield snapshot.commit({ finished: updated, removed: [c], added: updated });
    yield snapshot.setOutputs(keptA, { out: 1 });
    yield snapshot.begin(resource("d"), "creating");
  }

  it("leads to the state that the run had, wherever it was cut off", () => {
    for (let stop = 0; stop <= 9; stop++) {
      const base = [resource("a"), resource("b"), resource("c")] as const;
      const raw = base.map((each) => sealResource(each, new SecretCache(undefined)));
      const snapshot = begin(base);
      const running = changes(snapshot, base);
      for (let i = 0; i < stop; i++) running.next();
      const recovered = replay(readFileSync(file(), "utf8"), checkpoint, raw);
      const cache = new SecretCache(undefined);
      const seal = (each: Resource) => sealResource(each, cache);
      expect(JSON.parse(JSON.stringify(recovered?.resources)), `resources after ${stop}`).to.deep.equal(
        snapshot.resources.map(seal),
      );
      const pending = snapshot.pending.map(({ type, resource: each }) => ({ type, resource: seal(each) }));
      expect(
        recovered?.pending.map(({ type, resource: each }) => ({ type, resource: each })),
        `pending after ${stop}`,
      ).to.deep.equal(pending);
    }
  });

  it("leaves out a line that was cut off", () => {
    const base = [resource("a"), resource("b"), resource("c")] as const;
    const snapshot = begin(base);
    snapshot.commit({ removed: [base[0]] });
    const text = readFileSync(file(), "utf8");
    const recovered = replay(`${text}{"end":"n0","removed":["b`, checkpoint, [...base]);
    expect(recovered?.resources.map(({ id }) => id)).to.deep.equal(["b", "c"]);
  });

  it("is of no use with another checkpoint", () => {
    begin([]);
    expect(replay(readFileSync(file(), "utf8"), "another checkpoint", [])).to.equal(undefined);
  });

  it("holds no secret in the open", async () => {
    const snapshot = begin([], new SecretCache(createCrypter("p")));
    snapshot.begin(resource("a", { inputs: { s: secret("hush-hush") } }), "creating");
    const text = readFileSync(file(), "utf8");
    expect(text).to.not.contain("hush-hush");
    expect(text).to.contain("ciphertext");
  });

  it("leaves pending what was, once, however often a run is cut off after it wrote the state", async () => {
    const name = { project: "p", stack: "dev" };
    const backend = await openBackend(pathToFileURL(folder).href, folder);
    mkdirSync(dirname(stackFile(backend, name)), { recursive: true });
    const [store, cache] = [new Store(backend, name), new SecretCache(undefined)];
    writeFileSync(stackFile(backend, name), store.format({ resources: [], pending: [], metadata: {} }, cache));
    for (let run = 0; run < 4; run += 1) {
      const keeper = new Keeper(store, cache, false, false);
      const pending = keeper.pendingBefore.map(({ resource: each }) => each.id);
      expect(pending.sort()).to.deep.equal(Array.from({ length: run }, (_, before) => `lost ${before}`));
      expect(keeper.before.map(({ id }) => id).sort()).to.deep.equal(
        Array.from({ length: run }, (_, before) => `made ${before}`),
      );
      keeper.start();
      const made = resource(`made ${run}`);
      keeper.snapshot.begin(made, "creating");
      keeper.snapshot.begin(resource(`lost ${run}`), "creating");
      keeper.write();
      keeper.snapshot.commit({ finished: made, added: made });
      keeper.stop(); // as one that is killed: nothing more is written
    }
  });

  it("does not repeat what stays the same", () => {
    const base = [resource("a", { outputs: { long: "x".repeat(10_000) } })] as const;
    const snapshot = begin(base);
    snapshot.commit({ removed: [base[0]], added: { ...base[0] } });
    expect(readFileSync(file(), "utf8").length).to.be.lessThan(300);
  });
});
