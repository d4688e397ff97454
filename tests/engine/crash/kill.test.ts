// kill -9 of a real engine under load, again and again: nothing acknowledged is lost, nothing doubled, nothing goes back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { EtcdServer, hasEtcd } from "../../store/etcd-server.ts";
import { live } from "./life.ts";

/** Two engines at a time, each killed so often; bench/kill.ts does it more often. */
const engines = 2;
const rounds = 10;
/** What syncs here is etcd, which is not killed: fewer will do. */
const roundsOnEtcd = 5;

describe("an engine that is killed under load", function () {
  this.timeout(180_000);
  it(`has lost nothing after ${engines * rounds} kills`, async () => {
    const folders = Array.from({ length: engines }, () => mkdtempSync(join(tmpdir(), "cloudmap-crash-")));
    const inFlight = (await Promise.all(folders.map((folder) => live(folder, rounds)))).flat();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    console.log(`      in flight at each kill: ${inFlight.join(" ")}`);
    expect(inFlight).to.have.length(engines * rounds);
    expect(Math.min(...inFlight)).to.be.above(0);
  });

  it("has lost nothing where etcd keeps its registry", async function () {
    if (!hasEtcd()) return this.skip();
    await using etcd = await EtcdServer.start({ flags: ["--unsafe-no-fsync"] });
    const inFlight = await live({ members: [etcd.url] }, roundsOnEtcd);
    console.log(`      in flight at each kill: ${inFlight.join(" ")}`);
    expect(inFlight).to.have.length(roundsOnEtcd);
    expect(Math.min(...inFlight)).to.be.above(0);
  });
});
