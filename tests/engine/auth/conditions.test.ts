// What requests tell the conditions of policies: resources, names, tags and where the request comes from.
import { expect } from "chai";
import type { Input, OperationName } from "../../../api/operations.ts";
import type { Statement } from "../../../engine/auth/policy.ts";
import { until } from "../../local/until.ts";
import { arn, ask, callAs, type Gated, home, keyOf, namespaceAs, startGated, targetOf } from "./gated.ts";

describe("a policy of a key", () => {
  let gated: Gated;
  const root = keyOf("root");
  const ids = { shop: "", other: "", web: "", api: "", foreign: "" };
  before(async () => {
    gated = await startGated({ keys: [root] });
    ids.shop = await targetOf(
      gated,
      root,
      await callAs(gated, root, "CreateHttpNamespace", { Name: "shop", Tags: [{ Key: "Team", Value: "shop" }] }),
    );
    ids.other = await namespaceAs(gated, root, "other");
    const make = async (NamespaceId: string, Name: string, team: string) => {
      const input = { NamespaceId, Name, Tags: [{ Key: "team", Value: team }], HealthCheckCustomConfig: {} };
      return (await callAs(gated, root, "CreateService", input)).Service?.Id ?? "";
    };
    ids.web = await make(ids.shop, "web", "shop");
    ids.api = await make(ids.shop, "api", "core");
    ids.foreign = await make(ids.other, "web", "shop");
  });
  after(() => gated[Symbol.asyncDispose]());

  let drawn = 0;
  /** A key with just these policies, as soon as the engine has read of it. */
  const limitedTo = async (statements: Statement[]) => {
    drawn += 1;
    const limited = { ...keyOf(`limited${drawn}`), name: "limited" };
    gated.write({ keys: [root, { ...limited, policies: [{ Statement: statements }] }] });
    await until(
      "the key is known",
      async () => (await ask(gated, limited, "ListNamespaces", {})).code !== "InvalidClientTokenId",
    );
    return limited;
  };
  /** What such a key's holder is told: OK, or the code of the refusal. */
  const told = async <N extends OperationName>(statements: Statement[], name: N, input: Input<N>): Promise<string> => {
    const { code, message } = await ask(gated, await limitedTo(statements), name, input);
    const start = `User: arn:aws:iam::${home}:user/limited is not authorized to perform: servicediscovery:`;
    if (code === "AccessDeniedException") expect(message.startsWith(start), message).to.equal(true);
    return code;
  };
  const denied = "AccessDeniedException";
  const allow = (more: Partial<Statement> = {}): Statement => ({
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    ...more,
  });
  const register = (ServiceId: string) => ({ ServiceId, InstanceId: "i", Attributes: {} });
  const service = (id: string) => arn(home, "service", id);
  const namespace = (id: string) => arn(home, "namespace", id);

  it("limits a writer to one service, named by its id or its ARN", async () => {
    const statements = [allow({ Action: "servicediscovery:RegisterInstance", Resource: service(ids.web) })];
    for (const web of [ids.web, service(ids.web)])
      expect(await told(statements, "RegisterInstance", register(web))).to.equal("OK");
    for (const other of [ids.api, service(ids.foreign), "srv-unknown"]) {
      expect(await told(statements, "RegisterInstance", register(other)), other).to.equal(denied);
    }
  });

  it("asks for both the namespace and the service of a discovery, and hides what is not there", async () => {
    const ask = (NamespaceName: string, ServiceName: string, ...resources: string[]) =>
      told([allow({ Resource: resources })], "DiscoverInstances", { NamespaceName, ServiceName });
    expect(await ask("shop", "web", namespace(ids.shop), service(ids.web))).to.equal("OK");
    expect(await ask("shop", "api", namespace(ids.shop), service(ids.web))).to.equal(denied);
    expect(await ask("shop", "web", namespace(ids.shop))).to.equal(denied);
    expect(await ask("shop", "web", service(ids.web))).to.equal(denied);
    expect(await ask("shop", "gone", namespace(ids.shop), service(ids.web))).to.equal(denied);
    expect(await ask("gone", "gone", "*")).to.equal("NamespaceNotFound");
  });

  it("knows a discovery's names", async () => {
    const Condition = {
      StringEquals: { "servicediscovery:NamespaceName": "shop" },
      StringLike: { "servicediscovery:ServiceName": "w*" },
    };
    const discover = (NamespaceName: string, ServiceName: string) =>
      told([allow({ Condition })], "DiscoverInstancesRevision", { NamespaceName, ServiceName });
    expect(await discover("shop", "web")).to.equal("OK");
    expect(await discover("shop", "api")).to.equal(denied);
    expect(await discover("other", "web")).to.equal(denied);
    expect(await told([allow({ Condition })], "GetService", { Id: ids.web })).to.equal(denied); // it has no such key
  });

  it("knows in which namespace a service is to be made, and with which tags", async () => {
    const Condition = {
      ArnLike: { "servicediscovery:NamespaceArn": namespace(ids.shop) },
      StringEquals: { "aws:RequestTag/team": ["shop", "core"] },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "stage"] },
    };
    let made = 0;
    const create = (NamespaceId: string, tags: Record<string, string>) => {
      made += 1;
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const statements = [allow({ Condition }), allow({ Action: "servicediscovery:TagResource" })];
      return told(statements, "CreateService", { NamespaceId, Name: `made-${made}`, Tags });
    };
    expect(await create(ids.shop, { team: "core" })).to.equal("OK");
    expect(await create(namespace(ids.shop), { team: "shop", stage: "x" })).to.equal("OK");
    expect(await create(ids.other, { team: "core" })).to.equal(denied);
    expect(await create(ids.shop, { team: "none" })).to.equal(denied);
    expect(await create(ids.shop, { team: "core", cost: "1" })).to.equal(denied);
    expect(await create(ids.shop, {})).to.equal(denied);
  });

  it("asks a creation with tags for the right to tag", async () => {
    const statements = [allow({ Action: "servicediscovery:Create*" })];
    const input = { Name: "tagged", Tags: [{ Key: "a", Value: "b" }] };
    expect(await told(statements, "CreateHttpNamespace", input)).to.equal(denied);
    expect(await told(statements, "CreateHttpNamespace", { Name: "untagged", Tags: [] })).to.equal("OK");
  });

  it("knows the tags of what is there", async () => {
    const Condition = { StringEquals: { "aws:ResourceTag/team": "shop" } };
    expect(await told([allow({ Condition })], "GetService", { Id: ids.web })).to.equal("OK");
    expect(await told([allow({ Condition })], "GetService", { Id: ids.api })).to.equal(denied);
    expect(await told([allow({ Condition })], "GetService", { Id: "srv-unknown" })).to.equal(denied);
    expect(await told([allow({ Condition })], "GetNamespace", { Id: ids.shop })).to.equal("OK"); // keys are compared without case
    const deny = [allow(), allow({ Effect: "Deny", Condition })];
    expect(await told(deny, "RegisterInstance", register(ids.web))).to.equal(denied);
    expect(await told(deny, "RegisterInstance", register(ids.api))).to.equal("OK");
  });

  it("knows the service of an instance, and the keys of tags that go", async () => {
    const Condition = { ArnEquals: { "servicediscovery:ServiceArn": service(ids.web) } };
    expect(await told([allow({ Condition })], "ListInstances", { ServiceId: ids.web })).to.equal("OK");
    expect(await told([allow({ Condition })], "ListInstances", { ServiceId: ids.api })).to.equal(denied);
    const keep = { "ForAnyValue:StringEquals": { "aws:TagKeys": "team" } };
    const statements = [allow(), allow({ Effect: "Deny", Action: "servicediscovery:UntagResource", Condition: keep })];
    const untag = (TagKeys: string[]) => told(statements, "UntagResource", { ResourceARN: service(ids.web), TagKeys });
    expect(await untag(["stage"])).to.equal("OK");
    expect(await untag(["stage", "team"])).to.equal(denied);
  });

  it("knows where a request comes from, and whose it is", async () => {
    const from = (network: string) => allow({ Condition: { IpAddress: { "aws:SourceIp": network } } });
    expect(await told([from("127.0.0.0/8")], "ListNamespaces", {})).to.equal("OK");
    expect(await told([from("192.0.2.0/24")], "ListNamespaces", {})).to.equal(denied);
    const who = (name: string) =>
      allow({ Condition: { StringEquals: { "aws:username": name, "aws:PrincipalAccount": home } } });
    expect(await told([who("limited")], "ListNamespaces", {})).to.equal("OK");
    expect(await told([who("root")], "ListNamespaces", {})).to.equal(denied);
  });

  it("says who, what, on which resource and why", async () => {
    const limited = await limitedTo([allow({ Effect: "Deny" })]);
    const { message } = await ask(gated, limited, "GetService", { Id: ids.web });
    expect(message).to.equal(
      `User: arn:aws:iam::${home}:user/limited is not authorized to perform: servicediscovery:GetService on resource: ${service(ids.web)} with an explicit deny in an identity-based policy`,
    );
    const none = await ask(gated, limited, "DiscoverInstances", { NamespaceName: "shop", ServiceName: "gone" });
    expect(none.message).to.include(` on resource: ${namespace(ids.shop)} with an explicit deny`);
    const lists = await ask(gated, limited, "ListServices", {});
    expect(lists.message).to.include("servicediscovery:ListServices on resource: * with");
  });

  it("is asked after the input is found valid, and before anything is told of what is there", async () => {
    const limited = await limitedTo([]);
    expect((await ask(gated, limited, "GetService", {})).code).to.equal("InvalidInput");
    for (const Id of [ids.web, "srv-unknown"]) {
      const { message } = await ask(gated, limited, "GetService", { Id });
      expect(message).to.include(`on resource: ${service(Id)} because no identity-based policy allows`);
    }
  });
});
