// Scenarios of names, parents and components.

import { component, thing } from "../resource.ts";
import type { Scenario } from "../scenario.ts";

export const names: readonly Scenario[] = [
  {
    name: "aliases continue a resource under another name",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }), thing("b", { v: "=a.computed" })] },
      {
        run: ["up"],
        resources: [thing("z", { name: "a", v: "1" }, { aliases: [{ name: "a" }] }), thing("b", { v: "=z.computed" })],
      },
      { run: ["up"], resources: [thing("z", { name: "a", v: "1" }), thing("b", { v: "=z.computed" })] },
    ],
  },
  {
    name: "children move with the alias of their component",
    steps: [
      { run: ["up"], resources: [component("old"), thing("old-kid", { v: "1" }, { parent: "old" })] },
      {
        run: ["up"],
        resources: [
          component("new", { aliases: [{ name: "old" }] }),
          thing("new-kid", { name: "old-kid", v: "1" }, { parent: "new" }),
        ],
      },
    ],
  },
  {
    name: "a resource moves into a component",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" })] },
      {
        run: ["up"],
        resources: [component("comp"), thing("a", { v: "1" }, { parent: "comp", aliases: [{ noParent: true }] })],
      },
    ],
  },
  {
    name: "components have inputs, outputs and children",
    steps: [
      {
        run: ["up"],
        resources: [
          { ...component("outer", {}, { answer: 42 }), inputs: { size: 1 } },
          component("inner", { parent: "outer" }, { deep: { $secret: true } }),
          thing("kid", { v: "1" }, { parent: "inner" }),
          thing("after", {}, { dependsOn: ["outer"] }),
        ],
      },
      {
        run: ["up"],
        resources: [
          { ...component("outer", {}, { answer: 43 }), inputs: { size: 2 } },
          component("inner", { parent: "outer" }, { deep: { $secret: true } }),
          thing("kid", { v: "2" }, { parent: "inner" }),
          thing("after", {}, { dependsOn: ["outer"] }),
        ],
      },
      { run: ["destroy"] },
    ],
  },
  {
    name: "options are inherited from parents",
    steps: [
      {
        run: ["up"],
        resources: [
          component("comp", { protect: true, retainOnDelete: true }),
          thing("kid", {}, { parent: "comp" }),
          thing("free", {}, { parent: "comp", protect: false }),
        ],
      },
      {
        run: ["up"],
        resources: [component("comp"), thing("kid", {}, { parent: "comp" }), thing("free", {}, { parent: "comp" })],
      },
    ],
  },
  {
    name: "a read resource becomes one of ours, and back",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }, { id: "outside" })] },
      { run: ["up"], resources: [thing("a", { v: "1" })] },
      { run: ["up"], resources: [thing("a", { v: "1" }, { id: "outside" })] },
    ],
  },
];
