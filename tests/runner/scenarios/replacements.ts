// Scenarios of replacements, in their several orders.

import { thing } from "../resource.ts";
import type { Scenario } from "../scenario.ts";

export const replacements: readonly Scenario[] = [
  {
    name: "replace, the new one first",
    steps: [
      {
        run: ["up"],
        resources: [thing("a", { r: "1", v: "1" }), thing("b", { v: "=a.id" }), thing("c", { r: "=a.id" })],
      },
      {
        run: ["up"],
        resources: [thing("a", { r: "2", v: "1" }), thing("b", { v: "=a.id" }), thing("c", { r: "=a.id" })],
      },
    ],
  },
  {
    name: "replace, the old one deleted first with its dependents",
    steps: [
      {
        run: ["up"],
        resources: [
          thing("a", { r: "1", dbr: true }),
          thing("b", { r: "=a.id" }),
          thing("c", { v: "=a.id" }),
          thing("d", { r: "=b.id" }),
          thing("e", {}, { dependsOn: ["a"] }),
        ],
      },
      {
        run: ["up"],
        resources: [
          thing("a", { r: "2", dbr: true }),
          thing("b", { r: "=a.id" }),
          thing("c", { v: "=a.id" }),
          thing("d", { r: "=b.id" }),
          thing("e", {}, { dependsOn: ["a"] }),
        ],
      },
    ],
  },
  {
    name: "the option deleteBeforeReplace overrides the provider",
    steps: [
      {
        run: ["up"],
        resources: [
          thing("a", { r: "1" }, { deleteBeforeReplace: true }),
          thing("b", { r: "1", dbr: true }, { deleteBeforeReplace: false }),
        ],
      },
      {
        run: ["up"],
        resources: [
          thing("a", { r: "2" }, { deleteBeforeReplace: true }),
          thing("b", { r: "2", dbr: true }, { deleteBeforeReplace: false }),
        ],
      },
    ],
  },
  {
    name: "a dependent that is removed while its dependency is replaced",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1", dbr: true }), thing("b", { r: "=a.id" })] },
      { run: ["up"], resources: [thing("a", { r: "2", dbr: true })] },
    ],
  },
  {
    name: "replaceWith and a trigger replace too",
    steps: [
      {
        run: ["up"],
        resources: [
          thing("a", { r: "1" }),
          thing("b", {}, { replaceWith: ["a"] }),
          thing("c", {}, { replacementTrigger: "1" }),
        ],
      },
      {
        run: ["up"],
        resources: [
          thing("a", { r: "2" }),
          thing("b", {}, { replaceWith: ["a"] }),
          thing("c", {}, { replacementTrigger: "2" }),
        ],
      },
    ],
  },
];
