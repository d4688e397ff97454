// The runner and the Pulumi CLI go on with each other's stacks. Needs `pulumi` on PATH.

import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { component, thing } from "./resource.ts";
import { type Pulumi, runner, Workbench } from "./scenario.ts";

const cli: Pulumi = ["pulumi"];
const hasCli = spawnSync("pulumi", ["version"]).status === 0;
const flags = ["--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];
const resources = [
  component("comp", {}, { answer: 42 }),
  thing("kid", { v: "1", s: { $secret: { deep: "hush" } } }, { parent: "comp", protect: false }),
  thing(
    "after",
    { v: "=kid.computed" },
    { dependsOn: ["comp"], customTimeouts: { create: "90s" }, additionalSecretOutputs: ["computed"] },
  ),
  thing("seen", { v: "x" }, { id: "outside" }),
];
const outputs = { kid: "=kid.computed", hidden: "=after.computed" };

if (!hasCli) console.log("  tests/runner/takeover: there is no `pulumi` on PATH to take stacks over from and to");

describe("a stack", function () {
  this.timeout(120_000);
  const pairs: readonly (readonly [string, Pulumi, Pulumi])[] = [
    ["of the runner is continued by the Pulumi CLI", runner, cli],
    ["of the Pulumi CLI is continued by the runner", cli, runner],
  ];
  for (const [name, first, second] of hasCli ? pairs : []) {
    it(name, async () => {
      await using bench = await Workbench.open();
      await bench.setSpec({ run: [], resources, outputs });
      for (const [pulumi, args] of [
        [first, ["stack", "init", "dev", "--non-interactive"]],
        [first, ["config", "set", "--secret", "token", "t0ken", "--stack", "dev"]],
        [first, ["up", ...flags]],
        [second, ["up", ...flags, "--expect-no-changes"]],
        [first, ["up", ...flags, "--expect-no-changes"]],
        [second, ["refresh", ...flags, "--expect-no-changes"]],
      ] as const) {
        const { exitCode, output } = await bench.run(pulumi, args);
        expect(exitCode, `${pulumi.at(-1)} ${args.join(" ")}: ${output}`).to.equal(0);
      }
      const shown = await bench.run(second, ["stack", "output", "--json", "--show-secrets", "--stack", "dev"]);
      expect(JSON.parse(shown.output)).to.deep.equal({ kid: "kid-1", hidden: "after-kid-1" });
      const token = await bench.run(second, ["config", "get", "token", "--stack", "dev"]);
      expect(token.output.trim()).to.equal("t0ken");
      const destroyed = await bench.run(second, ["destroy", ...flags]);
      expect(destroyed.exitCode, destroyed.output).to.equal(0);
      expect((await bench.checkpoint()).resources).to.deep.equal([]);
      const removed = await bench.run(first, ["stack", "rm", "dev", "--yes", "--non-interactive"]);
      expect(removed.exitCode, removed.output).to.equal(0);
    });
  }
});
