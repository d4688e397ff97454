// The runner against facts recorded under the Pulumi CLI.

import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { traceFile } from "./record.ts";
import { type Call, type Facts, play, runner } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

type Played = PromiseSettledResult<readonly Facts[]>;

const playing: Promise<Played>[] = [];

/** Begins to play a scenario, once. */
function begin(i: number): Promise<Played> | undefined {
  const scenario = scenarios[i];
  if (scenario === undefined) return undefined;
  playing[i] ??= play(runner, scenario).then<Played, Played>(
    (value) => ({ status: "fulfilled", value }),
    (reason: unknown) => ({ status: "rejected", reason }),
  );
  return playing[i];
}

/** Each resource's calls in their order: that is fixed. */
function callsByName(calls: readonly Call[]): object {
  return Object.groupBy(calls, ({ name }) => name);
}

/** The order of calls of two resources, of which one needs the other, is fixed too. */
function orderOf(facts: Facts, before: Facts | undefined): readonly string[] {
  const needs = neededNames([...(before?.resources ?? []), ...facts.resources]);
  const acting = facts.calls.filter(({ method }) => ["create", "update", "delete"].includes(method));
  return acting
    .flatMap((first, i) =>
      acting
        .slice(i + 1)
        .filter((second) => needs.has(`${first.name} ${second.name}`) || needs.has(`${second.name} ${first.name}`))
        .map((second) => `${first.method} ${first.name} before ${second.method} ${second.name}`),
    )
    .sort();
}

interface Needing {
  readonly urn?: string;
  readonly dependencies?: readonly string[];
  readonly deletedWith?: string;
}

function neededNames(resources: readonly Needing[]): ReadonlySet<string> {
  const name = (urn = ""): string => urn.split("::").at(-1) ?? "";
  return new Set(
    resources.flatMap(({ urn, dependencies = [], deletedWith }) =>
      [...dependencies, ...(deletedWith === undefined ? [] : [deletedWith])].map(
        (needed) => `${name(urn)} ${name(needed)}`,
      ),
    ),
  );
}

describe("the runner, as the Pulumi CLI", function () {
  this.timeout(180_000);
  for (const [index, scenario] of scenarios.entries()) {
    it(scenario.name, async () => {
      expect(existsSync(traceFile(scenario.name)), "a recorded trace").to.equal(true);
      const recorded: readonly Facts[] = JSON.parse(readFileSync(traceFile(scenario.name), "utf8"));
      // The next ones play meanwhile: a scenario mostly waits for processes to start.
      for (const ahead of [0, 1, 2]) void begin(index + ahead);
      const played = await begin(index);
      if (played?.status !== "fulfilled") throw played?.reason;
      for (const [i, facts] of recorded.entries()) {
        const own = played.value[i];
        const step = `step ${i + 1}: ${scenario.steps[i]?.run.join(" ")}`;
        if (own === undefined) throw new Error(`${step} was not played`);
        expect(own.exitCode, `${step}: exit code`).to.equal(facts.exitCode);
        if (scenario.steps[i]?.loose) continue;
        expect(callsByName(own.calls), `${step}: calls`).to.deep.equal(callsByName(facts.calls));
        expect(orderOf(own, played.value[i - 1]), `${step}: order`).to.deep.equal(orderOf(facts, recorded[i - 1]));
        expect(own.resources, `${step}: resources`).to.deep.equal(facts.resources);
        expect(own.pending, `${step}: pending operations`).to.deep.equal(facts.pending);
      }
    });
  }
});
