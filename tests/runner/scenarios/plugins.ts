// Scenarios with a real provider plugin: default and explicit providers, previews, imports, invokes.

import { thing } from "../resource.ts";
import type { Scenario, SpecResource } from "../scenario.ts";

const provider = (name: string, inputs: object): SpecResource => ({ name, component: true, inputs });

export const plugins: readonly Scenario[] = [
  {
    name: "a plugin's default provider previews, creates, updates and replaces",
    program: "plugged",
    steps: [
      { run: ["preview"], resources: [thing("a", { v: "1" }), thing("b", { v: "=a.late", s: { $secret: "x" } })] },
      {
        run: ["up"],
        resources: [thing("a", { v: "1" }), thing("b", { v: "=a.late", s: { $secret: "x" } })],
        outputs: { late: "=b.late" },
      },
      { run: ["preview"], resources: [thing("a", { v: "2" }), thing("b", { v: "=a.late", s: { $secret: "x" } })] },
      {
        run: ["up"],
        resources: [
          thing("a", { v: "2", r: "2" }),
          thing("b", { v: "=a.late", s: { $secret: "y" } }, { replaceOnChanges: ["s"] }),
        ],
      },
      { run: ["refresh"], world: { gone: ["b"], drift: { a: { v: "9" } } } },
      { run: ["destroy"] },
    ],
  },
  {
    name: "explicit providers are configured, changed and replaced",
    program: "plugged",
    steps: [
      {
        run: ["up"],
        resources: [provider("east", { prefix: "e", region: "1" }), thing("a", { v: "1" }, { provider: "east" })],
      },
      {
        run: ["up"],
        resources: [
          provider("east", { prefix: "f", region: "1", key: { $secret: "k" } }),
          thing("a", { v: "1" }, { provider: "east" }),
        ],
      },
      {
        run: ["up"],
        resources: [
          provider("east", { prefix: "f", region: "2", key: { $secret: "k" } }),
          thing("a", { v: "1" }, { provider: "east" }),
        ],
      },
      { run: ["up"], resources: [thing("a", { v: "1" })] },
    ],
  },
  {
    name: "imports, and an update right after one",
    program: "plugged",
    steps: [
      {
        run: ["up"],
        resources: [thing("a", { v: "found" }, { import: "out-1" }), thing("b", { v: "other" }, { import: "out-2" })],
      },
      { run: ["up"], resources: [thing("a", { v: "found" }, { import: "out-1" }), thing("b", { v: "other" })] },
      { run: ["up"], resources: [thing("a", { v: "found" }, { import: "out-3" })] },
    ],
  },
  {
    name: "import by arguments and by a file, beside what is there",
    program: "plugged",
    steps: [
      { run: ["import", "--generate-code=false", "plug:index:Thing", "a", "out-1"] },
      { run: ["import", "--generate-code=false", "plug:index:Thing", "a", "out-1"] },
      { run: ["import", "--generate-code=false", "plug:index:Thing", "a", "out-2"] },
      {
        run: ["import", "--generate-code=false", "--protect=false", "--file", "import.json"],
        files: {
          "import.json": {
            nameTable: { top: "urn:pulumi:dev::spec::plug:index:Thing::a" },
            resources: [
              { type: "plug:index:Thing", name: "c", id: "out-4", parent: "b" },
              { type: "plug:index:Thing", name: "b", id: "out-3", parent: "top", inputs: { extra: "x", v: "lost" } },
              { type: "plug:index:Thing", name: "d", logicalName: "dee", id: "out-5" },
            ],
          },
        },
      },
      {
        run: ["import", "--generate-code=false", "--file", "import.json"],
        files: {
          "import.json": {
            resources: [
              { type: "plug:index:Thing", name: "e" },
              { name: "f", id: "out-6" },
            ],
          },
        },
      },
      {
        run: ["import", "--generate-code=false", "plug:index:Thing", "g", "out-7"],
        world: { gone: ["g"] },
      },
      {
        run: ["up"],
        resources: [thing("a", { v: "found" }, { protect: true })],
      },
    ],
  },
  {
    name: "invokes and configuration of the default provider",
    program: "plugged",
    steps: [
      {
        run: ["up"],
        config: { "plug:prefix": "p" },
        resources: [thing("a", { v: "1" })],
        outputs: { answer: { $invoke: "why" } },
      },
      {
        run: ["up"],
        config: { "plug:prefix": "q" },
        resources: [thing("a", { v: "1" })],
        outputs: { answer: { $invoke: "why" } },
      },
    ],
  },
  {
    name: "invokes that fail are the program's to catch",
    program: "plugged",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" })], outputs: { answer: { $attempt: "never" } } },
      { run: ["up"], resources: [thing("a", { v: "2" })], outputs: { answer: { $invoke: "never" } } },
    ],
  },
];
