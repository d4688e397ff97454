// Runs what CI runs: biome, tsc, then the tests, the slow rooms first; its last line counts what passed and what did not.
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ended, runFiles } from "./test-pool.ts";

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
  /** Of each file with failures, its name and what mocha says. */
  readonly failures: string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** What takes long goes first, the longest at the start: no core waits at the end for a file that began late. */
const slow = [
  ...["tests/runner/conformance", "tests/up/fire", "tests/up", "tests/adopt", "tests/clients", "tests/package"],
  ...["tests/examples", "tests/nodes", "tests/engine/crash", "tests/engine/laws", "tests/bin", "tests/local"],
  ...["tests/runner", "tests/store", "tests/engine/backup"],
];
/** Tests wait for processes and for disks: one more file than there are cores keeps the cores busy; with two more it took no less. */
const jobsBeyondCores = 1;
/** Hundreds of processes read the same sources: without it, most of what these cost is to read and compile them. */
const compileCache = join(root, "node_modules", ".cache", "compile");

const checks = [
  { name: "biome check", script: "node_modules/@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
  { name: "tsc", script: "node_modules/typescript/bin/tsc", args: [] },
] as const;

async function check({ name, script, args }: (typeof checks)[number], tally: Tally): Promise<void> {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const code = await new Promise((resolve) => child.on("close", resolve));
  console.log(`  ${code === 0 ? "✔" : "✖"} ${name}`);
  if (code === 0) tally.passed++;
  else {
    tally.failed++;
    tally.failures.push(`${name}\n${output}`);
  }
}

function rank(file: string): number {
  const path = relative(root, file).split(sep).join("/");
  const place = slow.findIndex((start) => path.startsWith(start));
  return place === -1 ? slow.length : place;
}

/** The test files under the paths given, the slow ones first. */
function testFiles(paths: readonly string[]): string[] {
  const patterns = paths.map((path) => (path.endsWith(".ts") ? path : `${path.replace(/\/+$/, "")}/**/*.test.ts`));
  const files = globSync(patterns, { cwd: root }).map((file) => resolve(root, file));
  return files.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

async function runTests(files: readonly string[], tally: Tally): Promise<void> {
  const { timeout, slow } = JSON.parse(readFileSync(join(root, ".mocharc.json"), "utf8"));
  const jobs = Math.min(files.length, availableParallelism() + jobsBeyondCores);
  const ended = ({ file, seconds, shown, passed, failed, skipped, failures }: Ended) => {
    const name = `${relative(root, file)} (${seconds.toFixed(1)} s)`;
    console.log(jobs > 1 ? `${name}\n${shown.replace(/^\n+|\s+$/g, "")}\n` : name);
    tally.passed += passed;
    tally.failed += failed;
    tally.skipped.push(...skipped);
    if (failed > 0) tally.failures.push(`${name}\n${failures}`);
  };
  await runFiles(files, {
    jobs,
    mocha: { timeout, slow, color: process.stdout.isTTY === true, forbidOnly: files.length > 1 },
    ...(jobs === 1 && { write: (text) => process.stdout.write(text) }),
    ended,
  });
}

/** A machine that has everything (CLOUDMAP_CI is set) must not pass by skipping. */
function report({ passed, failed, skipped, failures }: Tally): number {
  for (const text of failures) console.log(`\nFAILED: ${text}`);
  for (const title of skipped) console.log(`skipped: ${title}`);
  const refused = process.env.CLOUDMAP_CI ? skipped.length : 0;
  if (refused > 0) console.log("CLOUDMAP_CI is set: nothing may be skipped, so each of these counts as failed.");
  const rest = skipped.length - refused;
  console.log(`${passed} passed, ${failed + refused} failed${rest > 0 ? `, ${rest} skipped` : ""}`);
  return failed + refused === 0 && passed > 0 ? 0 : 1;
}

async function main(paths: readonly string[]): Promise<never> {
  process.chdir(root);
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  const tally: Tally = { passed: 0, failed: 0, skipped: [], failures: [] };
  if (paths.length === 0) await Promise.all(checks.map((each) => check(each, tally)));
  const files = testFiles(paths.length === 0 ? ["tests"] : paths);
  await runTests(files, tally);
  process.exit(report(tally)); // a test that left a handle open must not keep CI waiting
}

await main(process.argv.slice(2));
