/** The lives of a registry under load, each ended by kill -9, and what must be true after each. */
import { expect } from "chai";
import type { Place } from "../../../engine/backup.ts";
import { call, makeNamespace, makeService, post } from "../running.ts";
import { type EngineProcess, spawnEngine } from "./process.ts";

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

/** So many lives of one registry; answers how many requests were in flight at each kill. */
export async function live(place: Place, rounds: number): Promise<number[]> {
  let engine = await spawnEngine(place);
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
    const end = () => {
      killed = kill("SIGKILL");
      inFlight.push(all.filter((client) => client.inFlight).length);
    };
    // At once: what was just acknowledged must be there already. Or at any other moment: in the middle of a commit.
    const delay = round % 2 === 0 ? 0 : Math.random() * 20;
    const acknowledged = () => {
      left -= 1;
      if (left !== 0) return;
      if (delay === 0) end();
      else setTimeout(end, delay);
    };
    await Promise.all(all.map((client) => work(url, service, client, acknowledged)));
    await killed;
    engine = await spawnEngine(place);
    revision = await check(engine, service, all, revision);
  }
  await engine.kill("SIGTERM");
  expect(engine.child.exitCode).to.equal(0);
  engine = await spawnEngine(place);
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
  const last = all.flatMap(({ operations }) => operations.splice(0).slice(-3));
  for (const OperationId of last) {
    expect((await call(engine, "GetOperation", { OperationId })).Operation).to.include({ Status: "SUCCESS" });
  }
  const asked = { NamespaceName: "n", ServiceName: "s", MaxResults: 1000 };
  const { Instances: discovered = [], InstancesRevision = 0 } = await call(engine, "DiscoverInstances", asked);
  expect(discovered.map(({ InstanceId }) => InstanceId)).to.have.members([...there.keys()]);
  expect(InstancesRevision, "the revision").to.be.at.least(revision);
  return InstancesRevision;
}
