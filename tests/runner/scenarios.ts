// The scenarios that the conformance suite plays; their facts are recorded under the Pulumi CLI (see record.ts).

import type { Scenario, SpecResource } from "./scenario.ts";

const urn = (name: string, parents = ""): string =>
  `urn:pulumi:dev::spec::${parents}pulumi-nodejs:dynamic/spec:Thing::${name}`;
const thing = (name: string, inputs: object = {}, options: object = {}): SpecResource => ({ name, inputs, options });
const component = (name: string, options: object = {}, outputs: object = {}): SpecResource => ({
  name,
  component: true,
  options,
  outputs,
});

const chain = [thing("a", { v: "1" }), thing("b", { v: "=a.computed" }), thing("c", { v: "=b.computed" })];

export const scenarios: readonly Scenario[] = [
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
    name: "protected resources are not deleted, the others are",
    steps: [
      { run: ["up"], resources: [thing("a", {}, { protect: true }), thing("b"), thing("c", { v: "=a.computed" })] },
      { run: ["destroy"] },
      { run: ["up"], resources: [thing("a", {}, { protect: false }), thing("b")] },
      { run: ["destroy"] },
    ],
  },
  {
    name: "a protected resource is not replaced",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" }, { protect: true })] },
      { run: ["up"], resources: [thing("a", { r: "2" }, { protect: true })] },
    ],
  },
  {
    name: "retainOnDelete leaves the resource itself",
    steps: [
      { run: ["up"], resources: [thing("a", {}, { retainOnDelete: true }), thing("b")] },
      { run: ["up"], resources: [] },
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
    name: "a create that fails stops the rest",
    steps: [
      { run: ["up"], resources: chain, world: { fail: { b: { method: "create", message: "no room" } } } },
      { run: ["up"], resources: chain },
    ],
  },
  {
    name: "a create that half fails is kept and brought on by an update",
    steps: [
      {
        run: ["up"],
        resources: [thing("a", { v: "1" })],
        world: { fail: { a: { method: "create", message: "not ready", partial: true } } },
      },
      { run: ["preview"], resources: [thing("a", { v: "1" })] },
    ],
  },
  {
    name: "an update that fails keeps the old state",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }), thing("b", { v: "=a.computed" })] },
      {
        run: ["up"],
        resources: [thing("a", { v: "2" }), thing("b", { v: "=a.computed" })],
        world: { fail: { a: { method: "update", message: "busy" } } },
      },
      { run: ["up"], resources: [thing("a", { v: "2" }), thing("b", { v: "=a.computed" })] },
    ],
  },
  {
    name: "a delete that fails keeps what it depends on",
    steps: [
      { run: ["up"], resources: chain },
      { run: ["destroy"], world: { fail: { c: { method: "delete", message: "in use" } } } },
      { run: ["destroy"] },
    ],
  },
  {
    name: "a replacement that cannot be created leaves the old one",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2" })],
        world: { fail: { a: { method: "create", message: "no room" } } },
      },
    ],
  },
  {
    name: "a replaced resource that cannot be deleted waits for it",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2" })],
        world: { fail: { a: { method: "delete", message: "in use" } } },
      },
      { run: ["up"], resources: [thing("a", { r: "2" })] },
    ],
  },
  {
    name: "a delete before its replacement that fails to be created is made up for",
    steps: [
      { run: ["up"], resources: [thing("a", { r: "1", dbr: true }), thing("b", { r: "=a.id" })] },
      {
        run: ["up"],
        resources: [thing("a", { r: "2", dbr: true }), thing("b", { r: "=a.id" })],
        world: { fail: { a: { method: "create", message: "no room" } } },
      },
      { run: ["up"], resources: [thing("a", { r: "2", dbr: true }), thing("b", { r: "=a.id" })] },
    ],
  },
  {
    name: "inputs that the provider refuses",
    steps: [
      { run: ["preview"], resources: [thing("a", { invalid: "too long" })] },
      { run: ["up"], resources: [thing("a", { invalid: "too long" })] },
    ],
  },
  {
    name: "a program that throws deletes nothing and keeps outputs",
    steps: [
      { run: ["up"], resources: [thing("a"), thing("b")], outputs: { one: 1, two: "=b.computed" } },
      { run: ["up"], resources: [thing("a")], outputs: { one: 2 }, throws: "on purpose" },
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
    name: "a read resource becomes one of ours, and back",
    steps: [
      { run: ["up"], resources: [thing("a", { v: "1" }, { id: "outside" })] },
      { run: ["up"], resources: [thing("a", { v: "1" })] },
      { run: ["up"], resources: [thing("a", { v: "1" }, { id: "outside" })] },
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
        resources: [thing("a", { v: "2" }), thing("b", { v: "x" }), thing("c", { v: "=b.computed", w: "y" })],
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
  {
    name: "--continue-on-error leaves out only what depends on the failure",
    steps: [
      {
        run: ["up", "--continue-on-error"],
        resources: [...chain, thing("d", {}, { dependsOn: ["a"] })],
        world: { fail: { b: { method: "create", message: "no room" } } },
      },
      { run: ["destroy", "--continue-on-error"], world: { fail: { d: { method: "delete", message: "in use" } } } },
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
