// The runner against facts recorded under the Pulumi CLI.

import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect } from "chai";
import { traceFile } from "./record.ts";
import { type Call, type Facts, play, runner } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

type Played = PromiseSettledResult<readonly Facts[]>;

/** Plays all scenarios, a few at once; each test then waits for its own. */
function playAll(): ReadonlyMap<string, Promise<Played>> {
  const lanes: Promise<unknown>[] = Array.from({ length: Math.max(2, availableParallelism()) }, () =>
    Promise.resolve(),
  );
  const results = new Map<string, Promise<Played>>();
  for (const [i, scenario] of scenarios.entries()) {
    const lane = i % lanes.length;
    const result = (lanes[lane] ?? Promise.resolve())
      .then(() => play(runner, scenario))
      .then<Played, Played>(
        (value) => ({ status: "fulfilled", value }),
        (reason: unknown) => ({ status: "rejected", reason }),
      );
    lanes[lane] = result;
    results.set(scenario.name, result);
  }
  return results;
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
  let playing: ReadonlyMap<string, Promise<Played>>;
  before(() => {
    playing = playAll();
  });

  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      expect(existsSync(traceFile(scenario.name)), "a recorded trace").to.equal(true);
      const recorded: readonly Facts[] = JSON.parse(readFileSync(traceFile(scenario.name), "utf8"));
      const played = await playing.get(scenario.name);
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
