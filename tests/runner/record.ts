// Records the facts of scenarios under the real Pulumi CLI: `node tests/runner/record.ts [part of a name]…`.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { play } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

export function traceFile(name: string): string {
  return join(
    import.meta.dirname,
    "traces",
    `${name
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.join("-")}.json`,
  );
}

if (import.meta.main) {
  const parts = process.argv.slice(2);
  const chosen = scenarios.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
  for (const scenario of chosen) {
    const facts = await play(["pulumi"], scenario);
    await writeFile(traceFile(scenario.name), `${JSON.stringify(facts, undefined, 1)}\n`);
    process.stdout.write(`${scenario.name}: ${facts.map(({ exitCode }) => exitCode).join(" ")}\n`);
  }
}
