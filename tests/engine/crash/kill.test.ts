// kill -9 of a real engine under load, again and again: nothing acknowledged is lost, nothing doubled, nothing goes back.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call, makeNamespace, makeService, post } from "../running.ts";
import { type EngineProcess, spawnEngine } from "./process.ts";

/** Two engines at a time, each killed so often. */
const engines = 2;
const rounds = 10;
const clients = 24;

/** What one client did with the one instance that is its own. */
interface Client {
  readonly id: string;
  /** What an answer said last: the version that is registered, 0 for none. */
  acknowledged: number;
  /** What was sent last, and may have been done without an answer. */
  sent: number;
  inFlight: boolean;
  readonly operations: string[];
}

describe("an engine that is killed under load", function () {
  this.timeout(180_000);
  /** Registers, changes and deregisters its instance, one request after the other, until the engine is gone. */
  async function work(url: string, ServiceId: string, client: Client, acknowledged: () => void): Promise<void> {
    for (let version = Math.max(client.sent, client.acknowledged) + 1; ; version += 1) {
      const leaves = version % 5 === 0 && client.acknowledged > 0;
      const next = leaves ? 0 : version;
      client.sent = next;
      client.inFlight = true;
      const input = { ServiceId, InstanceId: client.id, ...(!leaves && { Attributes: { version: `${version}` } }) };
      const name = leaves ? "DeregisterInstance" : "RegisterInstance";
      const answer = await post({ url }, name, JSON.stringify(input)).catch(() => undefined);
      if (answer === undefined) return;
      client.inFlight = false;
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
      client.acknowledged = next;
      client.operations.push(JSON.parse(answer.text).OperationId);
      acknowledged();
    }
  }

  /** A life of one registry; answers how many requests were in flight at each kill. */
  async function live(data: string): Promise<number[]> {
    let engine = await spawnEngine(data);
    const service = await makeService(engine, await makeNamespace(engine, "n"), "s");
    const all = Array.from({ length: clients }, (_, index): Client => {
      return { id: `i-${index}`, acknowledged: 0, sent: 0, inFlight: false, operations: [] };
    });
    const inFlight: number[] = [];
    let revision = 0;
    for (let round = 0; round < rounds; round += 1) {
      let left = 30 + Math.floor(Math.random() * 300);
      let killed: Promise<void> | undefined;
      const { url, kill } = engine;
      const acknowledged = () => {
        left -= 1;
        if (left > 0 || killed !== undefined) return;
        killed = kill("SIGKILL"); // at once: what was just acknowledged must be there already
        inFlight.push(all.filter((client) => client.inFlight).length);
      };
      await Promise.all(all.map((client) => work(url, service, client, acknowledged)));
      await killed;
      engine = await spawnEngine(data);
      revision = await check(engine, service, all, revision);
    }
    await engine.kill("SIGTERM");
    expect(engine.child.exitCode).to.equal(0);
    engine = await spawnEngine(data);
    await check(engine, service, all, revision);
    await engine.kill("SIGTERM");
    return inFlight;
  }

  /** Compares what the clients were told with what is there; answers the revision. */
  async function check(engine: EngineProcess, ServiceId: string, all: readonly Client[], revision: number) {
    const { Instances = [] } = await call(engine, "ListInstances", { ServiceId });
    const there = new Map(Instances.map(({ Id = "", Attributes = {} }) => [Id, Number(Attributes.version)]));
    for (const client of all) {
      const found = there.get(client.id) ?? 0;
      const may = client.inFlight ? [client.acknowledged, client.sent] : [client.acknowledged];
      expect(may, client.id).to.include(found);
      client.acknowledged = found;
      client.inFlight = false;
    }
    const last = all.flatMap(({ operations }) => operations.splice(0).slice(-1));
    for (const OperationId of last) {
      expect((await call(engine, "GetOperation", { OperationId })).Operation).to.include({ Status: "SUCCESS" });
    }
    const asked = { NamespaceName: "n", ServiceName: "s", MaxResults: 1000 };
    const { Instances: discovered = [], InstancesRevision = 0 } = await call(engine, "DiscoverInstances", asked);
    expect(discovered.map(({ InstanceId }) => InstanceId)).to.have.members([...there.keys()]);
    expect(InstancesRevision, "the revision").to.be.at.least(revision);
    return InstancesRevision;
  }

  it(`has lost nothing after ${engines * rounds} kills`, async () => {
    const folders = Array.from({ length: engines }, () => mkdtempSync(join(tmpdir(), "cloudmap-crash-")));
    const inFlight = (await Promise.all(folders.map(live))).flat();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    console.log(`      in flight at each kill: ${inFlight.join(" ")}`);
    expect(inFlight).to.have.length(engines * rounds);
    expect(Math.min(...inFlight)).to.be.above(0);
  });
});
