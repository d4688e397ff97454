// What one node has acknowledged is there for who asks another one: before a node refuses, it makes sure that it knows everything.
import { expect } from "chai";
import { neverBehind, pair } from "./cluster.ts";
import { codeOf, make, names, reads, removals, writes } from "./missed.ts";

describe("a node that has not heard yet of what another one acknowledged", () => {
  for (const [name, ask] of Object.entries({ ...reads, ...writes })) {
    it(`answers ${name} as if it had`, async () => {
      const { quick, slow, settled } = await pair();
      const made = await make(quick);
      const answer = await ask(slow, made);
      await settled();
      if (name in reads) expect(answer, "what the other node answers").to.deep.equal(await ask(quick, made));
    });
  }

  for (const [sentence, [remove, ask, options]] of Object.entries(removals)) {
    it(`knows that ${sentence}`, async () => {
      const { quick, slow, settled } = await pair(undefined, options);
      const made = await make(quick);
      await settled();
      await remove(quick, made);
      await ask(slow, made);
    });
  }

  const healthAfter = async (planted?: typeof neverBehind) => {
    const { quick, slow, settled } = await pair(planted);
    const { service } = await make(quick);
    await settled();
    const report = { ServiceId: service, InstanceId: "i" };
    await quick.ask("UpdateInstanceCustomHealthStatus", { ...report, Status: "UNHEALTHY" });
    await slow.ask("UpdateInstanceCustomHealthStatus", { ...report, Status: "HEALTHY" });
    await settled();
    return slow.registry.services.get(service)?.instances.get("i")?.health?.Status;
  };
  it("does not take a report of health for one that changes nothing", async () => {
    expect(await healthAfter()).to.equal("HEALTHY");
    expect(await healthAfter(neverBehind), "where it does not catch up").to.equal("UNHEALTHY");
  });

  const repeatedAfter = async (planted?: typeof neverBehind) => {
    const { quick, slow, settled } = await pair(planted);
    const request = { Name: "n", CreatorRequestId: "t" };
    const { OperationId } = await quick.ask("CreateHttpNamespace", request);
    await settled();
    expect(await slow.ask("CreateHttpNamespace", request), "while it is there").to.deep.equal({ OperationId });
    await quick.ask("DeleteNamespace", { Id: quick.registry.httpNames.get("n") ?? "" });
    return (await slow.ask("CreateHttpNamespace", request)).OperationId === OperationId;
  };
  it("does not answer the operation that a token began before what it made was gone", async () => {
    expect(await repeatedAfter()).to.equal(false);
    expect(await repeatedAfter(neverBehind), "where it does not catch up").to.equal(true);
  });

  it("refuses what is really not there, in the same words", async () => {
    const { quick, slow, settled } = await pair();
    await make(quick);
    for (const { ask } of [quick, slow]) {
      expect(await codeOf(ask("GetService", { Id: "srv-none" }))).to.equal("ServiceNotFound");
      expect(await codeOf(ask("DeleteService", { Id: "srv-none" }))).to.equal("ServiceNotFound");
      const empty = { ...names, QueryParameters: { v: "none" } };
      expect((await ask("DiscoverInstances", empty)).Instances).to.deep.equal([]);
    }
    await settled();
  });

  it("is found out where it does not catch up", async () => {
    const missed: string[] = [];
    for (const [name, ask] of Object.entries({ ...reads, ...writes })) {
      const { quick, slow, settled } = await pair(neverBehind);
      const made = await make(quick);
      const [first] = await Promise.allSettled([ask(slow, made)]);
      await settled();
      const same = first.status === "fulfilled" && (!(name in reads) || isSame(first.value, await ask(quick, made)));
      if (same) missed.push(name);
    }
    for (const [sentence, [remove, ask, options]] of Object.entries(removals)) {
      const { quick, slow, settled } = await pair(neverBehind, options);
      const made = await make(quick);
      await settled();
      await remove(quick, made);
      if ((await codeOf(ask(slow, made))) === "done") missed.push(sentence);
    }
    expect(missed).to.deep.equal([]);
  });
});

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
