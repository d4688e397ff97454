// The life of the local engine: real processes, each test in a home folder of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findEngine, findOrStartEngine, stopEngine } from "../../local/engine.ts";
import { type Home, homeAt } from "../../local/home.ts";
import { allowedEnvironment } from "../../local/launch.ts";
import { isOurProcess } from "../../local/process.ts";
import { type EngineRecord, readRecord, writeRecord } from "../../local/record.ts";
import { until } from "./until.ts";

const starter = new URL("start-engine.ts", import.meta.url).pathname;
/** A number that no process has: just above the largest that Linux gives. */
const nobody = 4_194_305;

describe("the local engine", () => {
  const before = process.env.CLOUDMAP_HOME;
  let home: Home;

  beforeEach(() => {
    home = homeAt(mkdtempSync(join(tmpdir(), "cloudmap-local-")));
    process.env.CLOUDMAP_HOME = home.folder;
  });
  afterEach(async () => {
    await stopEngine(home);
    rmSync(home.folder, { recursive: true, force: true });
    if (before === undefined) delete process.env.CLOUDMAP_HOME;
    else process.env.CLOUDMAP_HOME = before;
  });

  const record = (): EngineRecord => {
    const found = readRecord(home);
    if (found === undefined) throw new Error(`no record in ${home.folder}`);
    return found;
  };
  const alter = (changes: Partial<EngineRecord>) => writeRecord(home, { ...record(), ...changes });
  /** The engine in a process of its own, as Pulumi's provider has it. */
  const startElsewhere = (args: readonly string[] = [], env: object = {}) =>
    spawn(process.execPath, ["--disable-warning=ExperimentalWarning", starter, ...args], {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });

  it("is started once and found from then on", async () => {
    const lines: string[] = [];
    const first = await findOrStartEngine({ log: (line) => lines.push(line) });
    const second = await findOrStartEngine({ log: (line) => lines.push(line) });
    expect(second).to.deep.equal({ ...first, started: false });
    expect(first.started).to.equal(true);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include(first.endpoint).and.to.include(first.account).and.to.include("cloudmap stop");
  });

  it("takes calls with its own key only", async () => {
    const { endpoint } = await findOrStartEngine();
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Route53AutoNaming_v20170314.ListNamespaces",
    };
    const answer = await fetch(endpoint, { method: "POST", headers, body: "{}" });
    expect(await answer.json()).to.have.property("__type", "MissingAuthenticationToken");
  });

  it("outlives the process group that started it, and inherits no passphrase", async () => {
    const child = startElsewhere(["stay"], { PULUMI_CONFIG_PASSPHRASE: "hunter2", CLOUDMAP_REGION: "eu-west-3" });
    await until("the engine is started", () => readRecord(home) !== undefined);
    process.kill(-Number(child.pid), "SIGKILL");
    const found = await findEngine(home);
    expect(found.state).to.equal("running");
    expect(record().region).to.equal("eu-west-3");
    if (process.platform === "linux") {
      expect(readFileSync(`/proc/${record().pid}/environ`, "utf8")).not.to.include("hunter2");
    }
  });

  it("is one, however many start it at once", async () => {
    const starts = Array.from({ length: 4 }, () => startElsewhere());
    const outputs = starts.map(async ({ stdout }) => (await stdout.toArray()).join(""));
    const engines = (await Promise.all(outputs)).map((text) => JSON.parse(text));
    expect(new Set(engines.map(({ endpoint }) => endpoint))).to.have.length(1);
    expect(engines.filter(({ started }) => started)).to.have.length(1);
  });

  it("comes back after kill -9, with its registry and its port", async () => {
    const first = await findOrStartEngine();
    process.kill(record().pid, "SIGKILL");
    await until("it is gone", () => !isOurProcess(record().pid));
    expect(await findOrStartEngine()).to.deep.equal({ ...first, started: true });
  });

  it("takes another port when its own was taken meanwhile", async () => {
    const first = await findOrStartEngine();
    await stopEngine(home);
    await using other = await listen(Number(new URL(first.endpoint).port), {});
    const second = await findOrStartEngine();
    expect(second).to.include({ account: first.account, started: true });
    expect(second.endpoint).not.to.equal(first.endpoint);
    expect(other.server.listening).to.equal(true);
  });

  it("is not mistaken for another program that has its process number or its port", async () => {
    const account = "000000000001";
    await using other = await listen(0, {
      status: "ok",
      account,
      region: "us-east-1",
      version: "0.1.0",
      pid: nobody,
      revision: 1,
    });
    const stale = { host: hostname(), url: other.url, account, region: "us-east-1", version: "0.1.0", startedAt: "" };
    for (const pid of [nobody, process.pid, 1]) {
      writeRecord(home, { ...stale, pid });
      expect(await findEngine(home), `pid ${pid}`).to.have.property("state", "none");
    }
    expect((await findOrStartEngine()).account).not.to.equal(account);
  });

  it("starts over a lock that a dead process left, and waits for a living one", async () => {
    writeFileSync(home.lock, JSON.stringify({ pid: nobody, host: hostname() }));
    expect(await findOrStartEngine()).to.include({ started: true });
    await stopEngine(home);
    writeFileSync(home.lock, JSON.stringify({ pid: process.pid, host: hostname() }));
    const waiting = findOrStartEngine();
    expect((await findEngine(home)).state).to.equal("none");
    rmSync(home.lock);
    expect(await waiting).to.include({ started: true });
  });

  it("is replaced by a newer package's, which says so, and kept by an older package", async () => {
    const { account, endpoint } = await findOrStartEngine();
    alter({ version: "99.0.0" });
    expect(await findOrStartEngine()).to.include({ started: false });
    alter({ version: "0.0.9" });
    const { pid } = record();
    const lines: string[] = [];
    const second = await findOrStartEngine({ log: (line) => lines.push(line) });
    expect(second).to.include({ account, endpoint, started: true });
    expect(lines[0]).to.match(/^replacing the local engine 0\.0\.9 by /);
    expect(isOurProcess(pid)).to.equal(false);
  });

  it("ends when its folder is removed, and a new one begins anew", async () => {
    const first = await findOrStartEngine();
    const { pid } = record();
    rmSync(home.folder, { recursive: true, force: true });
    const second = await findOrStartEngine();
    expect(second.account).not.to.equal(first.account);
    await until("the first one has ended", () => !isOurProcess(pid));
    expect((await findEngine(home)).state).to.equal("running");
  });

  it("is waited for when it is too busy to answer", async () => {
    const first = await findOrStartEngine();
    const { pid } = record();
    process.kill(pid, "SIGSTOP");
    const waiting = findOrStartEngine();
    expect((await findEngine(home)).state).to.equal("silent");
    process.kill(pid, "SIGCONT");
    expect(await waiting).to.deep.equal({ ...first, started: false });
  });

  it("is stopped, too, when it is busy for a while", async () => {
    await findOrStartEngine();
    const { pid } = record();
    process.kill(pid, "SIGSTOP");
    const stopping = stopEngine(home);
    expect((await findEngine(home)).state).to.equal("silent");
    process.kill(pid, "SIGCONT");
    expect((await stopping).end).to.equal("ended");
  });

  it("says why it cannot start, and where its log is", async () => {
    writeFileSync(home.data, "not a folder");
    const error = await findOrStartEngine().catch((reason) => reason);
    expect(String(error)).to.include(home.data).and.to.include(home.log);
    expect(readFileSync(home.log, "utf8")).to.include(home.data);
  });
});

describe("what the local engine inherits", () => {
  it("is what it needs, by name", () => {
    const secrets = { AWS_SECRET_ACCESS_KEY: "s", PULUMI_CONFIG_PASSPHRASE: "p", NODE_OPTIONS: "--inspect" };
    const needed = { PATH: "/bin", HOME: "/home/a", SystemRoot: "C:\\Windows", CLOUDMAP_OPERATION_DELAY: "2s" };
    expect(allowedEnvironment({ ...secrets, ...needed })).to.deep.equal(needed);
  });
});

interface Listener extends AsyncDisposable {
  readonly url: string;
  readonly server: Server;
}

/** Another program: a web server that answers everything with one JSON text. */
async function listen(port: number, answer: object): Promise<Listener> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
}
