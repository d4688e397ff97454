/** A program that a test starts, pauses, kills and starts again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A test that fails leaves nothing behind; what is paused dies of SIGKILL too. */
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
process.once("SIGTERM", () => process.exit(143)); // or else nobody would hear of the exit

/** How much of what a program says is kept: its end is what tells why it ended. */
const kept = 20_000;

export class Program implements AsyncDisposable {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  said = "";

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#command = command;
    this.#args = args;
    this.#env = env;
  }

  get runs(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.#command} runs already`);
    const clean = Object.entries(process.env).filter(([name]) => !/^(AWS|CLOUDMAP|ETCD)_/.test(name));
    const env = { ...Object.fromEntries(clean), ...this.#env };
    const child = spawn(this.#command, this.#args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    alive.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said = `${this.said}${text}`.slice(-kept);
      });
    }
    child.on("error", (error) => {
      this.said += error;
    });
    child.once("exit", () => {
      alive.delete(child);
      if (this.#child === child) this.#child = undefined;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it with a signal, and waits until it has gone. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
