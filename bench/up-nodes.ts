// The provider's suites against three nodes behind a balancer, of which one is killed every ten seconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "./row.ts";

const root = join(import.meta.dirname, "..");
const nodes = 3;

/** Those that deploy to what stage.ts opens. */
const suites = globSync("tests/up/**/*.test.ts", { cwd: root }).filter((file) =>
  readFileSync(join(root, file), "utf8").includes("openStage("),
);

interface Report {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

/** UP_SUITES picks some by a part of their names. */
export async function bench(): Promise<Row[]> {
  const picked = suites.filter((file) => file.includes(process.env.UP_SUITES ?? ""));
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-up-nodes-"));
  let passes = 0;
  let failures = 0;
  for (const suite of picked) {
    const { stats, failures: failed } = await run(suite, join(folder, "report.json"));
    passes += stats.passes;
    failures += stats.failures;
    console.error(`${suite}: ${stats.passes} passed, ${stats.failures} failed`);
    for (const { fullTitle, err } of failed) console.error(`  ${fullTitle}: ${err.message?.slice(0, 2_000)}`);
  }
  rmSync(folder, { recursive: true, force: true });
  return [
    {
      name: `the provider's suites against ${nodes} nodes, one killed every ten seconds`,
      value: `${passes} passed, ${failures} failed`,
      goal: "0 failed",
      met: failures === 0 && passes > 0,
    },
  ];
}

async function run(suite: string, output: string): Promise<Report> {
  const mocha = join(root, "node_modules/mocha/bin/mocha.js");
  const args = [mocha, "--reporter", "json", "--reporter-option", `output=${output}`, suite];
  const env = { ...process.env, UP_NODES: String(nodes) };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  return JSON.parse(readFileSync(output, "utf8"));
}
