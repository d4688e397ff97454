// What one node has acknowledged is there for who asks another one: before a node refuses, it makes sure that it knows everything.
import { expect } from "chai";
import type { CloudMapError } from "../../api/errors.ts";
import { type Member, type MemberOptions, neverBehind, pair } from "./cluster.ts";

interface Made {
  readonly namespace: string;
  readonly service: string;
  readonly operation: string;
}

/** A namespace, a service and an instance, made by one node. */
async function make({ ask, registry }: Member, name = "n"): Promise<Made> {
  await ask("CreateHttpNamespace", { Name: name });
  const namespace = registry.httpNames.get(name) ?? "";
  const { Service } = await ask("CreateService", { NamespaceId: namespace, Name: "s", HealthCheckCustomConfig: {} });
  const service = Service?.Id ?? "";
  const started = await ask("RegisterInstance", { ServiceId: service, InstanceId: "i", Attributes: { v: "1" } });
  return { namespace, service, operation: started.OperationId ?? "" };
}

const names = { NamespaceName: "n", ServiceName: "s" };

/** What a node is asked that has not heard yet of what another node has made. */
const reads: Readonly<Record<string, (slow: Member, made: Made) => Promise<unknown>>> = {
  GetNamespace: (slow, { namespace }) => slow.ask("GetNamespace", { Id: namespace }),
  GetService: (slow, { service }) => slow.ask("GetService", { Id: service }),
  GetInstance: (slow, { service }) => slow.ask("GetInstance", { ServiceId: service, InstanceId: "i" }),
  GetOperation: (slow, { operation }) => slow.ask("GetOperation", { OperationId: operation }),
  GetServiceAttributes: (slow, { service }) => slow.ask("GetServiceAttributes", { ServiceId: service }),
  GetInstancesHealthStatus: (slow, { service }) => slow.ask("GetInstancesHealthStatus", { ServiceId: service }),
  DiscoverInstances: (slow) => slow.ask("DiscoverInstances", names),
  DiscoverInstancesRevision: (slow) => slow.ask("DiscoverInstancesRevision", names),
  ListInstances: (slow, { service }) => slow.ask("ListInstances", { ServiceId: service }),
  ListNamespaces: (slow) => slow.ask("ListNamespaces", {}),
  ListServices: (slow) => slow.ask("ListServices", {}),
  ListOperations: (slow) => slow.ask("ListOperations", {}),
};

/** What a node is asked to do that it can do only with what another node has made. */
const writes: Readonly<Record<string, (slow: Member, made: Made) => Promise<unknown>>> = {
  CreateService: (slow, { namespace }) => slow.ask("CreateService", { NamespaceId: namespace, Name: "t" }),
  RegisterInstance: (slow, { service }) =>
    slow.ask("RegisterInstance", { ServiceId: service, InstanceId: "j", Attributes: {} }),
  DeregisterInstance: (slow, { service }) => slow.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
  UpdateInstanceCustomHealthStatus: (slow, { service }) =>
    slow.ask("UpdateInstanceCustomHealthStatus", { ServiceId: service, InstanceId: "i", Status: "UNHEALTHY" }),
  UpdateServiceAttributes: (slow, { service }) =>
    slow.ask("UpdateServiceAttributes", { ServiceId: service, Attributes: { a: "1" } }),
  UpdateHttpNamespace: (slow, { namespace }) =>
    slow.ask("UpdateHttpNamespace", { Id: namespace, Namespace: { Description: "d" } }),
};

/** What is in the way on one node until it hears that another node has removed it. */
const removals: Readonly<
  Record<
    string,
    readonly [
      remove: (quick: Member, made: Made) => Promise<unknown>,
      ask: (slow: Member, made: Made) => Promise<unknown>,
      options?: MemberOptions,
    ]
  >
> = {
  "a service whose last instance is gone can be deleted": [
    (quick, { service }) => quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
    (slow, { service }) => slow.ask("DeleteService", { Id: service }),
  ],
  "a namespace whose last service is gone can be deleted": [
    async (quick, { service }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
    },
    (slow, { namespace }) => slow.ask("DeleteNamespace", { Id: namespace }),
  ],
  "a service can have the name of one that is gone": [
    async (quick, { service }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
    },
    (slow, { namespace }) => slow.ask("CreateService", { NamespaceId: namespace, Name: "s" }),
  ],
  "a namespace can have the name of one that is gone": [
    async (quick, { service, namespace }) => {
      await quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" });
      await quick.ask("DeleteService", { Id: service });
      await quick.ask("DeleteNamespace", { Id: namespace });
    },
    (slow) => slow.ask("CreateHttpNamespace", { Name: "n" }),
  ],
  "a quota has room again for what is gone": [
    (quick, { service }) => quick.ask("DeregisterInstance", { ServiceId: service, InstanceId: "i" }),
    (slow, { service }) => slow.ask("RegisterInstance", { ServiceId: service, InstanceId: "j", Attributes: {} }),
    { quotas: { instancesPerService: 1 } },
  ],
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: CloudMapError) => error.code ?? String(error),
  );
}

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
