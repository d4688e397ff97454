// Runs test files, one after the other, for test-pool.ts: what mocha shows goes to standard output, and then what came of it.
import { format, inspect } from "node:util";
import Mocha from "mocha";

export interface Job {
  readonly file: string;
  readonly options: Mocha.MochaOptions;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The titles of the tests that skipped themselves. */
  readonly skipped: readonly string[];
  /** What failed and why, as mocha tells it. */
  readonly failures: string;
}

/** Comes before an outcome, which is one line of JSON: it follows all that the file has shown. */
export const mark = "\0";

const { Base, Spec } = Mocha.reporters;

/** The sums and the failures of all files are shown together at the end. */
class Shown extends Spec {
  override epilogue(): void {}
}

async function run({ file, options }: Job): Promise<Outcome> {
  const mocha = new Mocha({ ...options, reporter: Shown }).addFile(file);
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    return { passed: 0, failed: 1, skipped: [], failures: `  it cannot be loaded: ${inspect(error)}` };
  }
  let [passed, failed] = [0, 0];
  const [skipped, failures]: [string[], Set<Mocha.Test>] = [[], new Set()];
  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", () => passed++);
    runner.on("fail", (test) => {
      failed++;
      failures.add(test);
    });
    runner.on("pending", (test) => skipped.push(test.fullTitle()));
  });
  mocha.dispose(); // or it would hear of the errors of the next file
  return { passed, failed, skipped, failures: listed([...failures]) };
}

/** What mocha prints at the end of a run. */
function listed(failures: Mocha.Test[]): string {
  const lines: string[] = [];
  const { consoleLog } = Base;
  Base.consoleLog = (...texts) => lines.push(format(...texts));
  Base.list(failures);
  Base.consoleLog = consoleLog;
  return lines.join("\n");
}

process.stderr.write = process.stdout.write.bind(process.stdout); // by two pipes, what is shown would come out of order
process.on("message", async (job: Job) => {
  const outcome = await run(job);
  process.stdout.write(`${mark}${JSON.stringify(outcome)}\n`);
});
process.on("disconnect", () => process.exit()); // a test that left a handle open must not keep anyone waiting
