// Runs what CI runs: biome, tsc, then the tests, the fast rooms first; its last line counts what passed and what did not.
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import Mocha from "mocha";

interface Tally {
  passed: number;
  failed: number;
  readonly skipped: string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** Rooms in the order of their tests' speed; what is not named comes before the last ones. */
const slowRooms = ["local", "bin", "examples", "quickstart", "up"];

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
  else tally.failed++;
  if (code !== 0) console.log(output);
}

function rank(file: string): number {
  const [, room = ""] = file.split(sep);
  return slowRooms.indexOf(room);
}

/** The test files under the paths given, the fast ones first. */
function testFiles(paths: readonly string[]): string[] {
  const patterns = paths.map((path) => (path.endsWith(".ts") ? path : `${path.replace(/\/+$/, "")}/**/*.test.ts`));
  return globSync(patterns, { cwd: root }).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

async function runTests(files: readonly string[], tally: Tally): Promise<void> {
  const { timeout, slow } = JSON.parse(readFileSync(join(root, ".mocharc.json"), "utf8"));
  const jobs = Math.min(files.length, availableParallelism());
  const mocha = new Mocha({ timeout, slow, color: process.stdout.isTTY === true, parallel: jobs > 1, jobs });
  mocha.files = files.map((file) => join(root, file));
  try {
    if (jobs === 1) await mocha.loadFilesAsync();
  } catch (error) {
    console.error(error); // a test file that cannot be loaded: nothing else was run
    tally.failed++;
    return;
  }
  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", () => tally.passed++);
    runner.on("fail", () => tally.failed++);
    runner.on("pending", (test) => tally.skipped.push(test.fullTitle()));
  });
}

/** A machine that has everything (CLOUDMAP_CI is set) must not pass by skipping. */
function report({ passed, failed, skipped }: Tally): number {
  for (const title of skipped) console.log(`skipped: ${title}`);
  const refused = process.env.CLOUDMAP_CI ? skipped.length : 0;
  if (refused > 0) console.log("CLOUDMAP_CI is set: nothing may be skipped, so each of these counts as failed.");
  const rest = skipped.length - refused;
  console.log(`${passed} passed, ${failed + refused} failed${rest > 0 ? `, ${rest} skipped` : ""}`);
  return failed + refused === 0 && passed > 0 ? 0 : 1;
}

async function main(paths: readonly string[]): Promise<never> {
  process.chdir(root);
  const tally: Tally = { passed: 0, failed: 0, skipped: [] };
  if (paths.length === 0) await Promise.all(checks.map((each) => check(each, tally)));
  const files = testFiles(paths.length === 0 ? ["tests"] : paths);
  await runTests(files, tally);
  process.exit(report(tally)); // a test that left a handle open must not keep CI waiting
}

await main(process.argv.slice(2));
