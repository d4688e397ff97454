/** etcd for the tests: Debian's, on free ports, with its data in a folder that goes with it. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../local/port.ts";

/** Whether etcd is here; a machine that has everything (CLOUDMAP_CI is set) must have it. */
export function hasEtcd(): boolean {
  const missing = ["etcd", "etcdctl"].find((command) => spawnSync(command, ["--help"]).error !== undefined);
  if (missing === undefined) return true;
  if (process.env.CLOUDMAP_CI) throw new Error(`CLOUDMAP_CI is set and there is no ${missing}`);
  console.log(`      there is no ${missing} here (Debian: etcd-server, etcd-client): what needs it is not tested`);
  return false;
}

export interface EtcdSettings {
  /** More of etcd's flags. */
  readonly flags?: readonly string[];
  /** `https` where the flags give it a certificate. */
  readonly scheme?: "http" | "https";
  /** What etcdctl must be told to be let in. */
  readonly login?: readonly string[];
}

export class EtcdServer implements AsyncDisposable {
  readonly url: string;
  readonly #settings: EtcdSettings;
  readonly #peer: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "cloudmap-etcd-"));
  #process: ChildProcess | undefined;

  static async start(settings: EtcdSettings = {}): Promise<EtcdServer> {
    for (let attempt = 1; ; attempt += 1) {
      const server = new EtcdServer(settings, await freePort(), await freePort());
      try {
        await server.start();
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        if (attempt === 3) throw error; // a port that was free may be another's now
      }
    }
  }

  private constructor(settings: EtcdSettings, port: number, peer: number) {
    this.#settings = settings;
    this.url = `${settings.scheme ?? "http"}://127.0.0.1:${port}`;
    this.#peer = `http://127.0.0.1:${peer}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it, or starts it again with what it had. */
  async start(): Promise<void> {
    const urls = ["--listen-client-urls", this.url, "--advertise-client-urls", this.url];
    const peers = ["--listen-peer-urls", this.#peer, "--initial-advertise-peer-urls", this.#peer];
    const cluster = ["--initial-cluster", `default=${this.#peer}`, "--data-dir", this.#folder];
    const flags = [...urls, ...peers, ...cluster, "--log-level", "error", "--logger", "zap"];
    const started = spawn("etcd", [...flags, ...(this.#settings.flags ?? [])], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = started;
    let said = "";
    started.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    while ((await this.control("endpoint", "health").catch(() => undefined)) === undefined) {
      if (started.exitCode !== null) throw new Error(`etcd has ended: ${said}`);
    }
  }

  /** Ends it, by default as a machine that dies does. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await new Promise((resolve) => child.once("exit", resolve));
  }

  /** Runs etcdctl; answers what it prints. */
  async control(...args: string[]): Promise<string> {
    const env = { ...process.env, ETCDCTL_API: "3" };
    const all = [...(this.#settings.login ?? []), "--endpoints", this.url, "--dial-timeout", "1s", ...args];
    const { stdout } = await promisify(execFile)("etcdctl", all, { env });
    return stdout;
  }

  /** Forgets all revisions before the present one. */
  async compact(): Promise<void> {
    const [status] = JSON.parse(await this.control("endpoint", "status", "-w", "json"));
    await this.control("compact", String(status.Status.header.revision));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
