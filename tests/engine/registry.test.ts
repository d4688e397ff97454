// The registry tells listeners of each commit: once, whole, and before whoever made it is answered.
import { expect } from "chai";
import { Pipeline } from "../../engine/command.ts";
import { type Key, partsOf } from "../../engine/records.ts";
import { Registry } from "../../engine/registry.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { node } from "./trial.ts";

const [a, b]: readonly Key<number>[] = ["counter/a", "counter/b"];

describe("a listener of the registry", () => {
  it("is told of every commit when all of it is applied, and before it is answered; no more once it has left", async () => {
    const store = openMemory(new Memory(), { lag: 3 });
    const registry = await node(store, new Registry());
    const pipeline = new Pipeline(registry, store);
    const told: string[] = [];
    const leave = registry.listen((writes) => {
      const values = writes.map(({ key }) => `${key}=${registry.get(key as Key<number>)}`);
      told.push(`${registry.revision}: ${values.join(" ")}`);
    });
    const write = async (x: number | undefined, y: number) => {
      await pipeline.submit((draft) => {
        if (x === undefined) draft.delete(a as Key<number>);
        else draft.put(a as Key<number>, x);
        draft.put(b as Key<number>, y);
      });
      return told.length;
    };
    expect(await write(1, 2)).to.equal(1);
    expect(await write(undefined, 3)).to.equal(2);
    leave();
    expect(await write(4, 5)).to.equal(2);
    expect(told).to.deep.equal(["1: counter/a=1 counter/b=2", "2: counter/a=undefined counter/b=3"]);
  });

  it("reads keys whose last part has slashes", () => {
    expect(partsOf("health/srv-1/a/b")).to.deep.equal({ noun: "health", name: "srv-1/a/b", id: "srv-1", rest: "a/b" });
    expect(partsOf("identity")).to.deep.equal({ noun: "identity", name: "", id: "", rest: "" });
  });
});
