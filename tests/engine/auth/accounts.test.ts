// Keys of several accounts: each sees its own, and of others' what is shared with it.
import { expect } from "chai";
import { type Input, type OperationName, operations } from "../../../api/operations.ts";
import { until } from "../../local/until.ts";
import { arn, ask, callAs, type Gated, home, keyOf, namespaceAs, startGated, targetOf, whoAmI } from "./gated.ts";

const account = { reader: "111111111111", writer: "222222222222", stranger: "333333333333" };
const owner = keyOf("owner");
const reader = { ...keyOf("reader"), account: account.reader };
const writer = { ...keyOf("writer"), account: account.writer };
const stranger = { ...keyOf("stranger"), account: account.stranger };
const keys = [owner, reader, writer, stranger];

/** What lists answer, of what is asked about here. */
const listed = async (gated: Gated, key: typeof owner, filter?: "SELF" | "OTHER_ACCOUNTS") => {
  const Filters = filter && [{ Name: "RESOURCE_OWNER" as const, Values: [filter] }];
  const { Namespaces = [] } = await callAs(gated, key, "ListNamespaces", { ...(Filters && { Filters }) });
  const { Services = [] } = await callAs(gated, key, "ListServices", { ...(Filters && { Filters }) });
  const names = (all: readonly { Name?: string }[]) => all.map(({ Name }) => Name ?? "").sort();
  return { namespaces: names(Namespaces), services: names(Services) };
};

