// The runner against facts recorded under the Pulumi CLI.

import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { traceFile } from "./record.ts";
import { type Call, type Facts, play, runner } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

/** Each resource's calls in their order: that is fixed. */
function callsByName(calls: readonly Call[]): Record<string, readonly Call[]> {
  return Object.groupBy(calls, ({ name }) => name) as Record<string, Call[]>;
}

describe("the runner, as the Pulumi CLI", function () {
  this.timeout(60_000);
  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      expect(existsSync(traceFile(scenario.name)), "a recorded trace").to.equal(true);
      const recorded: readonly Facts[] = JSON.parse(readFileSync(traceFile(scenario.name), "utf8"));
      const played = await play(runner, scenario);
      for (const [i, facts] of recorded.entries()) {
        const own = played[i];
        const step = `step ${i + 1}: ${scenario.steps[i]?.run.join(" ")}`;
        expect(own?.exitCode, `${step}: exit code`).to.equal(facts.exitCode);
        if (scenario.steps[i]?.loose) continue;
        expect(callsByName(own?.calls ?? []), `${step}: calls`).to.deep.equal(callsByName(facts.calls));
        expect(own?.resources, `${step}: resources`).to.deep.equal(facts.resources);
        expect(own?.pending, `${step}: pending operations`).to.deep.equal(facts.pending);
      }
    });
  }
});
