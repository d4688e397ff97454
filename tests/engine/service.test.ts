// Services over HTTP: create, get, list, delete.
import { expect } from "chai";
import { call, makeNamespace, makeService, type Running, refusal, register, start } from "./running.ts";

describe("services", () => {
  let engine: Running;
  let namespace: string;
  before(async () => {
    engine = await start({ account: "123456789012" });
    namespace = await makeNamespace(engine, "services");
  });
  after(() => engine[Symbol.asyncDispose]());

  const arnOf = (id: string) => `arn:aws:servicediscovery:us-east-1:123456789012:service/${id}`;

  describe("CreateService", () => {
    it("makes a service and answers it", async () => {
      const input = {
        Name: "api",
        NamespaceId: namespace,
        CreatorRequestId: "token-api",
        Description: "what it does",
        HealthCheckCustomConfig: { FailureThreshold: 7 },
        Tags: [{ Key: "team", Value: "a" }],
      };
      const { Service } = await call(engine, "CreateService", input);
      const { Id = "" } = Service ?? {};
      expect(Id).to.match(/^srv-[a-z2-7]{16}$/);
      expect(Service).to.deep.equal({
        Id,
        Arn: arnOf(Id),
        ResourceOwner: "123456789012",
        CreatedByAccount: "123456789012",
        Name: "api",
        NamespaceId: namespace,
        Type: "HTTP",
        Description: "what it does",
        InstanceCount: 0,
        HealthCheckCustomConfig: { FailureThreshold: 1 },
        CreateDate: engine.clock.now / 1000,
        CreatorRequestId: "token-api",
      });
      expect(await call(engine, "GetService", { Id })).to.deep.equal({ Service });
      expect(await call(engine, "GetService", { Id: arnOf(Id) })).to.deep.equal({ Service });
    });

    it("has an id that follows from account, namespace and name", async () => {
      const input = { NamespaceId: namespace, Name: "same" };
      const first = await call(engine, "CreateService", input);
      await call(engine, "DeleteService", { Id: first.Service?.Id ?? "" });
      engine.clock.now += 5_000;
      const second = await call(engine, "CreateService", input);
      expect(second.Service).to.deep.equal({ ...first.Service, CreateDate: engine.clock.now / 1000 });
      const elsewhere = await makeService(engine, await makeNamespace(engine, "elsewhere"), "same");
      expect(elsewhere).not.to.equal(first.Service?.Id);
    });

    it("refuses a name that is taken in the namespace, and names who has it", async () => {
      const input = { NamespaceId: namespace, Name: "taken" };
      const Id = await makeService(engine, namespace, "taken", { CreatorRequestId: "token-taken" });
      expect(await refusal(engine, "CreateService", { ...input, CreatorRequestId: "another" })).to.deep.equal({
        __type: "ServiceAlreadyExists",
        Message: `A service named taken exists in the namespace: ${Id}.`,
        ServiceId: Id,
        ServiceArn: arnOf(Id),
        CreatorRequestId: "token-taken",
      });
      expect(await makeService(engine, namespace, "Taken"), "another case").not.to.equal(Id);
    });

    it("answers the same request as before, for as long as the service exists", async () => {
      const input = { NamespaceId: namespace, Name: "again", CreatorRequestId: "token-again" };
      const first = await call(engine, "CreateService", input);
      expect(await call(engine, "CreateService", input)).to.deep.equal(first);
      const { __type, Message } = await refusal(engine, "CreateService", { ...input, Description: "other" });
      expect(__type).to.equal("InvalidInput");
      expect(Message).to.equal("This request token was used before with another input; use a new one.");
      await call(engine, "DeleteService", { Id: first.Service?.Id ?? "" });
      expect((await call(engine, "CreateService", { ...input, Description: "other" })).Service).to.include({
        Description: "other",
      });
    });

    it("takes the namespace by its ARN", async () => {
      const NamespaceId = `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${namespace}`;
      const { Service } = await call(engine, "CreateService", { NamespaceId, Name: "by-arn" });
      expect(Service?.NamespaceId).to.equal(namespace);
    });

    it("refuses a namespace that is not there, that of another account, and none at all", async () => {
      const arn = `arn:aws:servicediscovery:us-east-1:999999999999:namespace/${namespace}`;
      for (const NamespaceId of ["ns-none", arn]) {
        expect(await refusal(engine, "CreateService", { NamespaceId, Name: "s" })).to.deep.equal({
          __type: "NamespaceNotFound",
          Message: `No namespace ${NamespaceId} exists.`,
        });
      }
      expect(await refusal(engine, "CreateService", { Name: "s" })).to.deep.equal({
        __type: "InvalidInput",
        Message: "NamespaceId is required.",
      });
    });

    it("refuses what does not go together", async () => {
      const message = async (input: object) => {
        const { __type, Message } = await refusal(engine, "CreateService", {
          NamespaceId: namespace,
          Name: "bad",
          ...input,
        });
        expect(__type).to.equal("InvalidInput");
        return Message;
      };
      expect(await message({ DnsConfig: { DnsRecords: [{ Type: "A", TTL: 60 }] } })).to.equal(
        "DnsConfig: cannot be given: when you specify an HTTP service, you can't include a DnsConfig element; leave it out, or create the service in a DNS namespace",
      );
      expect(await message({ HealthCheckConfig: { Type: "HTTP" }, HealthCheckCustomConfig: {} })).to.equal(
        "HealthCheckCustomConfig: cannot be given together with HealthCheckConfig; keep one of the two",
      );
      expect(await message({ HealthCheckConfig: { Type: "TCP", ResourcePath: "/" } })).to.equal(
        "HealthCheckConfig.ResourcePath: cannot be given when Type is TCP; leave it out",
      );
    });

    it("takes every name that the pattern allows", async () => {
      for (const name of [".", "a", "_", "_x._tcp", "a.b.c", "a-b", "A_9", `${"x".repeat(63)}.${"y".repeat(63)}`]) {
        if (name === "_") continue;
        const id = await makeService(engine, namespace, name);
        expect((await call(engine, "GetService", { Id: id })).Service?.Name).to.equal(name);
      }
      for (const name of ["", "-a", "a-", "a..b", "a b", "x".repeat(64), `${"x.".repeat(64)}x`, "ä", "..", "a\n"]) {
        expect((await refusal(engine, "CreateService", { NamespaceId: namespace, Name: name })).__type, name).to.equal(
          "InvalidInput",
        );
      }
      for (const name of ["constructor", "toString", "hasOwnProperty"]) {
        const id = await makeService(engine, namespace, name);
        await register(engine, id, "i");
        const found = await call(engine, "DiscoverInstances", { NamespaceName: "services", ServiceName: name });
        expect(found.Instances).to.have.length(1);
      }
    });

    it("answers a check as it was given, for a default that is filled in would be a change in every plan of Terraform", async () => {
      const given = [
        { Type: "HTTPS", ResourcePath: "/health" },
        { Type: "HTTP", FailureThreshold: 2 },
        { Type: "HTTP" },
        { Type: "TCP" },
      ] as const;
      for (const [index, HealthCheckConfig] of given.entries()) {
        const Id = await makeService(engine, namespace, `probed-${index}`, { HealthCheckConfig });
        const { Service } = await call(engine, "GetService", { Id });
        expect(Service?.HealthCheckConfig).to.deep.equal(HealthCheckConfig);
      }
    });
  });

  describe("GetService", () => {
    it("refuses what is not there, and the ARN of another kind", async () => {
      for (const Id of [
        "srv-none",
        "",
        namespace,
        `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${namespace}`,
      ]) {
        expect(await refusal(engine, "GetService", { Id })).to.deep.equal({
          __type: "ServiceNotFound",
          Message: `No service ${Id} exists.`,
        });
      }
    });

    it("counts the instances", async () => {
      const Id = await makeService(engine, namespace, "counted");
      await register(engine, Id, "a");
      await register(engine, Id, "b");
      await register(engine, Id, "b");
      expect((await call(engine, "GetService", { Id })).Service?.InstanceCount).to.equal(2);
    });
  });

  describe("DeleteService", () => {
    it("removes a service without instances, and no other", async () => {
      const Id = await makeService(engine, namespace, "gone");
      await register(engine, Id, "i");
      expect(await refusal(engine, "DeleteService", { Id })).to.deep.equal({
        __type: "ResourceInUse",
        Message: `Service ${Id} contains registered instances; delete the instances before deleting the service.`,
      });
      await call(engine, "DeregisterInstance", { ServiceId: Id, InstanceId: "i" });
      expect(await call(engine, "DeleteService", { Id: arnOf(Id) })).to.deep.equal({});
      for (const name of ["GetService", "DeleteService"]) {
        expect((await refusal(engine, name, { Id })).__type).to.equal("ServiceNotFound");
      }
      const asked = { ServiceId: Id, InstanceId: "i" };
      for (const [name, input] of [
        ["ListInstances", asked],
        ["DeregisterInstance", asked],
        ["RegisterInstance", { ...asked, Attributes: {} }],
        ["UpdateInstanceCustomHealthStatus", { ...asked, Status: "HEALTHY" }],
        ["DiscoverInstances", { NamespaceName: "services", ServiceName: "gone" }],
      ] as const) {
        expect((await refusal(engine, name, input)).__type, name).to.equal("ServiceNotFound");
      }
      expect(await refusal(engine, "GetInstance", asked), "an instance goes before its service").to.deep.equal({
        __type: "InstanceNotFound",
        Message: `No instance i is registered in the service ${Id}.`,
      });
    });

    it("decides between a new instance and its own end when both come at once", async () => {
      for (let round = 0; round < 20; round += 1) {
        const Id = await makeService(engine, namespace, `race-${round}`);
        const both = await Promise.allSettled([register(engine, Id, "i"), call(engine, "DeleteService", { Id })]);
        expect(both.map(({ status }) => status).toSorted()).to.deep.equal(["fulfilled", "rejected"]);
      }
    });

    it("follows the last deregistration when both come at once", async () => {
      for (let round = 0; round < 20; round += 1) {
        const Id = await makeService(engine, namespace, `last-${round}`);
        await register(engine, Id, "i");
        const leaving = call(engine, "DeregisterInstance", { ServiceId: Id, InstanceId: "i" });
        await Promise.allSettled([leaving, call(engine, "DeleteService", { Id })]);
        const exists = await call(engine, "GetService", { Id }).then(
          ({ Service }) => Service?.InstanceCount,
          () => "gone",
        );
        expect(exists).to.be.oneOf([0, "gone"]);
      }
    });
  });

  describe("ListServices", () => {
    it("answers summaries, by namespace where it is asked for by id or by ARN", async () => {
      await using own = await start({ account: "123456789012" });
      const [one, two] = [await makeNamespace(own, "one"), await makeNamespace(own, "two")];
      const Id = await makeService(own, one, "s", { CreatorRequestId: "t", Description: "d" });
      await makeService(own, two, "s");
      const arn = `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${one}`;
      for (const value of [one, arn]) {
        const { Services } = await call(own, "ListServices", { Filters: [{ Name: "NAMESPACE_ID", Values: [value] }] });
        expect(Services).to.deep.equal([
          {
            Id,
            Arn: arnOf(Id),
            ResourceOwner: "123456789012",
            CreatedByAccount: "123456789012",
            Name: "s",
            Type: "HTTP",
            Description: "d",
            InstanceCount: 0,
            CreateDate: own.clock.now / 1000,
          },
        ]);
      }
      expect((await call(own, "ListServices", {})).Services).to.have.length(2);
      const none = [{ Name: "NAMESPACE_ID", Values: ["ns-none"] }] as const;
      expect((await call(own, "ListServices", { Filters: none })).Services).to.deep.equal([]);
      const condition = [{ Name: "NAMESPACE_ID", Values: [one], Condition: "BEGINS_WITH" }];
      expect((await refusal(own, "ListServices", { Filters: condition })).Message).to.equal(
        "The filter NAMESPACE_ID takes the conditions EQ, not BEGINS_WITH.",
      );
    });
  });
});
