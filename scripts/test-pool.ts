// Runs test files in several processes at a time; one that dies is replaced, and its file counts as failed.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Job, mark, type Outcome } from "./test-worker.ts";

export interface Ended extends Outcome {
  readonly file: string;
  readonly seconds: number;
  /** What was shown while it ran. */
  readonly shown: string;
}

export interface PoolOptions {
  readonly jobs: number;
  readonly mocha: Job["options"];
  /** Is given what a file shows as it comes, where only one runs at a time. */
  readonly write?: (text: string) => void;
  readonly ended: (file: Ended) => void;
}

/** A file that takes longer, in milliseconds, hangs. */
const patience = 10 * 60_000;
/** How long a process that died may have left to say; one of its own children may hold its output open. */
const lastWords = 1_000;

/** Runs the files, in their order as far as several at a time have one. */
export async function runFiles(files: readonly string[], options: PoolOptions): Promise<void> {
  const queue = [...files];
  const lane = async () => {
    let worker: TestProcess | undefined;
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      worker = worker?.isAlive ? worker : new TestProcess(options);
      options.ended(await worker.run(file));
    }
    worker?.end();
  };
  await Promise.all(Array.from({ length: options.jobs }, lane));
}

class TestProcess {
  readonly #child: ChildProcess;
  readonly #options: PoolOptions;
  readonly #exited: Promise<unknown>;
  #text = "";
  #before: string | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    const script = fileURLToPath(new URL("test-worker.ts", import.meta.url));
    this.#child = fork(script, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    const exited = once(this.#child, "exit");
    const closed = once(this.#child, "close");
    this.#exited = exited.then(() => Promise.race([closed, wait(lastWords)]));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding("utf8").on("data", this.#take);
  }

  get isAlive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async run(file: string): Promise<Ended> {
    const started = performance.now();
    this.#text = "";
    const told = Promise.withResolvers<Outcome>();
    this.#told = told.resolve;
    const watch = setTimeout(() => this.#child.kill("SIGKILL"), patience);
    this.#child.send({ file, options: this.#options.mocha } satisfies Job);
    const outcome = await Promise.race([told.promise, this.#exited.then(() => this.#death())]);
    clearTimeout(watch);
    this.#before = file;
    const seconds = (performance.now() - started) / 1000;
    return { ...outcome, file, seconds, shown: this.#text };
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #told: (outcome: Outcome) => void = () => {};

  readonly #take = (chunk: string) => {
    this.#text += chunk;
    const at = this.#text.indexOf(mark);
    const end = at === -1 ? -1 : this.#text.indexOf("\n", at);
    if (at === -1) this.#options.write?.(chunk);
    if (end === -1) return;
    const outcome: Outcome = JSON.parse(this.#text.slice(at + mark.length, end));
    this.#options.write?.(chunk.slice(0, Math.max(0, chunk.indexOf(mark))));
    this.#text = this.#text.slice(0, at) + this.#text.slice(end + 1);
    this.#told(outcome);
  };

  /** Its tests that passed until then are not counted: what the file guards was not seen whole. */
  #death(): Outcome {
    const { exitCode, signalCode } = this.#child;
    const after = this.#before === undefined ? "" : ` (it had run ${relative(process.cwd(), this.#before)} before)`;
    const how = signalCode === null ? `with exit code ${exitCode}` : `by ${signalCode}`;
    return {
      passed: 0,
      failed: 1,
      skipped: [],
      failures: `  the process of its tests ended ${how} before they did${after}; it had shown:\n${this.#text}`,
    };
  }
}
