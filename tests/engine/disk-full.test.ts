// A disk that is full: writers are told, readers go on, and nothing that was acknowledged is lost.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call, makeNamespace, makeService, post, type Running, register, start } from "./running.ts";

describe("an engine whose disk is full", () => {
  let disk: string;
  let engine: Running;
  let service: string;

  before(function () {
    disk = mkdtempSync(join(tmpdir(), "cloudmap-disk-"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
    if (mounted.status !== 0) this.skip(); // only root can make a small disk
  });
  after(async () => {
    await engine?.engine.stop();
    spawnSync("umount", [disk]);
    rmdirSync(disk);
  });

  const filler = () => join(disk, "filler");
  /** Writes until the disk takes no more; answers what was acknowledged. */
  const fill = async (prefix: string): Promise<string[]> => {
    const kept: string[] = [];
    for (let index = 0; index < 2_000; index += 1) {
      const id = `${prefix}-${index}`;
      const Attributes = { a: "x".repeat(1000), b: "y".repeat(1000), c: "z".repeat(1000) };
      const body = JSON.stringify({ ServiceId: service, InstanceId: id, Attributes });
      const { status, text } = await post(engine, "RegisterInstance", body);
      if (status === 200) kept.push(id);
      else {
        expect(status).to.equal(503);
        expect(JSON.parse(text).__type).to.equal("ServiceUnavailable");
        expect(JSON.parse(text).Message).to.match(
          /^The change was not stored: the registry in .*: the disk is full: make room/,
        );
        return kept;
      }
    }
    throw new Error("the disk is never full");
  };
  const listed = async () => {
    const ids: string[] = [];
    for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
      const page = await call(engine, "ListInstances", { ServiceId: service, ...(NextToken && { NextToken }) });
      ids.push(...(page.Instances ?? []).map(({ Id = "" }) => Id));
      NextToken = page.NextToken;
    }
    return ids;
  };

  it("tells writers, goes on for readers, and takes writes again when there is room", async () => {
    engine = await start({ data: join(disk, "data") });
    service = await makeService(engine, await makeNamespace(engine, "n"), "s");
    writeFileSync(filler(), Buffer.alloc(1_500_000));
    const kept = await fill("full");
    expect(kept.length).to.be.above(10);
    expect(await listed()).to.have.members(kept);
    const found = await call(engine, "DiscoverInstances", { NamespaceName: "n", ServiceName: "s", MaxResults: 1000 });
    expect(found.Instances).to.have.length(kept.length);
    expect(engine.logged.join()).to.include("the disk is full");

    rmSync(filler());
    for (let index = 0; index < 20; index += 1) kept.push(`room-${index}`);
    for (let index = 0; index < 20; index += 1) await register(engine, service, `room-${index}`);
    expect(await listed()).to.have.members(kept);
    await engine.restart();
    expect(await listed()).to.have.members(kept);
  });

  it("stops and starts on a full disk, and still has all that was acknowledged", async () => {
    const before = await listed();
    const kept = [...before, ...(await fill("again"))];
    await engine.restart();
    expect(await listed()).to.have.members(kept);
  });
});
