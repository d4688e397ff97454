// All that the conformance suite plays; the facts are recorded under the Pulumi CLI (see record.ts).

import { prefixed, renamed } from "./resource.ts";
import type { Scenario } from "./scenario.ts";
import { changes } from "./scenarios/changes.ts";
import { failures } from "./scenarios/failures.ts";
import { names } from "./scenarios/names.ts";
import { operations } from "./scenarios/operations.ts";
import { plugins } from "./scenarios/plugins.ts";
import { replacements } from "./scenarios/replacements.ts";

/** Scenarios that do not meet play in one stack, each under its own prefix; shorter ones wait for the others. */
function together(name: string, parts: readonly Scenario[]): Scenario {
  const length = Math.max(...parts.map(({ steps }) => steps.length));
  const steps = Array.from({ length }, (_, i) => {
    const played = parts.map((part) => ({
      prefix: part.name.replaceAll(/[^A-Za-z]+/g, "-"),
      step: part.steps[i] ?? part.steps.at(-1),
    }));
    return {
      run: ["up"],
      resources: played.flatMap(({ prefix, step }) => (step?.resources ?? []).map((each) => prefixed(prefix, each))),
      outputs: Object.assign({}, ...played.map(({ prefix, step }) => renamed(prefix, step?.outputs ?? {}))),
    };
  });
  return { name, steps };
}

export const scenarios: readonly Scenario[] = [
  together("changes side by side", changes),
  together("replacements side by side", replacements),
  together("names, parents and components side by side", names),
  ...failures,
  ...operations,
  ...plugins,
];
