/** Log files: whole lines in order, put aside by size, reopened where they were moved away, and never in anyone's way. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type LogFile, type LogFileOptions, openLogFile } from "../../engine/log-file.ts";

const lines = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `line ${from + at}`);

describe("a log file", () => {
  let folder: string;
  let path: string;
  let logged: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-log-"));
    path = join(folder, "audit.log");
    logged = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const openFile = (options: Partial<LogFileOptions> = {}): Promise<LogFile> =>
    openLogFile(path, { what: "the log", log: (level, message) => logged.push(`${level} ${message}`), ...options });
  const read = (file = path) => readFileSync(file, "utf8").split("\n").slice(0, -1);
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it("has what it was told, in order, when it is closed, and only its owner reads it", async () => {
    const file = await openFile();
    for (const line of lines(5_000)) file.write(line);
    await file.close();
    expect(read()).to.deep.equal(lines(5_000));
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(file.counts).to.deep.equal({ written: 5_000, lost: 0, failures: 0 });
  });

  it("is written a moment after it was told, and goes on where an older one ended", async () => {
    const first = await openFile({ delay: 1 });
    first.write("a");
    await until(() => read().length === 1);
    await first.close();
    const second = await openFile();
    second.write("b");
    await second.close();
    expect(read()).to.deep.equal(["a", "b"]);
  });

  it("puts itself aside by size, keeps the last ones, and breaks no line", async () => {
    const file = await openFile({ maxSize: 100, keep: 2, delay: 0 });
    for (let at = 0; at < 50; at += 1) {
      file.write(lines(1, at)[0] ?? "");
      await until(() => file.counts.written === at + 1);
    }
    await file.close();
    expect(existsSync(`${path}.3`)).to.equal(false);
    const kept = [`${path}.2`, `${path}.1`, path].map((each) => read(each));
    for (const each of [`${path}.1`, path]) expect(statSync(each).size).to.be.within(1, 100);
    const all = kept.flat();
    expect(all).to.deep.equal(lines(all.length, 50 - all.length));
  });

  it("goes on in a new file when it is reopened after it was moved", async () => {
    const file = await openFile();
    file.write("before");
    await file.reopen();
    renameSync(path, `${path}.moved`);
    file.write("after");
    await file.close();
    expect([read(`${path}.moved`), read()]).to.deep.equal([["before"], ["after"]]);
  });

  it("waits for a file that cannot be written, says so once, and loses nothing that it has room for", async () => {
    const file = await openFile({ delay: 0, pause: 5, maxWaiting: 100 });
    renameSync(path, `${path}.moved`);
    mkdirSync(path); // a folder cannot be written, not even by root
    await file.reopen();
    for (const line of lines(5)) file.write(line);
    await until(() => file.counts.failures >= 1);
    for (const line of lines(20, 5)) file.write(line);
    await until(() => file.counts.failures >= 2);
    const lost = file.counts.lost;
    expect(lost).to.be.within(1, 19);
    expect(logged).to.have.lengthOf(1);
    expect(logged[0]).to.match(/^error the log cannot be written/);
    rmSync(path, { recursive: true });
    await until(() => file.counts.written > 0);
    await file.close();
    expect(read()).to.deep.equal(lines(25 - lost));
    expect(logged[1]).to.equal("info the log is written again");
  });

  it("leaves no half line on a disk that is full, and goes on when there is room", async function () {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    if (mounted.status !== 0) return this.skip(); // only root can make a small disk
    try {
      path = join(disk, "audit.log");
      writeFileSync(join(disk, "filler"), "x".repeat(50_000));
      const file = await openFile({ delay: 0, pause: 5 });
      for (const line of lines(4_000)) file.write(line);
      await until(() => file.counts.failures >= 2);
      expect(read()).to.deep.equal([]);
      rmSync(join(disk, "filler"));
      await until(() => file.counts.written === 4_000);
      await file.close();
      expect(read()).to.deep.equal(lines(4_000));
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  it("is refused at once where it cannot be opened", async () => {
    path = join(folder, "none", "audit.log");
    const failure = await openFile().then(
      () => "none",
      (error: Error) => error.message,
    );
    expect(failure).to.match(/ENOENT/);
  });
});
