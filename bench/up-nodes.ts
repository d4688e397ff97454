// The whole of the provider's suite against three nodes behind a balancer, of which one is killed every ten seconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Note } from "../tests/nodes/killed.ts";
import type { Row } from "./row.ts";

const root = join(import.meta.dirname, "..");
const nodes = 3;
/** A file is run again until so many nodes have been killed during it, but not more often than this. */
const leastKills = 2;
const mostRuns = 4;

/** How many times as long as usual everything may take: nodes that die and start again have a machine busy. */
const patience = "10";

const noRegistry = "asks no registry, or only servers of its own that answer as the test says";
/** What is not run over nodes that are killed, and why. */
const left: { readonly [file: string]: string } = {
  "tests/up/fire/faults.test.ts": "has an engine of its own, before which every third request fails",
  "tests/up/fire/kill.test.ts": "kills its one engine itself, at requests that it draws",
  "tests/provider/check.test.ts": noRegistry,
  "tests/provider/config.test.ts": noRegistry,
  "tests/provider/difference.test.ts": noRegistry,
  "tests/provider/exchange.test.ts": noRegistry,
  "tests/provider/moto.test.ts": "its registry is moto",
  "tests/provider/nodes.test.ts": "has nodes of its own, one of which hears late of the others",
  "tests/provider/plugin/log.test.ts": noRegistry,
  "tests/provider/plugin/schema.test.ts": noRegistry,
  "tests/provider/poll.test.ts": noRegistry,
  "tests/provider/region.test.ts": noRegistry,
  "tests/provider/throttled.test.ts": "its engine's clock is the test's own, ten times as fast",
};

interface Failure {
  readonly fullTitle: string;
  readonly err: { readonly message?: string };
}

interface Report {
  readonly stats: { readonly passes: number; readonly pending: number };
  readonly failures: readonly Failure[];
}

/** What came of a file, over all of its runs. */
interface Outcome {
  readonly file: string;
  readonly reports: readonly Report[];
  readonly notes: readonly Note[];
}

/** UP_SUITES picks some by parts of their names, with commas between. */
export async function bench(): Promise<Row[]> {
  const files = globSync("tests/{up,provider}/**/*.test.ts", { cwd: root }).sort();
  const outcomes: Outcome[] = [];
  const parts = (process.env.UP_SUITES ?? "").split(",");
  for (const file of files.filter((each) => parts.some((part) => each.includes(part)))) {
    if (left[file] !== undefined) console.error(`${file}: left out: ${left[file]}`);
    else {
      const outcome = await endured(file);
      outcomes.push(outcome);
      tell(outcome);
    }
  }
  return rowsOf(outcomes);
}

async function endured(file: string): Promise<Outcome> {
  const outcome = { file, reports: [] as Report[], notes: [] as Note[] };
  while (outcome.reports.length < mostRuns && struck(outcome).length < leastKills) {
    const { report, notes } = await run(file);
    outcome.reports.push(report);
    outcome.notes.push(...notes);
    if (report.failures.length > 0 || !notes.some((note) => "lost" in note)) break;
  }
  return outcome;
}

async function run(file: string): Promise<{ report: Report; notes: readonly Note[] }> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-up-nodes-"));
  const [output, noted] = [join(folder, "report.json"), join(folder, "notes")];
  const mocha = join(root, "node_modules/mocha/bin/mocha.js");
  const patient = join(import.meta.dirname, "patience.ts");
  const args = [mocha, "--require", patient, "--reporter", "json", "--reporter-option", `output=${output}`, file];
  const env = { ...process.env, UP_NODES: String(nodes), UP_NODES_NOTES: noted, TEST_PATIENCE: patience };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  const lines = (path: string) => readFileSync(path, { encoding: "utf8", flag: "a+" }).split("\n").filter(Boolean);
  const notes = lines(noted).map((line): Note => JSON.parse(line));
  const report: Report = JSON.parse(lines(output).join("\n") || nothing(file));
  rmSync(folder, { recursive: true, force: true });
  return { report, notes };
}

/** What is taken for the report of a run that has left none. */
function nothing(file: string): string {
  const failures = [{ fullTitle: file, err: { message: "mocha ended before its report" } }];
  return JSON.stringify({ stats: { passes: 0, pending: 0 }, failures });
}

const struck = ({ notes }: Outcome) => notes.flatMap((note) => ("struck" in note ? [note.struck] : []));
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function countsOf(outcome: Outcome) {
  const { reports, notes } = outcome;
  const kills = struck(outcome);
  const hasNodes = notes.some((note) => "lost" in note);
  return {
    passed: sum(reports.map(({ stats }) => stats.passes)),
    skipped: sum(reports.map(({ stats }) => stats.pending)),
    failed: sum(reports.map(({ failures }) => failures.length)) + (hasNodes ? 0 : 1), // what has asked no nodes is no proof
    kills: kills.length,
    inFlight: sum(kills),
    lost: sum(notes.flatMap((note) => ("lost" in note ? [note.lost] : []))),
  };
}

function tell(outcome: Outcome): void {
  const { passed, failed, skipped, kills, inFlight, lost } = countsOf(outcome);
  const runs = outcome.reports.length;
  const tests = `${passed} passed, ${failed} failed, ${skipped} skipped in ${runs} run${runs === 1 ? "" : "s"}`;
  console.error(
    `${outcome.file}: ${tests}; ${kills} kills, ${inFlight} requests in flight where they struck, ${lost} lost`,
  );
  const alone = new Set(outcome.notes.flatMap((note) => ("alone" in note ? [note.alone] : [])));
  for (const reason of alone) console.error(`  not over nodes: ${reason}`);
  for (const { fullTitle, err } of outcome.reports.flatMap(({ failures }) => failures)) {
    console.error(`  ${fullTitle}: ${err.message?.slice(0, 2_000)}`);
  }
}

function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const all = outcomes.map(countsOf);
  const total = (name: keyof ReturnType<typeof countsOf>) => sum(all.map((counts) => counts[name]));
  const [passed, failed] = [total("passed"), total("failed")];
  return [
    {
      name: `the provider's suite against ${nodes} nodes, one killed every ten seconds`,
      value: `${outcomes.length} files, ${passed} passed, ${failed} failed, ${total("skipped")} skipped`,
      goal: "0 failed",
      met: failed === 0 && passed > 0,
    },
    {
      name: "nodes killed meanwhile",
      value: `${total("kills")} kills, ${total("inFlight")} requests in flight where they struck, ${total("lost")} lost`,
      goal: "some in flight",
      met: total("inFlight") > 0,
    },
  ];
}
