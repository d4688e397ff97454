// Namespaces that are shared with other accounts: what these see of them, and what they may do there.
import { expect } from "chai";
import { until } from "../../local/until.ts";
import { arn, ask, callAs, type Gated, home, keyOf, namespaceAs, startGated, type TestKey, targetOf } from "./gated.ts";

const reading = "111111111111";
const writing = "222222222222";
const owner: TestKey = keyOf("owner");
const reader = { ...keyOf("reader"), account: reading };
const writer = { ...keyOf("writer"), account: writing };
const keys = [owner, reader, writer];
const denied = "AccessDeniedException";

describe("a shared namespace", () => {
  let gated: Gated;
  let shop: string;
  let web: string;
  let operation: string;
  let own: string;
  const shares = () => [
    { namespace: arn(home, "namespace", shop), accounts: [reading] },
    { namespace: shop, accounts: [writing], permission: "write" },
  ];
  beforeEach(async () => {
    gated = await startGated({ keys });
    const created = await callAs(gated, owner, "CreatePrivateDnsNamespace", { Name: "shop.internal", Vpc: "vpc-1" });
    shop = await targetOf(gated, owner, created);
    await namespaceAs(gated, owner, "not-shared");
    own = await namespaceAs(gated, writer, "own");
    web = await serviceAs(owner, shop, "web");
    const registered = { ServiceId: web, InstanceId: "i", Attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" } };
    operation = (await callAs(gated, owner, "RegisterInstance", registered)).OperationId ?? "";
    gated.write({ keys, shares: shares() });
    const id = arn(home, "namespace", shop);
    await until("it is shared", async () => (await ask(gated, reader, "GetNamespace", { Id: id })).status === 200);
  });
  afterEach(() => gated[Symbol.asyncDispose]());

  const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 60 }] };
  const serviceAs = async (key: TestKey, NamespaceId: string, Name: string) => {
    const input = { NamespaceId, Name, DnsConfig, HealthCheckCustomConfig: {} };
    return (await callAs(gated, key, "CreateService", input)).Service?.Id ?? "";
  };
  const namespace = () => arn(home, "namespace", shop);
  const service = (id: string) => arn(home, "service", id);
  const registerAs = (key: TestKey, id: string, InstanceId: string) =>
    ask(gated, key, "RegisterInstance", {
      ServiceId: service(id),
      InstanceId,
      Attributes: { AWS_INSTANCE_IPV4: "192.0.2.2" },
    });

  it("is there for those with whom it is shared, by its ARN, and says whose it is", async () => {
    for (const key of [reader, writer]) {
      const { Namespace } = await callAs(gated, key, "GetNamespace", { Id: namespace() });
      expect(Namespace).to.include({ Id: shop, Arn: namespace(), ResourceOwner: home });
      const { Service } = await callAs(gated, key, "GetService", { Id: service(web) });
      expect(Service).to.include({ Arn: service(web), ResourceOwner: home, CreatedByAccount: home, NamespaceId: shop });
      const instance = await callAs(gated, key, "GetInstance", { ServiceId: service(web), InstanceId: "i" });
      expect(instance).to.deep.include({ ResourceOwner: home });
      expect(instance.Instance).to.include({ CreatedByAccount: home });
      await callAs(gated, key, "ListInstances", { ServiceId: service(web) });
      await callAs(gated, key, "GetInstancesHealthStatus", { ServiceId: service(web) });
      const attributes = await callAs(gated, key, "GetServiceAttributes", { ServiceId: service(web) });
      expect(attributes.ServiceAttributes).to.include({ ServiceArn: service(web), ResourceOwner: home });
      expect((await ask(gated, key, "GetNamespace", { Id: shop })).code).to.equal("NamespaceNotFound");
      expect((await ask(gated, key, "GetService", { Id: web })).code).to.equal("ServiceNotFound");
    }
  });

  it("is listed beside one's own, which the filter tells apart", async () => {
    const listed = async (filter: "SELF" | "OTHER_ACCOUNTS" | undefined, key: TestKey = writer) => {
      const Filters = filter && [{ Name: "RESOURCE_OWNER" as const, Values: [filter] }];
      const { Namespaces = [] } = await callAs(gated, key, "ListNamespaces", { ...(Filters && { Filters }) });
      const { Services = [] } = await callAs(gated, key, "ListServices", { ...(Filters && { Filters }) });
      return [...Namespaces, ...Services].map(({ Name = "", ResourceOwner }) => `${Name} ${ResourceOwner}`).sort();
    };
    await callAs(gated, writer, "CreateService", { NamespaceId: own, Name: "mine" });
    const [mine, theirs] = [
      [`mine ${writing}`, `own ${writing}`],
      [`shop.internal ${home}`, `web ${home}`],
    ];
    expect(await listed(undefined)).to.deep.equal([...mine, ...theirs]);
    expect(await listed("SELF")).to.deep.equal(mine);
    expect(await listed("OTHER_ACCOUNTS")).to.deep.equal(theirs);
    expect(await listed("OTHER_ACCOUNTS", owner)).to.deep.equal([]);
    const of = async (id: string, key: TestKey = reader) => {
      const Filters = [{ Name: "NAMESPACE_ID" as const, Values: [id] }];
      return (await callAs(gated, key, "ListServices", { Filters })).Services?.map(({ Name }) => Name);
    };
    expect(await of(namespace())).to.deep.equal(["web"]);
    expect(await of(shop)).to.deep.equal([]);
    expect(await of(shop, owner)).to.deep.equal(["web"]);
  });

  it("is discovered, and its operations are asked about, with OwnerAccount", async () => {
    const names = { NamespaceName: "shop.internal", ServiceName: "web" };
    const found = await callAs(gated, reader, "DiscoverInstances", { ...names, OwnerAccount: home });
    expect(found.Instances?.map(({ InstanceId }) => InstanceId)).to.deep.equal(["i"]);
    await callAs(gated, reader, "DiscoverInstancesRevision", { ...names, OwnerAccount: home });
    expect((await ask(gated, reader, "DiscoverInstances", names)).code).to.equal("NamespaceNotFound");
    const asked = { OperationId: operation, OwnerAccount: home };
    expect((await callAs(gated, reader, "GetOperation", asked)).Operation).to.include({ OwnerAccount: home });
    expect((await ask(gated, reader, "GetOperation", { OperationId: operation })).code).to.equal("OperationNotFound");
    expect((await callAs(gated, reader, "ListOperations", {})).Operations).to.deep.equal([]);
  });

  it("is changed by nobody who may only read it", async () => {
    const ServiceId = service(web);
    const refused = [
      await ask(gated, reader, "CreateService", { NamespaceId: namespace(), Name: "x" }),
      await registerAs(reader, web, "x"),
      await ask(gated, reader, "DeregisterInstance", { ServiceId, InstanceId: "i" }),
      await ask(gated, reader, "UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId: "i", Status: "UNHEALTHY" }),
      await ask(gated, reader, "UpdateService", { Id: ServiceId, Service: { DnsConfig } }),
      await ask(gated, reader, "UpdateServiceAttributes", { ServiceId, Attributes: { a: "1" } }),
      await ask(gated, reader, "DeleteServiceAttributes", { ServiceId, Attributes: ["a"] }),
      await ask(gated, reader, "DeleteService", { Id: ServiceId }),
      await ask(gated, reader, "UpdatePrivateDnsNamespace", { Id: namespace(), Namespace: { Description: "x" } }),
      await ask(gated, reader, "DeleteNamespace", { Id: namespace() }),
      await ask(gated, writer, "UpdatePrivateDnsNamespace", { Id: namespace(), Namespace: { Description: "x" } }),
      await ask(gated, writer, "DeleteNamespace", { Id: namespace() }),
    ];
    expect(refused.map(({ code }) => code)).to.deep.equal(refused.map(() => denied));
    expect(refused[1]?.message).to.equal(
      `User: arn:aws:iam::${reading}:user/reader is not authorized to perform: servicediscovery:RegisterInstance on resource: ${ServiceId} because no resource-based policy allows the servicediscovery:RegisterInstance action`,
    );
    for (const key of [reader, writer]) {
      const tags = await ask(gated, key, "ListTagsForResource", { ResourceARN: namespace() });
      expect(tags.code).to.equal("ResourceNotFoundException");
    }
  });

  it("tells its tags to nobody but its owner, and nobody that may not ask for them", async () => {
    const withTags = { "x-cloudmap-include": "tags" };
    const tagsTo = async (key: TestKey, filter: object = {}) => {
      const { body } = await ask(gated, key, "ListNamespaces", filter, withTags);
      return JSON.parse(body).Namespaces.map(({ Id, Tags }: { Id: string; Tags: unknown }) => [Id === shop, Tags]);
    };
    await callAs(gated, owner, "TagResource", { ResourceARN: namespace(), Tags: [{ Key: "team", Value: "a" }] });
    expect(await tagsTo(owner)).to.deep.include.members([[true, [{ Key: "team", Value: "a" }]]]);
    expect(await tagsTo(reader)).to.deep.equal([[true, undefined]]);
    const lister = { ...keyOf("lister"), policies: ["lister"] };
    const Statement = [{ Effect: "Allow", Action: "servicediscovery:List*", Resource: "*" }];
    const secret = { Effect: "Deny", Action: "servicediscovery:ListTagsForResource", Resource: "*" };
    const policies = { lister: { Version: "2012-10-17", Statement: [...Statement, secret] } };
    gated.write({ keys: [...keys, lister], policies });
    await until("the key is known", async () => (await ask(gated, lister, "ListNamespaces", {})).status === 200);
    expect(await tagsTo(lister)).to.have.deep.members([
      [true, undefined],
      [false, undefined],
    ]);
  });

  it("takes services of those who may write, which are theirs to change, and stay the owner's too", async () => {
    const made = await serviceAs(writer, namespace(), "api");
    const { Service } = await callAs(gated, writer, "GetService", { Id: service(made) });
    expect(Service).to.include({ ResourceOwner: home, CreatedByAccount: writing, Arn: service(made) });
    expect((await registerAs(writer, made, "i")).code).to.equal("OK");
    const { Instances } = await callAs(gated, owner, "ListInstances", { ServiceId: made });
    expect(Instances?.map(({ CreatedByAccount }) => CreatedByAccount)).to.deep.equal([writing]);
    await callAs(gated, writer, "UpdateServiceAttributes", { ServiceId: service(made), Attributes: { a: "1" } });
    const update = { Id: service(made), Service: { DnsConfig: { DnsRecords: [{ Type: "A" as const, TTL: 5 }] } } };
    await callAs(gated, writer, "UpdateService", update);
    await callAs(gated, owner, "DeregisterInstance", { ServiceId: made, InstanceId: "i" });
    await callAs(gated, owner, "DeleteService", { Id: made });
    expect(await serviceAs(writer, namespace(), "api")).to.equal(made); // of the same account, namespace and name
    expect(
      (await ask(gated, writer, "CreateService", { NamespaceId: namespace(), Name: "web", DnsConfig })).code,
    ).to.equal("ServiceAlreadyExists");
    await callAs(gated, writer, "DeleteService", { Id: service(made) });
  });

  it("keeps the services of others from those who may write", async () => {
    const ServiceId = service(web);
    const refused = [
      await registerAs(writer, web, "x"),
      await ask(gated, writer, "DeregisterInstance", { ServiceId, InstanceId: "i" }),
      await ask(gated, writer, "UpdateInstanceCustomHealthStatus", { ServiceId, InstanceId: "i", Status: "UNHEALTHY" }),
      await ask(gated, writer, "UpdateServiceAttributes", { ServiceId, Attributes: { a: "1" } }),
      await ask(gated, writer, "DeleteService", { Id: ServiceId }),
    ];
    expect(refused.map(({ code }) => code)).to.deep.equal(refused.map(() => denied));
  });

  it("has no service updated that has instances of other accounts", async () => {
    const made = await serviceAs(writer, namespace(), "api");
    const update = { Id: service(made), Service: { DnsConfig: { DnsRecords: [{ Type: "A" as const, TTL: 5 }] } } };
    await registerAs(writer, made, "i");
    const { code, message } = await ask(gated, owner, "UpdateService", update);
    expect({ code, message }).to.deep.equal({
      code: "InvalidInput",
      message: `The service ${made} is in a shared namespace and has instances of other accounts: it cannot be updated.`,
    });
    await callAs(gated, writer, "UpdateService", update);
    await registerAs(owner, made, "j");
    expect((await ask(gated, writer, "UpdateService", update)).code).to.equal("InvalidInput");
  });

  it("needs the policies of a key as well as the share", async () => {
    const statement = { Effect: "Allow", Action: "servicediscovery:*", Resource: arn(writing, "namespace", "*") };
    gated.write({ keys: [owner, reader, { ...writer, policies: [{ Statement: statement }] }], shares: shares() });
    const told = () => ask(gated, writer, "GetNamespace", { Id: namespace() });
    await until("the policy is in force", async () => (await told()).status === 400);
    expect((await told()).message).to.include("because no identity-based policy allows");
  });

  it("is gone for them when it is shared no more, with what they made in it", async () => {
    const made = await serviceAs(writer, namespace(), "api");
    await registerAs(writer, made, "i");
    gated.write({ keys });
    const told = () => ask(gated, writer, "GetService", { Id: service(made) });
    await until("the share is gone", async () => (await told()).code === "ServiceNotFound");
    expect((await registerAs(writer, made, "j")).code).to.equal("ServiceNotFound");
    expect((await ask(gated, writer, "GetNamespace", { Id: namespace() })).code).to.equal("NamespaceNotFound");
    const { Services } = await callAs(gated, writer, "ListServices", {});
    expect(Services).to.deep.equal([]);
    const { Instances } = await callAs(gated, owner, "ListInstances", { ServiceId: made });
    expect(Instances).to.have.length(1);
  });
});
