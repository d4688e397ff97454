// Scenarios of inputs and options that change.

import { chain, thing } from "../resource.ts";
import type { Scenario } from "../scenario.ts";

export const changes: readonly Scenario[] = [
  {
    name: "update a chain",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["up"], resources: [thing("a", { v: "2" }), ...chain.slice(1)] },
    ],
  },
  {
    name: "remove from the middle",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["up"], resources: [thing("a", { v: "1" }), thing("c", { v: "free" })] },
    ],
  },
  {
    name: "ignoreChanges keeps old inputs",
    steps: [
      {
        run: ["up"],
        resources: [thing("a", { v: "1", o: { x: 1, y: 1 }, l: [1, 2] }, { ignoreChanges: ["v", "o.x", "l[1]"] })],
      },
      {
        run: ["up"],
        resources: [thing("a", { v: "2", o: { x: 2, y: 2 }, l: [1, 3] }, { ignoreChanges: ["v", "o.x", "l[1]"] })],
      },
      { run: ["up"], resources: [thing("a", { o: { y: 2 }, l: [1, 3] }, { ignoreChanges: ["*"] })] },
    ],
  },
  {
    name: "replaceOnChanges needs a provider that names what changed",
    steps: [
      {
        run: ["up"],
        resources: [
          thing("a", { v: "1" }, { replaceOnChanges: ["v"] }),
          thing("b", { v: "1", vague: true }, { replaceOnChanges: ["v"] }),
        ],
      },
      {
        run: ["up"],
        resources: [
          thing("a", { v: "2" }, { replaceOnChanges: ["v"] }),
          thing("b", { v: "2", vague: true }, { replaceOnChanges: ["v"] }),
        ],
      },
    ],
  },
  {
    name: "a provider that does not know leaves it to the inputs",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1", vague: true, s: { $secret: "x" } })] },
      { run: ["up"], resources: [thing("a", { v: "1", vague: true, s: { $secret: "x" } })] },
      { run: ["up"], resources: [thing("a", { v: "1", vague: true, s: { $secret: "y" } })] },
    ],
  },
  {
    name: "secrets stay secret in outputs of the same name",
    steps: [
      {
        run: ["up"],
        resources: [
          thing(
            "a",
            { s: { $secret: "hush" }, o: { deep: { $secret: 1 } } },
            { additionalSecretOutputs: ["computed"] },
          ),
          thing("b", { v: "=a.s" }),
        ],
        outputs: { s: "=a.s", c: "=a.computed" },
      },
      {
        run: ["up"],
        resources: [
          thing(
            "a",
            { s: { $secret: "hush2" }, o: { deep: { $secret: 1 } } },
            { additionalSecretOutputs: ["computed"] },
          ),
          thing("b", { v: "=a.s" }),
        ],
        outputs: { s: "=a.s", c: "=a.computed" },
      },
    ],
  },
  {
    name: "options that change without inputs are written",
    steps: [
      { run: ["up"], resources: [thing("a"), thing("b", { v: "1" })] },
      {
        run: ["up"],
        resources: [
          thing("a"),
          thing(
            "b",
            { v: "1" },
            { protect: true, dependsOn: ["a"], customTimeouts: { create: "5m", update: "90s", delete: "1h" } },
          ),
        ],
      },
    ],
  },
  {
    name: "retainOnDelete leaves the resource itself",
    steps: [
      { run: ["up"], resources: [thing("a", {}, { retainOnDelete: true }), thing("b")] },
      { run: ["up"], resources: [] },
    ],
  },
];
