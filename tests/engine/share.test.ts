// What is to be done once is done by one of the nodes: each piece has exactly one, and a node that goes moves its own only.
import { expect } from "chai";
import { Nodes } from "../../engine/nodes.ts";
import { instanceKey } from "../../engine/records.ts";
import type { Store } from "../../engine/store/store.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { wrap } from "../store/wrap.ts";
import { type Member, member } from "./cluster.ts";
import { turn } from "./trial.ts";

const pieces = Array.from({ length: 9_000 }, (_, at) => `health/srv-${at % 7}/i-${at}`);

function told(names: readonly string[]): Nodes[] {
  return names.map((name) => {
    const nodes = new Nodes(name);
    nodes.update(names);
    return nodes;
  });
}

/** Whose each piece is, by the nodes' own words; nobody's or several's are named so. */
function owners(nodes: readonly Nodes[]): string[] {
  return pieces.map((piece) =>
    nodes
      .filter((each) => each.isMine(piece))
      .map(({ name }) => name)
      .join("+"),
  );
}

describe("work that is shared out", () => {
  for (const names of [["a"], ["a", "b"], ["a", "b", "c"], ["host-1", "host-2", "host-3", "host-4", "host-5"]]) {
    it(`has one of ${names.length} for each piece, and about as much for each`, () => {
      const found = owners(told(names));
      expect(found.filter((owner) => !names.includes(owner))).to.deep.equal([]);
      for (const name of names) {
        const share = found.filter((owner) => owner === name).length * names.length;
        expect(share / pieces.length, name).to.be.within(0.9, 1.1);
      }
    });
  }

  it("moves from a node that goes to all others, and not between these", () => {
    const before = owners(told(["a", "b", "c"]));
    const after = owners(told(["a", "c"]));
    const moved = before.flatMap((owner, at) => (owner === after[at] ? [] : [owner]));
    expect(new Set(moved)).to.deep.equal(new Set(["b"]));
    const taken = after.filter((_, at) => before[at] === "b");
    expect(taken.filter((owner) => owner === "a").length / taken.length).to.be.within(0.4, 0.6);
  });

  it("is none of a node that the others do not count", () => {
    const nodes = new Nodes("a");
    nodes.update(["b", "c"]);
    expect(pieces.some((piece) => nodes.isMine(piece))).to.equal(false);
    nodes.update([]);
    expect(pieces.some((piece) => nodes.isMine(piece))).to.equal(false);
  });
});

interface Working extends Member {
  readonly nodes: Nodes;
  /** Ends as a process does that is killed: its lease is gone, and nothing of it is done any more. */
  die(): Promise<void>;
}

async function working(
  memory: Memory,
  name: string,
  { isMine, planted = (store) => store }: { isMine?: () => boolean; planted?: (store: Store) => Store } = {},
): Promise<Working> {
  const store = planted(openMemory(memory));
  const nodes = new Nodes(name);
  if (isMine !== undefined) nodes.isMine = isMine;
  const made = await member(store, { nodes, operationDelay: 5 });
  await store.join(name, (names) => nodes.update(names));
  made.dispatcher.resume();
  const die = async () => {
    await store.close();
    await made.dispatcher.close();
  };
  return { ...made, nodes, die };
}

/** Registers so many instances by a node that dies at once; answers how often each was registered, by the store's commits. */
async function registered(memory: Memory, first: Working, rest: readonly Working[], count = 40): Promise<number[]> {
  await first.ask("CreateHttpNamespace", { Name: "n" });
  while (first.registry.namespaces.size === 0) await turn();
  const [NamespaceId = ""] = first.registry.namespaces.page("", 1)[0] ?? [];
  const { Service } = await first.ask("CreateService", { NamespaceId, Name: "s" });
  const ServiceId = Service?.Id ?? "";
  const ids = Array.from({ length: count }, (_, at) => `i-${at}`);
  await Promise.all(ids.map((InstanceId) => first.ask("RegisterInstance", { ServiceId, InstanceId, Attributes: {} })));
  await first.die();
  const [second] = rest;
  const deadline = performance.now() + 500;
  while ((second?.dispatcher.pending ?? 0) > 0 && performance.now() < deadline) await turn();
  for (let turns = 0; turns < 50; turns += 1) await turn();
  for (const each of rest) await each.die();
  return ids.map((id) => {
    const key = instanceKey(ServiceId, id);
    return memory.commits.filter(({ writes }) => writes.some((write) => write.key === key)).length;
  });
}

describe("operations that are slow", () => {
  const once = Array.from({ length: 40 }, () => 1);

  it("are ended once each, also those of a node that died", async () => {
    const memory = new Memory();
    const nodes = [await working(memory, "a"), await working(memory, "b"), await working(memory, "c")] as const;
    expect(await registered(memory, nodes[0], nodes.slice(1))).to.deep.equal(once);
  });

  it("are ended once each, also where two nodes take them for theirs", async () => {
    const memory = new Memory();
    const all = { isMine: () => true };
    const nodes = [
      await working(memory, "a"),
      await working(memory, "b", all),
      await working(memory, "c", all),
    ] as const;
    expect(await registered(memory, nodes[0], nodes.slice(1))).to.deep.equal(once);
  });

  it("are found out not to be ended where nobody takes them", async () => {
    const memory = new Memory();
    const none = { isMine: () => false };
    const a = await working(memory, "a");
    const rest = [await working(memory, "b", none), await working(memory, "c", none)];
    a.nodes.isMine = () => a.registry.services.size === 0; // it makes the namespace by itself
    expect((await registered(memory, a, rest)).some((times) => times === 0)).to.equal(true);
  });

  it("are found out to be ended twice where two nodes take them, and the store does not compare", async () => {
    const memory = new Memory();
    const planted = (store: Store) =>
      wrap(store, { commit: ({ writes }) => store.commit({ expectations: [], writes }) });
    const all = { isMine: () => true, planted };
    const nodes = [
      await working(memory, "a"),
      await working(memory, "b", all),
      await working(memory, "c", all),
    ] as const;
    expect((await registered(memory, nodes[0], nodes.slice(1))).some((times) => times > 1)).to.equal(true);
  });
});
