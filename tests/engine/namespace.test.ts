// Namespaces over HTTP: create, get, list, update, delete.
import { expect } from "chai";
import { call, makeNamespace, makeService, namespaceOf, type Running, refusal, start } from "./running.ts";

describe("namespaces", () => {
  let engine: Running;
  before(async () => {
    engine = await start({ account: "123456789012", region: "eu-west-3" });
  });
  after(() => engine[Symbol.asyncDispose]());

  describe("CreateHttpNamespace", () => {
    it("makes a namespace, and an operation that says so", async () => {
      const input = { Name: "made", Description: "a first one", CreatorRequestId: "token-made" };
      const { OperationId = "" } = await call(engine, "CreateHttpNamespace", input);
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      const now = engine.clock.now / 1000;
      const Id = Operation?.Targets?.NAMESPACE ?? "";
      expect(Id).to.match(/^ns-[a-z2-7]{16}$/);
      expect(Operation).to.deep.equal({
        Id: OperationId,
        Type: "CREATE_NAMESPACE",
        Status: "SUCCESS",
        Targets: { NAMESPACE: Id },
        CreateDate: now,
        UpdateDate: now,
        OwnerAccount: "123456789012",
      });
      expect((await call(engine, "GetNamespace", { Id })).Namespace).to.deep.equal({
        Id,
        Arn: `arn:aws:servicediscovery:eu-west-3:123456789012:namespace/${Id}`,
        ResourceOwner: "123456789012",
        Name: "made",
        Type: "HTTP",
        Description: "a first one",
        ServiceCount: 0,
        Properties: { HttpProperties: { HttpName: "made" } },
        CreateDate: now,
        CreatorRequestId: "token-made",
      });
    });

    it("refuses a name that is taken, and names who has it", async () => {
      const first = { Name: "taken", CreatorRequestId: "token-taken" };
      const Id = await namespaceOf(engine, await call(engine, "CreateHttpNamespace", first));
      expect(
        await refusal(engine, "CreateHttpNamespace", { Name: "taken", CreatorRequestId: "another" }),
      ).to.deep.equal({
        __type: "NamespaceAlreadyExists",
        Message: `A namespace named taken exists: ${Id}.`,
        NamespaceId: Id,
        CreatorRequestId: "token-taken",
      });
    });

    it("tells names apart by case", async () => {
      expect(await makeNamespace(engine, "Case")).not.to.equal(await makeNamespace(engine, "case"));
    });

    it("answers the same request as before, for as long as the namespace exists", async () => {
      const input = { Name: "again", CreatorRequestId: "token-again", Tags: [{ Key: "a", Value: "b" }] };
      const first = await call(engine, "CreateHttpNamespace", input);
      expect(await call(engine, "CreateHttpNamespace", input)).to.deep.equal(first);
      expect(await refusal(engine, "CreateHttpNamespace", { ...input, Name: "other" })).to.deep.equal({
        __type: "InvalidInput",
        Message: "This request token was used before with another input; use a new one.",
      });
      await call(engine, "DeleteNamespace", { Id: await namespaceOf(engine, first) });
      expect(await call(engine, "CreateHttpNamespace", { ...input, Name: "other" })).not.to.deep.equal(first);
    });

    it("makes one namespace of many requests at once", async () => {
      const input = { Name: "rush", CreatorRequestId: "token-rush" };
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(engine, "CreateHttpNamespace", input)));
      expect(new Set(answers.map(({ OperationId }) => OperationId))).to.have.length(1);
      const rivals = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const input = { Name: "rivals", CreatorRequestId: `rival-${index}` };
          return call(engine, "CreateHttpNamespace", input).then(
            () => "made",
            (error) => (String(error).includes("NamespaceAlreadyExists") ? "refused" : String(error)),
          );
        }),
      );
      expect(rivals.toSorted()).to.deep.equal(["made", ...Array(9).fill("refused")]);
    });

    it("ignores an empty token and an empty description", async () => {
      const made = await call(engine, "CreateHttpNamespace", { Name: "empty", CreatorRequestId: "", Description: "" });
      const { Namespace } = await call(engine, "GetNamespace", { Id: await namespaceOf(engine, made) });
      expect(Namespace).not.to.have.any.keys("CreatorRequestId", "Description");
      expect((await refusal(engine, "CreateHttpNamespace", { Name: "empty", CreatorRequestId: "" })).__type).to.equal(
        "NamespaceAlreadyExists",
      );
    });

    it("takes a name of 1,024 characters, of signs, and that of a member of every object", async () => {
      for (const Name of [
        "n".repeat(1024),
        "!/~%\"'\\<>&{}",
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
      ]) {
        const Id = await makeNamespace(engine, Name);
        const ServiceId = await makeService(engine, Id, "s");
        await call(engine, "RegisterInstance", { ServiceId, InstanceId: "i", Attributes: {} });
        const found = await call(engine, "DiscoverInstances", { NamespaceName: Name, ServiceName: "s" });
        expect(found.Instances?.[0]).to.include({ NamespaceName: Name, InstanceId: "i" });
      }
    });
  });

  describe("GetNamespace", () => {
    it("takes the ARN for the id, but not that of another account, region or kind", async () => {
      const Id = await makeNamespace(engine, "by-arn");
      const arn = `arn:aws:servicediscovery:eu-west-3:123456789012:namespace/${Id}`;
      expect((await call(engine, "GetNamespace", { Id: arn })).Namespace?.Id).to.equal(Id);
      const others = [
        arn.replace("123456789012", "210987654321"),
        arn.replace("eu-west-3", "us-east-1"),
        arn.replace(":namespace/", ":service/"),
        `${arn}x`,
        `${Id}/`,
        "ns-aaaaaaaaaaaaaaaa",
        "",
        "__proto__",
      ];
      for (const other of others) {
        expect(await refusal(engine, "GetNamespace", { Id: other })).to.deep.equal({
          __type: "NamespaceNotFound",
          Message: `No namespace ${other} exists.`,
        });
      }
    });

    it("counts the services", async () => {
      const Id = await makeNamespace(engine, "counted");
      const first = await makeService(engine, Id, "one");
      await makeService(engine, Id, "two");
      const count = async () => (await call(engine, "GetNamespace", { Id })).Namespace?.ServiceCount;
      expect(await count()).to.equal(2);
      await call(engine, "DeleteService", { Id: first });
      expect(await count()).to.equal(1);
    });
  });

  describe("UpdateHttpNamespace", () => {
    it("changes the description, and clears it with an empty one", async () => {
      const Id = await makeNamespace(engine, "described");
      const description = async () => (await call(engine, "GetNamespace", { Id })).Namespace?.Description;
      const { OperationId = "" } = await call(engine, "UpdateHttpNamespace", { Id, Namespace: { Description: "new" } });
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      expect(Operation).to.deep.include({ Type: "UPDATE_NAMESPACE", Status: "SUCCESS", Targets: { NAMESPACE: Id } });
      expect(await description()).to.equal("new");
      await call(engine, "UpdateHttpNamespace", { Id, Namespace: { Description: "" } });
      expect(await description()).to.equal(undefined);
    });

    it("answers the same request as before, and refuses its token with another input", async () => {
      const Id = await makeNamespace(engine, "updated");
      const input = { Id, UpdaterRequestId: "u-1", Namespace: { Description: "one" } };
      const first = await call(engine, "UpdateHttpNamespace", input);
      expect(await call(engine, "UpdateHttpNamespace", input)).to.deep.equal(first);
      const other = await refusal(engine, "UpdateHttpNamespace", { ...input, Namespace: { Description: "two" } });
      expect(other.__type).to.equal("InvalidInput");
    });

    it("refuses what is not there", async () => {
      const input = { Id: "ns-none", Namespace: { Description: "x" } };
      expect((await refusal(engine, "UpdateHttpNamespace", input)).__type).to.equal("NamespaceNotFound");
    });
  });

  describe("DeleteNamespace", () => {
    it("removes the namespace and frees its name", async () => {
      const Id = await makeNamespace(engine, "gone");
      const { OperationId = "" } = await call(engine, "DeleteNamespace", { Id });
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      expect(Operation).to.deep.include({ Type: "DELETE_NAMESPACE", Status: "SUCCESS", Targets: { NAMESPACE: Id } });
      expect((await refusal(engine, "GetNamespace", { Id })).__type).to.equal("NamespaceNotFound");
      expect((await refusal(engine, "DeleteNamespace", { Id })).__type).to.equal("NamespaceNotFound");
      expect((await refusal(engine, "DiscoverInstances", { NamespaceName: "gone", ServiceName: "s" })).__type).to.equal(
        "NamespaceNotFound",
      );
      expect(await makeNamespace(engine, "gone")).not.to.equal(Id);
    });

    it("refuses while the namespace has services", async () => {
      const Id = await makeNamespace(engine, "used");
      const service = await makeService(engine, Id, "s");
      expect(await refusal(engine, "DeleteNamespace", { Id })).to.deep.equal({
        __type: "ResourceInUse",
        Message: `The namespace ${Id} has services; delete them before the namespace.`,
      });
      await call(engine, "DeleteService", { Id: service });
      await call(engine, "DeleteNamespace", { Id });
    });

    it("decides between a new service and its own end when both come at once", async () => {
      for (let round = 0; round < 20; round += 1) {
        const Id = await makeNamespace(engine, `race-${round}`);
        const [made, deleted] = await Promise.allSettled([
          makeService(engine, Id, "s"),
          call(engine, "DeleteNamespace", { Id }),
        ]);
        expect([made.status, deleted.status].toSorted()).to.deep.equal(["fulfilled", "rejected"]);
      }
    });
  });

  describe("ListNamespaces", () => {
    it("pages first and filters then", async () => {
      await using own = await start();
      for (const name of ["a-1", "b-1", "a-2", "b-2", "a-3"]) await makeNamespace(own, name);
      const all = (await call(own, "ListNamespaces", {})).Namespaces ?? [];
      expect(all.map(({ Id = "" }) => Id)).to.deep.equal(all.map(({ Id = "" }) => Id).toSorted());
      const Filters = [{ Name: "NAME", Values: ["a-"], Condition: "BEGINS_WITH" }] as const;
      const found: (string | undefined)[] = [];
      const sizes: number[] = [];
      for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
        const page = await call(own, "ListNamespaces", { MaxResults: 2, Filters, ...(NextToken && { NextToken }) });
        sizes.push(page.Namespaces?.length ?? 0);
        found.push(...(page.Namespaces ?? []).map(({ Name }) => Name));
        NextToken = page.NextToken;
      }
      expect(found.toSorted()).to.deep.equal(["a-1", "a-2", "a-3"]);
      const names = all.map(({ Name = "" }) => Number(Name.startsWith("a")));
      const [one = 0, two = 0, three = 0, four = 0, five = 0] = names;
      expect(sizes).to.deep.equal([one + two, three + four, five]);
    });

    it("filters by type, name, HTTP name and owner, all of which must match", async () => {
      await using own = await start();
      for (const name of ["x", "xy", "z"]) await makeNamespace(own, name);
      const names = async (...Filters: { Name: string; Values: string[]; Condition?: string }[]) =>
        ((await call(own, "ListNamespaces", { Filters } as never)).Namespaces ?? []).map(({ Name }) => Name).toSorted();
      expect(await names({ Name: "TYPE", Values: ["HTTP"] })).to.deep.equal(["x", "xy", "z"]);
      expect(await names({ Name: "TYPE", Values: ["DNS_PRIVATE"] })).to.deep.equal([]);
      expect(await names({ Name: "TYPE", Values: ["HT"], Condition: "BEGINS_WITH" })).to.deep.equal(["x", "xy", "z"]);
      expect(await names({ Name: "TYPE", Values: ["DNS_"], Condition: "BEGINS_WITH" })).to.deep.equal([]);
      expect(await names({ Name: "NAME", Values: ["x"] })).to.deep.equal(["x"]);
      expect(await names({ Name: "NAME", Values: ["x"], Condition: "BEGINS_WITH" })).to.deep.equal(["x", "xy"]);
      expect(await names({ Name: "HTTP_NAME", Values: ["xy"], Condition: "EQ" })).to.deep.equal(["xy"]);
      expect(await names({ Name: "RESOURCE_OWNER", Values: ["SELF"] })).to.deep.equal(["x", "xy", "z"]);
      expect(await names({ Name: "RESOURCE_OWNER", Values: ["OTHER_ACCOUNTS"] })).to.deep.equal([]);
      const both = [
        { Name: "NAME", Values: ["x"], Condition: "BEGINS_WITH" },
        { Name: "HTTP_NAME", Values: ["xy"] },
      ];
      expect(await names(...both)).to.deep.equal(["xy"]);
    });

    it("refuses conditions and numbers of values that a filter does not take", async () => {
      const message = async (filter: object) => {
        const { __type, Message } = await refusal(engine, "ListNamespaces", { Filters: [filter] });
        expect(__type).to.equal("InvalidInput");
        return Message;
      };
      expect(await message({ Name: "RESOURCE_OWNER", Values: ["SELF"], Condition: "BEGINS_WITH" })).to.equal(
        "The filter RESOURCE_OWNER takes the conditions EQ, not BEGINS_WITH.",
      );
      expect(await message({ Name: "NAME", Values: ["a"], Condition: "IN" })).to.equal(
        "The filter NAME takes the conditions EQ, BEGINS_WITH, not IN.",
      );
      expect(await message({ Name: "NAME", Values: [] })).to.equal(
        "The filter NAME with EQ takes one value, and has 0.",
      );
      expect(await message({ Name: "NAME", Values: ["a", "b"] })).to.equal(
        "The filter NAME with EQ takes one value, and has 2.",
      );
    });
  });
});
