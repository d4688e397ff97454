/** A node for a test: `cloudmap serve` as a process that keeps its ports, so that it comes back where it was. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../local/port.ts";
import { until } from "../local/until.ts";
import { Program } from "./process.ts";

const script = fileURLToPath(new URL("../../bin/cloudmap.ts", import.meta.url));
const clock = new URL("clock.ts", import.meta.url).href;
const planting = new URL("planted.ts", import.meta.url).href;

/** Milliseconds until a start counts as failed. */
const patience = 60_000;

export interface NodeOptions {
  readonly name: string;
  /** Where the registry is: `--etcd URL` or `--data DIR`. */
  readonly store: readonly string[];
  readonly flags?: readonly string[];
  /** A file that names a bug of planted-store.ts. */
  readonly planted?: string;
}

/** What a node says of itself. */
export interface Health {
  readonly status: string;
  readonly revision: number;
  readonly account: string;
}

export class Node implements AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly dns: string;
  readonly program: Program;
  readonly #folder: string;

  private constructor(
    folder: string,
    port: number,
    dnsPort: number,
    { name, store, flags = [], planted }: NodeOptions,
  ) {
    this.name = name;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dns = `127.0.0.1:${dnsPort}`;
    this.#folder = folder;
    this.turnClock(0);
    const imports = [clock, ...(planted === undefined ? [] : [planting])].flatMap((file) => ["--import", file]);
    const listen = [
      "--listen",
      `127.0.0.1:${port}`,
      "--dns",
      this.dns,
      "--dns-threads",
      "1",
      "--vpc",
      "vpc-1=127.0.0.0/8",
    ];
    const args = ["--disable-warning=ExperimentalWarning", ...imports, script, "serve", ...listen, ...store, ...flags];
    this.program = new Program(process.execPath, args, {
      CLOUDMAP_HOME: folder,
      TEST_CLOCK: this.#clockFile,
      TEST_PLANTED: planted,
      NODE_COMPILE_CACHE: join(tmpdir(), "cloudmap-nodes-compile-cache"),
    });
  }

  static async open(options: NodeOptions): Promise<Node> {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-node-"));
    const node = new Node(folder, await freePort(), await freePort(), options);
    node.program.start();
    return node;
  }

  get #clockFile(): string {
    return join(this.#folder, "clock");
  }

  /** Its clock is so many milliseconds off from now on. */
  turnClock(milliseconds: number): void {
    writeFileSync(this.#clockFile, String(milliseconds));
  }

  /** What it says of itself; undefined where it does not answer. */
  async health(): Promise<Health | undefined> {
    const answer = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    return (await answer?.json().catch(() => undefined)) as Health | undefined;
  }

  /** Waits until it answers and has all that the store has. */
  async ready(): Promise<void> {
    let last: Health | undefined;
    const isWell = async () => {
      if (!this.program.runs) this.#startAgain();
      last = await this.health();
      return last?.status === "ok";
    };
    await until(`${this.name} is well`, isWell, patience).catch((error: Error) => {
      throw new Error(
        `${error.message}; it answers ${JSON.stringify(last)}, and said: ${this.program.said.slice(-3_000)}`,
      );
    });
  }

  /** As a supervisor does; but only where it said that it cannot start, and why. */
  #startAgain(): void {
    if (!/^cloudmap: .*etcd/m.test(this.program.said)) throw new Error(`${this.name} has ended: ${this.program.said}`);
    this.program.said = "";
    this.program.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
