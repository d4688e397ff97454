// `cloudmap serve`: an engine in the foreground, from its first line to its exit code.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { begin, ended, firstMatch, run } from "./run.ts";

/** Waits until a file has so many lines. */
async function linesOf(file: string, count: number): Promise<void> {
  while (readFileSync(file, "utf8").split("\n").length <= count)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("cloudmap serve", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-serve-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const begun = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    begin(["serve", ...args], { CLOUDMAP_HOME: folder, ...env });
  const refused = (...args: string[]) =>
    run(["serve", "--data", join(folder, "data"), ...args], { CLOUDMAP_HOME: folder });

  const refusedAt = (data: string, ...args: string[]) =>
    run(["serve", "--listen", "127.0.0.1:0", "--data", join(folder, data), ...args], { CLOUDMAP_HOME: folder });

  it("serves until SIGTERM, then exits with 0, and keeps its account", async () => {
    for (const wanted of [undefined, "444455556666"]) {
      const account = wanted === undefined ? [] : ["--account", wanted];
      const child = begun(
        { CLOUDMAP_REGION: "eu-west-1" },
        "--listen",
        "127.0.0.1:0",
        "--data",
        join(folder, `d${wanted}`),
        ...account,
      );
      const url = await firstMatch(child.stderr, /serves at (\S+)[\s\S]*Ctrl-C/);
      const health = await (await fetch(`${url}/healthz`)).json();
      expect(health).to.include({ status: "ok", region: "eu-west-1", pid: child.pid });
      if (wanted !== undefined) expect(health).to.include({ account: wanted });
      child.kill("SIGTERM");
      expect(await ended(child)).to.include({ code: 0 });
    }
  });

  it("takes a variable that is set to nothing for one that is not set", async () => {
    const names = [
      "DATA",
      "ACCOUNT",
      "DNS",
      "DNS_THREADS",
      "DNS_RATE",
      "QUERY_LOG_SHARE",
      "PROBE_ALLOW",
      "VPC",
      "ETCD",
    ];
    const empty = Object.fromEntries(names.map((name) => [`CLOUDMAP_${name}`, ""]));
    const child = begun(empty, "--listen", "127.0.0.1:0");
    expect(await firstMatch(child.stderr, /data +(\S+)[\s\S]*Ctrl-C/)).to.equal(join(folder, "serve"));
    child.kill("SIGTERM");
    expect(await ended(child)).to.include({ code: 0 });
  });

  it("explains a port that another engine has, and one that another program has", async () => {
    const child = begun({}, "--listen", "127.0.0.1:0");
    const listen = await firstMatch(child.stderr, /serves at http:\/\/(\S+)[\s\S]*Ctrl-C/);
    expect((await refused("--listen", listen)).err).to.include(
      `${listen} is taken by a cloudmap engine (process ${child.pid},`,
    );
    child.kill("SIGINT");
    expect(await ended(child)).to.include({ code: 0 });

    const other = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect((await refused("--listen", taken)).err).to.include(`${taken} is taken by another program`);
    other.close();
  });

  it("writes an audit log, begins a new one after SIGHUP, and throttles as it is told to", async () => {
    const file = join(folder, "audit.log");
    const env = { CLOUDMAP_AUDIT_LOG: file, CLOUDMAP_THROTTLE: "aws", CLOUDMAP_QUOTAS: "aws" };
    const child = begun(env, "--listen", "127.0.0.1:0", "--audit-events", "all");
    const url = await firstMatch(child.stderr, /serves at (\S+)[\s\S]*Ctrl-C/);
    const ask = (name: string) =>
      fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `Route53AutoNaming_v20170314.${name}`,
        },
        body: "{}",
      });
    for (let at = 0; at < 5; at += 1) expect((await ask("ListNamespaces")).status).to.equal(200);
    expect((await ask("ListNamespaces")).headers.get("x-amz-retry-after")).to.match(/^[1-9]\d*$/);
    await linesOf(file, 6);
    renameSync(file, `${file}.moved`);
    child.kill("SIGHUP");
    do await ask("DiscoverInstances");
    while (!existsSync(file));
    child.kill("SIGTERM");
    expect(await ended(child)).to.include({ code: 0 });
    const events = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(JSON.parse(events.at(-1) ?? "")).to.include({ eventName: "DiscoverInstances", errorCode: "InvalidInput" });
  });

  it("names the Node that it needs where this one has no SQLite", async () => {
    const NODE_OPTIONS = "--no-experimental-sqlite"; // as in Node 20
    const { code, err } = await ended(begun({ NODE_OPTIONS }, "--listen", "127.0.0.1:0", "--data", folder));
    expect(code).to.equal(1);
    expect(err).to.match(/^cloudmap: .*SQLite that is in Node 22.18 and later, and this is Node \d+\S*: start it/);
  });

  it("refuses data that another engine has open", async () => {
    const child = begun({ CLOUDMAP_DATA: join(folder, "data") }, "--listen", "127.0.0.1:0");
    await firstMatch(child.stderr, /serves at/);
    const { code, err } = await refused("--listen", "127.0.0.1:0");
    expect([code, err]).to.deep.equal([1, err]);
    expect(err).to.include("another engine has it open");
    child.kill("SIGKILL");
    await ended(child);
  });

  it("refuses to be reached from elsewhere without keys, and keys that others can read", async () => {
    expect((await refused("--listen", "0.0.0.0:0")).err).to.include("needs --auth FILE");
    const auth = join(folder, "auth.json");
    expect((await refused("--listen", "127.0.0.1:0", "--auth", auth)).err).to.include("there is no such file");
    writeFileSync(auth, "{}", { mode: 0o644 });
    expect((await refused("--listen", "127.0.0.1:0", "--auth", auth)).err).to.include(`chmod 600 ${auth}`);
  });

  it("refuses values that make no sense, each by its flag", async () => {
    expect((await refused("--listen", "here")).err).to.include("--listen takes HOST:PORT");
    expect((await refused("--listen", "127.0.0.1:0", "--vpc", "")).err).to.include("--vpc takes ID=CIDR");
    expect((await refused("--operation-delay", "2")).err).to.include("--operation-delay takes a time");
    for (const interval of ["10", "500ms", "2h"]) {
      expect((await refused("--probe-interval", interval)).err).to.include("--probe-interval takes a time");
    }
    expect((await refused("--probe-allow", "10.0.0.0/8", "here")).err).to.include(
      '--probe-allow takes a network such as 10.0.0.0/8 or fd00::/8, and not "here"',
    );
    expect((await refused("--node", "a b")).err).to.include("--node takes a name of up to 63 letters");
    expect((await refused("--bogus")).err).to.include("unknown option '--bogus'");
  });

  it("refuses limits and files that make no sense, each by its flag", async () => {
    const nowhere = join(folder, "no", "file");
    const wanted = [
      `--throttle takes none or aws, and not "${nowhere}"`,
      `--audit-events takes management or all, and not "${nowhere}"`,
      "--quotas takes none, aws or a file of quotas: ENOENT",
      `--audit-log ${nowhere}: it cannot be written: ENOENT`,
    ];
    const flags = wanted.map((each) => each.slice(0, each.indexOf(" ")));
    const said = await Promise.all(flags.map((flag, at) => refusedAt(`data${at}`, flag, nowhere)));
    for (const [at, { code, err }] of said.entries()) {
      expect(code).to.equal(1);
      expect(err).to.include(wanted[at]);
    }
  });
});
