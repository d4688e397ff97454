// Runs that end before their time: killed, interrupted once, interrupted twice, or met by another run.

import type { ChildProcess } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { expect } from "chai";
import { chain, thing } from "./resource.ts";
import { launch, type Ran, runner, settled, Workbench } from "./scenario.ts";

const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 40_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((again) => setTimeout(again, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** A run that waits in the creation of b, with a made and c still to come. */
async function heldUp(bench: Workbench): Promise<Running> {
  await bench.setSpec({ run: [], resources: chain, world: { hold: ["b"] } });
  await bench.run(runner, ["stack", "init", "dev"]);
  const child = launch(runner, up, bench.program, bench.env);
  const ended = settled(child);
  await until("the creation of b", async () => {
    const calls = await readFile(bench.path("calls.jsonl"), "utf8").catch(() => "");
    return calls.includes('"method":"create","name":"b"');
  });
  return { child, ended };
}

const release = (bench: Workbench) => bench.setWorld({});

/** The processes below one, by what the system says of their parents. */
async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")));
  return pids.map(Number).filter((_pid, i) => stats[i]?.split(") ").at(-1)?.split(" ")[1] === String(pid));
}

describe("a run that does not come to its end", function () {
  this.timeout(120_000);

  it("can be killed: the next one recovers its state, and its children end with it", async function () {
    if (process.platform !== "linux") this.skip();
    await using bench = await Workbench.open();
    const { child, ended } = await heldUp(bench);
    const children = await childrenOf(child.pid ?? 0);
    expect(children.length).to.equal(2);
    child.kill("SIGKILL");
    await ended;
    await until("the children's end", async () => !children.some(isRunning));
    expect((await bench.checkpoint()).resources.map(({ id }) => id)).to.not.include("id-b-0");

    const locked = await bench.run(runner, up);
    expect(locked.exitCode).to.equal(1);
    expect(locked.output).to.contain("the stack is currently locked by").and.contain("that process is no more");
    await bench.run(runner, ["cancel", "--yes", "--stack", "dev"]);

    await release(bench);
    await bench.takeCalls();
    const next = await bench.run(runner, up);
    expect(next.exitCode, next.output).to.equal(0);
    expect(next.output).to.contain("interrupted while creating");
    const created = (await bench.takeCalls()).filter(({ method }) => method === "create").map(({ name }) => name);
    expect(created).to.deep.equal(["b", "c"]);
    const { resources, pending } = await bench.checkpoint();
    expect(resources.length).to.equal(5);
    expect(pending.map(({ type }) => type)).to.deep.equal(["creating"]);

    await bench.run(runner, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev"]);
    expect((await bench.checkpoint()).pending).to.deep.equal([]);
  });

  it("finishes what is in flight after one Ctrl-C", async () => {
    await using bench = await Workbench.open();
    const { child, ended } = await heldUp(bench);
    child.kill("SIGINT");
    await release(bench);
    const { exitCode, output } = await ended;
    expect(exitCode, output).to.equal(8);
    expect(output).to.contain("press Ctrl-C again");
    const { resources, pending } = await bench.checkpoint();
    expect(resources.map(({ id }) => id))
      .to.include.members(["id-a-0", "id-b-0"])
      .and.not.include("id-c-0");
    expect(pending).to.deep.equal([]);
  });

  it("records what was cut off as pending after two", async () => {
    await using bench = await Workbench.open();
    const { child, ended } = await heldUp(bench);
    let output = "";
    child.stdout?.on("data", (text: Buffer) => {
      output += text.toString("utf8");
    });
    child.kill("SIGINT");
    await until("the first to be heard", async () => output.includes("press Ctrl-C again"));
    child.kill("SIGINT");
    expect((await ended).exitCode).to.equal(8);
    const { resources, pending } = await bench.checkpoint();
    expect(resources.map(({ id }) => id))
      .to.include("id-a-0")
      .and.not.include("id-b-0");
    expect(pending.map(({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`)).to.deep.equal([
      "creating b",
    ]);
  });

  it("keeps others out while it lasts, but not those who only look", async () => {
    await using bench = await Workbench.open();
    const { ended } = await heldUp(bench);
    const [second, preview, list] = await Promise.all([
      bench.run(runner, up),
      bench.run(runner, ["preview", "--stack", "dev"]),
      bench.run(runner, ["stack", "ls"]),
    ]);
    await release(bench);
    expect(second.output).to.contain("the stack is currently locked by").and.not.contain("no more");
    expect([second.exitCode, preview.exitCode, list.exitCode]).to.deep.equal([1, 0, 0]);
    expect((await ended).exitCode).to.equal(0);
  });

  it("mentions what takes long", async () => {
    await using bench = await Workbench.open();
    const { child, ended } = await heldUp(bench);
    let output = "";
    child.stdout?.on("data", (text: Buffer) => {
      output += text.toString("utf8");
    });
    await until("a word about b", async () => /Thing b still creating … \d+s/.test(output));
    await release(bench);
    await ended;
  });

  it("ends with a message of its own when the program's folder has no SDK", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: [thing("a")] });
    await bench.run(runner, ["stack", "init", "dev"]);
    await rm(`${bench.program}/node_modules`);
    const { exitCode, output } = await bench.run(runner, up);
    expect(exitCode).to.equal(1);
    expect(output)
      .to.contain("@pulumi/pulumi is not installed in")
      .and.not.match(/\n\s+at /);
  });
});
