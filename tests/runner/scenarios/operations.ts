// Scenarios of the operations and their flags.

import { chain, component, thing, urn } from "../resource.ts";
import type { Scenario } from "../scenario.ts";

export const operations: readonly Scenario[] = [
  {
    name: "create, keep and destroy a chain",
    steps: [
      { run: ["up"], resources: chain, outputs: { last: "=c.computed" } },
      { run: ["up"], resources: chain, outputs: { last: "=c.computed" } },
      { run: ["destroy"] },
    ],
  },
  {
    name: "preview changes nothing",
    steps: [
      { run: ["preview"], resources: chain },
      { run: ["up"], resources: chain },
      { run: ["preview"], resources: [thing("a", { v: "2" }), ...chain.slice(1)] },
    ],
  },
  {
    name: "deletedWith saves the call",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }), thing("b", {}, { deletedWith: "a" })] },
      { run: ["destroy"] },
    ],
  },
  {
    name: "refresh finds drift and what is gone",
    steps: [
      { run: ["up"], resources: [...chain, component("comp"), thing("kid", { v: "k" }, { parent: "comp" })] },
      { run: ["refresh"], world: { gone: ["b"], drift: { c: { v: "other" } } } },
      { run: ["up"], resources: [...chain, component("comp"), thing("kid", { v: "k" }, { parent: "comp" })] },
    ],
  },
  {
    name: "a refresh goes on when one resource cannot be read",
    steps: [
      { run: ["up"], resources: chain },
      {
        run: ["refresh"],
        world: { fail: { a: { method: "read", message: "no answer" } }, drift: { c: { v: "other" } } },
      },
    ],
  },
  {
    name: "up --refresh updates what drifted",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["up", "--refresh"], resources: chain, world: { gone: ["c"], drift: { a: { v: "other" } } } },
    ],
  },
  {
    name: "get reads what exists and never deletes it",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "seen" }, { id: "outside" }), thing("b", { v: "=a.v" })] },
      { run: ["preview"], resources: [thing("a", { v: "seen" }, { id: "outside" }), thing("b", { v: "=a.v" })] },
      { run: ["up"], resources: [thing("b", { v: "seen" })] },
    ],
  },
  {
    name: "targets leave the others as they are",
    steps: [
      { run: ["up"], resources: chain },
      {
        run: ["up", "--target", urn("b")],
        resources: [
          thing("a", { v: "2" }),
          thing("b", { v: "x" }),
          thing("c", { v: "=b.computed", w: "y" }),
          thing("new"),
        ],
      },
      { run: ["destroy", "--target", urn("c")] },
      { run: ["destroy", "--target", urn("a")] },
      { run: ["destroy", "--target", urn("a"), "--target-dependents"] },
    ],
  },
  {
    name: "excluded resources stay",
    steps: [
      { run: ["up"], resources: chain },
      {
        run: ["up", "--exclude", urn("b")],
        resources: [
          thing("a", { v: "2" }),
          thing("b", { v: "=a.computed", w: "x" }),
          thing("c", { v: "=b.computed", w: "y" }),
        ],
      },
      { run: ["destroy", "--exclude", urn("b")] },
    ],
  },
  {
    name: "--replace replaces on demand",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["up", "--replace", urn("a")], resources: chain },
    ],
  },
  {
    name: "configuration reaches the dynamic provider",
    steps: [
      { run: ["up"], resources: [thing("a")], config: { "spec:one": "1" } },
      { run: ["up"], resources: [thing("a")], config: { "spec:one": "2", "other:two": "2" } },
    ],
  },
  {
    name: "expecting no changes",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["up", "--expect-no-changes"], resources: chain },
      { run: ["preview", "--expect-no-changes"], resources: [thing("a", { v: "2" }), ...chain.slice(1)] },
    ],
  },
  {
    name: "two resources of one name",
    steps: [{ run: ["up"], resources: [thing("a"), thing("a", { v: "2" })], loose: true }],
  },
];
