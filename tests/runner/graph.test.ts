// What depends on what, and the order of deletions that follows.

import { expect } from "chai";
import { Graph } from "../../runner/deploy/graph.ts";
import { UrnSet } from "../../runner/deploy/targets.ts";
import type { Resource } from "../../runner/state/resource.ts";

const resource = (urn: string, more: Partial<Resource> = {}): Resource => ({
  urn,
  custom: true,
  id: urn,
  type: "t",
  ...more,
});
const names = (resources: Iterable<Resource>): string[] => [...resources].map(({ urn }) => urn);

describe("a dependency graph", () => {
  const a = resource("a");
  const b = resource("b", { dependencies: ["a"] });
  const comp = resource("comp", { custom: false, id: "" });
  const kid = resource("kid", { parent: "comp", propertyDependencies: { x: ["b"] } });
  const after = resource("after", { dependencies: ["comp"] });
  const free = resource("free", { deletedWith: "a" });
  const all = [a, b, comp, kid, after, free];
  const graph = new Graph(all);

  it("knows dependents of all kinds, in order", () => {
    expect(names(graph.dependentsOf(a, new Set(), false))).to.deep.equal(["b", "kid", "free"]);
    expect(names(graph.dependentsOf(comp, new Set(), true))).to.deep.equal(["kid", "after"]);
    expect(names(graph.dependentsOf(a, new Set(["b"]), false))).to.deep.equal(["free"]);
  });

  it("takes a dependency on a component for one on its children", () => {
    expect(names(graph.dependenciesOf(after))).to.deep.equal(["comp", "kid"]);
    expect(names(graph.allDependenciesOf(after)).sort()).to.deep.equal(["a", "b", "comp", "kid"]);
  });

  it("deletes dependents first, and what is independent together", () => {
    expect(graph.deletionOrder(all).map((group) => names(group).sort())).to.deep.equal([
      ["after"],
      ["kid"],
      ["b", "free"],
      ["a", "comp"],
    ]);
  });

  it("orders a chain of thousands without trouble", () => {
    const chain = Array.from({ length: 5000 }, (_, i) =>
      resource(`r${i}`, i === 0 ? {} : { dependencies: [`r${i - 1}`] }),
    );
    const order = new Graph(chain).deletionOrder(chain);
    expect(order.length).to.equal(5000);
    expect(names(order[0] ?? [])).to.deep.equal(["r4999"]);
  });
});

describe("targets", () => {
  it("are URNs, and patterns with stars", () => {
    const targets = new UrnSet(["urn:pulumi:dev::p::t::a", "urn:pulumi:dev::**::b*", "urn:*:dev::p::x.y::c"]);
    expect(targets.has("urn:pulumi:dev::p::t::a")).to.equal(true);
    expect(targets.has("urn:pulumi:dev::p::q$t::b-1")).to.equal(true);
    expect(targets.has("urn:pulumi:dev::p::x-y::c")).to.equal(false);
    expect(new UrnSet([]).constrained).to.equal(false);
  });
});
