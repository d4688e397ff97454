// The pipeline of writes on a store that makes trouble; and that these tests notice when it is broken.
import { expect } from "chai";
import { CloudMapError } from "../../api/errors.ts";
import { Pipeline } from "../../engine/command.ts";
import type { Draft } from "../../engine/draft.ts";
import { instanceKey, type Key } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import { type Outcome, type Store, StoreError } from "../../engine/store/store.ts";
import { Memory, openMemory, type Trouble } from "../store/memory.ts";
import { countUp, node, type Planted } from "./trial.ts";

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const bad: Trouble = { conflicts: 0.3, lag: 4, failures: 0.1 };

describe("the pipeline", () => {
  const troubles: [what: string, trouble: Trouble][] = [
    ["nothing wrong", {}],
    ["conflicts", { conflicts: 0.3 }],
    ["a watch that lags", { lag: 6 }],
    ["commits that fail", { failures: 0.3 }],
    ["small transactions", { maxOperations: 3, lag: 2 }],
    ["all of it", { ...bad, maxOperations: 8 }],
  ];
  for (const [what, trouble] of troubles) {
    it(`runs each command once, and answers when the registry has it, with ${what}`, async () => {
      for (const seed of seeds) expect(await countUp(seed, trouble), `seed ${seed}`).to.deep.equal([]);
    });
  }

  const wrap = (change: (store: Store, random: () => number) => Partial<Store>): Planted => ({
    store: (store, random) => ({ ...store, ...change(store, random) }),
  });
  const plants: [what: string, planted: Planted][] = [
    [
      "a dropped expectation",
      wrap((store) => ({ commit: ({ writes }) => store.commit({ expectations: [], writes }) })),
    ],
    [
      "a commit that is reported as a conflict, and so is made twice",
      wrap((store, random) => ({
        commit: async (transaction): Promise<Outcome> => {
          const outcome = await store.commit(transaction);
          return "committed" in outcome && random() < 0.1 ? { conflict: outcome.committed } : outcome;
        },
      })),
    ],
    [
      "a commit that is reported and not made",
      wrap((store, random) => ({
        commit: async (transaction) =>
          random() < 0.1 ? { committed: (await store.load()).revision } : store.commit(transaction),
      })),
    ],
    [
      "a commit that is applied twice",
      wrap((store) => ({
        watch: (revision, watcher) =>
          store.watch(revision, {
            ...watcher,
            commit: (commit) => {
              watcher.commit(commit);
              watcher.commit(commit);
            },
          }),
      })),
    ],
    [
      "a commit of which nothing is told",
      wrap((store, random) => ({
        watch: (revision, watcher) =>
          store.watch(revision, {
            ...watcher,
            commit: (commit) => watcher.commit(random() < 0.1 ? { ...commit, writes: [] } : commit),
          }),
      })),
    ],
    [
      "an answer that does not wait for the registry",
      {
        registry: () =>
          new (class extends Registry {
            override async reached(): Promise<boolean> {
              return true;
            }
          })(),
      },
    ],
  ];
  for (const [what, planted] of plants) {
    it(`is noticed to be broken by ${what}`, async () => {
      const found = await Promise.all(seeds.slice(0, 4).map((seed) => countUp(seed, bad, planted)));
      expect(found.flat()).not.to.deep.equal([]);
    });
  }

  describe("in one commit", () => {
    const counter: Key<number> = "counter/a";
    const open = async (trouble: Trouble = {}) => {
      const memory = new Memory();
      const store = openMemory(memory, trouble);
      const registry = await node(store, new Registry());
      return { memory, registry, pipeline: new Pipeline(registry, store) };
    };
    const add = (draft: Draft) => {
      const next = (draft.guard(counter) ?? 0) + 1;
      draft.put(counter, next);
      return next;
    };

    it("has the commands that arrive together, up to 256", async () => {
      const { memory, pipeline } = await open();
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => pipeline.submit(add)));
      expect(answers).to.deep.equal(Array.from({ length: 1_000 }, (_, index) => index + 1));
      expect(memory.commits).to.have.length(4);
    });

    it("leaves out the command that refuses or breaks, and all that it drafted", async () => {
      const { memory, pipeline } = await open();
      const refuse = (draft: Draft) => {
        add(draft);
        throw new CloudMapError("ResourceInUse", "no");
      };
      const fail = (draft: Draft) => {
        add(draft);
        throw new TypeError("a bug");
      };
      const outcomes = await Promise.allSettled([add, refuse, add, fail, add].map((run) => pipeline.submit(run)));
      const said = outcomes.map((each) => (each.status === "fulfilled" ? each.value : String(each.reason)));
      expect(said).to.deep.equal([1, "CloudMapError: no", 2, "TypeError: a bug", 3]);
      expect(memory.entries.get(counter)?.value).to.equal("3");
      expect(memory.commits).to.have.length(1);
    });

    it("answers a refusal only when what it rests on is stored", async () => {
      const { memory, pipeline } = await open({ failures: 1 });
      const refuse = (draft: Draft) => {
        if ((draft.guard(counter) ?? 0) > 0) throw new CloudMapError("ResourceInUse", "it is 1");
      };
      const outcomes = await Promise.allSettled([pipeline.submit(add), pipeline.submit(refuse)]);
      for (const each of outcomes) {
        expect(each).to.have.nested.property("reason.code", "ServiceUnavailable");
        expect(each).to.have.nested.property("reason.message", "The change was not stored: the disk is full");
      }
      expect(memory.revision).to.equal(0);
    });

    it("has only what the store takes, but at least one command", async () => {
      const { memory, pipeline } = await open({ maxOperations: 4 });
      const write = (index: number, size: number) => (draft: Draft) => {
        for (let key = 0; key < size; key += 1) draft.put(`k/${index}/${key}`, 1);
      };
      const sizes = [1, 1, 1, 1, 1, 9, 2, 3];
      await Promise.all(sizes.map((size, index) => pipeline.submit(write(index, size))));
      expect(memory.commits.map(({ writes }) => writes.length)).to.deep.equal([4, 1, 9, 2, 3]);
    });

    it("has no more bytes than the store takes, and a command that has more is refused alone", async () => {
      const memory = new Memory();
      const store = openMemory(memory);
      const commit: Store["commit"] = async (transaction) => {
        const size = JSON.stringify(transaction.writes).length;
        if (size > 1_000) throw new StoreError("large", `etcd takes 1000 bytes at once, and these are ${size}`);
        return store.commit(transaction);
      };
      const pipeline = new Pipeline(await node(store, new Registry()), { ...store, commit });
      const sizes = [10, 300, 300, 300, 10, 2_000, 10];
      const put = (size: number, index: number) => (draft: Draft) => draft.put(`k/${index}`, "x".repeat(size));
      const outcomes = await Promise.allSettled(sizes.map((size, index) => pipeline.submit(put(size, index))));
      expect(outcomes.map(({ status }) => status)).to.deep.equal(
        sizes.map((size) => (size > 1_000 ? "rejected" : "fulfilled")),
      );
      expect(outcomes[5]).to.have.nested.property("reason.message").that.includes("1000 bytes at once");
      expect(memory.commits.map(({ writes }) => writes.length)).to.deep.equal([2, 2, 1, 1]);
    });

    it("decides that nothing is left only when the removals before it are stored", async () => {
      const { memory, pipeline } = await open();
      const key = instanceKey("srv-a", "i");
      await pipeline.submit((draft) => draft.put(key, { Attributes: {}, OperationId: "" }));
      const has = (draft: Draft) => draft.guardInstances("srv-a");
      const outcomes = await Promise.all([
        pipeline.submit(has),
        pipeline.submit((draft) => draft.delete(key)),
        pipeline.submit(has),
        pipeline.submit(add),
      ]);
      expect(outcomes).to.deep.equal([true, undefined, false, 1]);
      expect(memory.commits).to.have.length(3);
    });

    it("is none where nothing is written", async () => {
      const { memory, pipeline } = await open();
      expect(await pipeline.submit((draft) => draft.peek(counter))).to.equal(undefined);
      expect(memory.commits).to.deep.equal([]);
    });
  });

  it("finishes what it has when it is closed, and takes no more", async () => {
    const memory = new Memory();
    const store = openMemory(memory, { lag: 5 });
    const pipeline = new Pipeline(await node(store, new Registry()), store);
    const last = pipeline.submit((draft) => draft.put("k", 1));
    const closed = pipeline.close();
    const late = await pipeline.submit((draft) => draft.put("k", 2)).catch((error) => error);
    expect(late).to.include({ code: "ServiceUnavailable", message: "The engine is stopping." });
    await closed;
    await last;
    expect(memory.entries.get("k")?.value).to.equal("1");
  });

  it("gives up where others are always first, and says so", async () => {
    const memory = new Memory();
    const store = openMemory(memory, { conflicts: 1 });
    const pipeline = new Pipeline(await node(store, new Registry()), store);
    await pipeline.submit((draft) => draft.put("k", 1));
    const error = await pipeline
      .submit((draft) => draft.put("k", Number(draft.guard("k")) + 1))
      .catch((reason) => reason);
    expect(error).to.include({
      code: "ServiceUnavailable",
      message: "Too many changes of the same resource at once; try again.",
    });
    expect(memory.entries.get("k")?.value).to.equal("1");
  });
});