describe("keys of several accounts", () => {
  let gated: Gated;
  beforeEach(async () => {
    gated = await startGated({ keys });
  });
  afterEach(() => gated[Symbol.asyncDispose]());

  it("are who they are to STS", async () => {
    expect(await whoAmI(gated, owner)).to.deep.equal({
      account: home,
      arn: `arn:aws:iam::${home}:user/owner`,
      id: owner.accessKeyId,
    });
    expect(await whoAmI(gated, reader)).to.include({
      account: account.reader,
      arn: `arn:aws:iam::${account.reader}:user/reader`,
    });
  });

  it("each have names, discovery names and tokens of their own", async () => {
    const made = new Map<string, string>();
    for (const key of keys) {
      const input = { Name: "shop", CreatorRequestId: "one token" };
      const namespace = await targetOf(gated, key, await callAs(gated, key, "CreateHttpNamespace", input));
      expect((await ask(gated, key, "CreateHttpNamespace", { Name: "shop" })).code).to.equal("NamespaceAlreadyExists");
      const create = { NamespaceId: namespace, Name: "web", CreatorRequestId: "one token" };
      const { Service } = await callAs(gated, key, "CreateService", create);
      const { account: of = home } = key as { account?: string };
      expect(Service).to.include({
        Arn: arn(of, "service", Service?.Id ?? ""),
        ResourceOwner: of,
        CreatedByAccount: of,
      });
      const { Namespace } = await callAs(gated, key, "GetNamespace", { Id: arn(of, "namespace", namespace) });
      expect(Namespace).to.deep.include({ ResourceOwner: of, Properties: { HttpProperties: { HttpName: "shop" } } });
      const register = { ServiceId: Service?.Id ?? "", InstanceId: "i", Attributes: { of } };
      const { OperationId = "" } = await callAs(gated, key, "RegisterInstance", register);
      const { Operation } = await callAs(gated, key, "GetOperation", { OperationId });
      expect(Operation).to.include({ OwnerAccount: of });
      const found = await callAs(gated, key, "DiscoverInstances", { NamespaceName: "shop", ServiceName: "web" });
      expect(found.Instances?.map(({ Attributes }) => Attributes)).to.deep.equal([{ of }]);
      const { Instances, ResourceOwner } = await callAs(gated, key, "ListInstances", { ServiceId: Service?.Id ?? "" });
      expect({ ResourceOwner, by: Instances?.map(({ CreatedByAccount }) => CreatedByAccount) }).to.deep.equal({
        ResourceOwner: of,
        by: [of],
      });
      expect((await callAs(gated, key, "ListOperations", {})).Operations).to.have.length(2);
      expect(await listed(gated, key)).to.deep.equal({ namespaces: ["shop"], services: ["web"] });
      expect(await listed(gated, key, "SELF")).to.deep.equal({ namespaces: ["shop"], services: ["web"] });
      expect(await listed(gated, key, "OTHER_ACCOUNTS")).to.deep.equal({ namespaces: [], services: [] });
      made.set(of, Service?.Id ?? "");
    }
    expect(new Set(made.values()).size).to.equal(keys.length);
  });

  it("find all of it again after a restart, the same ids for the same names", async () => {
    const make = async () => {
      const namespace = await namespaceAs(gated, reader, "shop");
      const { Service } = await callAs(gated, reader, "CreateService", { NamespaceId: namespace, Name: "web" });
      return { namespace, service: Service?.Id ?? "" };
    };
    const { namespace, service } = await make();
    await gated.engine.restart();
    expect(await listed(gated, reader)).to.deep.equal({ namespaces: ["shop"], services: ["web"] });
    expect(await listed(gated, owner)).to.deep.equal({ namespaces: [], services: [] });
    await callAs(gated, reader, "DeleteService", { Id: service });
    const again = await callAs(gated, reader, "CreateService", { NamespaceId: namespace, Name: "web" });
    expect(again.Service?.Id).to.equal(service);
    await callAs(gated, reader, "DeleteService", { Id: service });
    await callAs(gated, reader, "DeleteNamespace", { Id: namespace });
    expect((await make()).namespace).not.to.equal(namespace); // the name and its discovery name are free
    const Name = "shop"; // and never were the owner's
    await callAs(gated, owner, "CreateHttpNamespace", { Name });
  });

  it("are told that others' things are not there, as of things that nobody has", async () => {
    const namespace = await namespaceAs(gated, owner, "shop");
    const input = { NamespaceId: namespace, Name: "web", HealthCheckCustomConfig: {} };
    const service = (await callAs(gated, owner, "CreateService", input)).Service?.Id ?? "";
    const register = { ServiceId: service, InstanceId: "i", Attributes: {} };
    const { OperationId = "" } = await callAs(gated, owner, "RegisterInstance", register);
    const gone = {
      namespace: "ns-2222222222222222",
      service: "srv-2222222222222222",
      operation: `${"2".repeat(32)}-22222222`,
    };
    for (const name of Object.keys(requests) as (keyof typeof requests)[]) {
      const unknown = await ask(gated, stranger, name, requests[name](gone.namespace, gone.service, gone.operation));
      expect(unknown.code, name).to.match(/NotFound/);
      const [ns, srv] = [arn(home, "namespace", namespace), arn(home, "service", service)];
      for (const ids of [
        [namespace, service],
        [ns, srv],
        [arn(account.stranger, "namespace", namespace), arn(account.stranger, "service", service)],
      ] as const) {
        const told = await ask(gated, stranger, name, requests[name](ids[0], ids[1], OperationId));
        expect({ name, code: told.code }).to.deep.equal({ name, code: unknown.code });
      }
    }
    for (const more of [{}, { OwnerAccount: home }]) {
      const discover = { NamespaceName: "shop", ServiceName: "web", ...more };
      expect((await ask(gated, stranger, "DiscoverInstances", discover)).code).to.equal("NamespaceNotFound");
      expect((await ask(gated, stranger, "GetOperation", { OperationId, ...more })).code).to.equal("OperationNotFound");
    }
    expect(await listed(gated, stranger)).to.deep.equal({ namespaces: [], services: [] });
    const { Instances } = await callAs(gated, owner, "ListInstances", { ServiceId: service });
    expect(Instances).to.have.length(1);
  });

  it("share one VPC's names, and are not told whose the other is", async () => {
    const input = { Name: "internal.example", Vpc: "vpc-1" };
    await targetOf(gated, owner, await callAs(gated, owner, "CreatePrivateDnsNamespace", input));
    const { OperationId = "" } = await callAs(gated, reader, "CreatePrivateDnsNamespace", input);
    const { Operation } = await callAs(gated, reader, "GetOperation", { OperationId });
    expect(Operation).to.include({ Status: "FAIL", ErrorCode: "CANNOT_CREATE_HOSTED_ZONE" });
    expect(Operation?.ErrorMessage).to.include("that of another account's namespace").and.not.to.include("ns-");
  });

  it("each have quotas of their own, and pages without others' things", async () => {
    await gated.engine.restart({ quotas: "aws" });
    const create = (key: typeof owner, index: number) =>
      callAs(gated, key, "CreateHttpNamespace", { Name: `n-${index}` });
    for (let index = 0; index < 50; index += 1) for (const key of [owner, reader]) await create(key, index);
    expect((await ask(gated, reader, "CreateHttpNamespace", { Name: "one more" })).code).to.equal("InvalidInput");
    expect((await ask(gated, reader, "CreateHttpNamespace", { Name: "more" })).code).to.equal("ResourceLimitExceeded");
    const [seen, sizes]: [Set<string>, number[]] = [new Set(), []];
    let NextToken: string | undefined;
    do {
      const page = await callAs(gated, reader, "ListNamespaces", { MaxResults: 20, ...(NextToken && { NextToken }) });
      for (const { Id = "", ResourceOwner } of page.Namespaces ?? []) {
        expect(ResourceOwner).to.equal(account.reader);
        seen.add(Id);
      }
      sizes.push(page.Namespaces?.length ?? 0);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect({ seen: seen.size, sizes }).to.deep.equal({ seen: 50, sizes: [20, 20, 10] });
  });

  it("have operations that end in their account, also after a restart", async () => {
    await gated.engine.restart({ operationDelay: 200 });
    const { OperationId = "" } = await callAs(gated, reader, "CreateHttpNamespace", { Name: "slow" });
    expect((await ask(gated, owner, "GetOperation", { OperationId })).code).to.equal("OperationNotFound");
    await gated.engine.restart({ operationDelay: 200 });
    const ended = async () =>
      (await callAs(gated, reader, "GetOperation", { OperationId })).Operation?.Status === "SUCCESS";
    await until("the operation has ended", ended);
    const { Namespaces } = await callAs(gated, reader, "ListNamespaces", {});
    expect(Namespaces?.map(({ Name, ResourceOwner }) => ({ Name, ResourceOwner }))).to.deep.equal([
      { Name: "slow", ResourceOwner: account.reader },
    ]);
  });

  it("are all of the operations that name a thing", () => {
    const unnamed = /^(Create.*Namespace|List(Namespaces|Operations|Services)|Discover.*|GetOperation)$/;
    const named = Object.keys(operations).filter((name) => !unnamed.test(name));
    expect(Object.keys(requests).sort()).to.deep.equal(named.sort());
  });
});

type Named = Exclude<
  OperationName,
  | `Create${string}Namespace`
  | `Discover${string}`
  | "GetOperation"
  | "ListNamespaces"
  | "ListOperations"
  | "ListServices"
>;

const Attributes = { a: "1" };
const ids = (InstanceId: string, ServiceId: string) => ({ ServiceId, InstanceId });
/** A request about a namespace or a service, for each operation that names one. */
const requests: { readonly [N in Named]: (namespace: string, service: string, operation: string) => Input<N> } = {
  CreateService: (NamespaceId) => ({ NamespaceId, Name: "made" }),
  DeleteNamespace: (Id) => ({ Id }),
  DeleteService: (_, Id) => ({ Id }),
  DeleteServiceAttributes: (_, ServiceId) => ({ ServiceId, Attributes: ["a"] }),
  DeregisterInstance: (_, service) => ids("i", service),
  GetInstance: (_, service) => ids("i", service),
  GetInstancesHealthStatus: (_, ServiceId) => ({ ServiceId }),
  GetNamespace: (Id) => ({ Id }),
  GetService: (_, Id) => ({ Id }),
  GetServiceAttributes: (_, ServiceId) => ({ ServiceId }),
  ListInstances: (_, ServiceId) => ({ ServiceId }),
  ListTagsForResource: (namespace) => ({ ResourceARN: asArn(namespace) }),
  RegisterInstance: (_, service) => ({ ...ids("other", service), Attributes }),
  TagResource: (_, service) => ({ ResourceARN: asArn(service), Tags: [{ Key: "k", Value: "v" }] }),
  UntagResource: (namespace) => ({ ResourceARN: asArn(namespace), TagKeys: ["k"] }),
  UpdateHttpNamespace: (Id) => ({ Id, Namespace: { Description: "mine" } }),
  UpdateInstanceCustomHealthStatus: (_, service) => ({ ...ids("i", service), Status: "UNHEALTHY" }),
  UpdatePrivateDnsNamespace: (Id) => ({ Id, Namespace: { Description: "mine" } }),
  UpdatePublicDnsNamespace: (Id) => ({ Id, Namespace: { Description: "mine" } }),
  UpdateService: (_, Id) => ({ Id, Service: { Description: "mine" } }),
  UpdateServiceAttributes: (_, ServiceId) => ({ ServiceId, Attributes }),
};

function asArn(id: string): string {
  return id.startsWith("arn:") ? id : arn(account.stranger, id.startsWith("ns-") ? "namespace" : "service", id);
}
