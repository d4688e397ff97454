/** DNS namespaces and the services in them, as the API tells of them. */
import { expect } from "chai";
import type { Input } from "../../api/operations.ts";
import { call, makeService, namespaceOf, type Running, refusal, register, start } from "./running.ts";

describe("DNS namespaces", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  const makePrivate = async (input: Input<"CreatePrivateDnsNamespace">) =>
    namespaceOf(engine, await call(engine, "CreatePrivateDnsNamespace", input));
  const makePublic = async (input: Input<"CreatePublicDnsNamespace">) =>
    namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", input));
  const get = async (Id: string) => (await call(engine, "GetNamespace", { Id })).Namespace;
  const soa = (TTL: number) => ({ DnsProperties: { SOA: { TTL } } });

  describe("CreatePrivateDnsNamespace, CreatePublicDnsNamespace", () => {
    it("make a zone whose SOA has the TTL that is asked for, or the type's own", async () => {
      const cases = [
        [await makePrivate({ Name: "a.internal", Vpc: "vpc-1" }), "DNS_PRIVATE", 15],
        [await makePrivate({ Name: "b.internal", Vpc: "vpc-1", Properties: soa(0) }), "DNS_PRIVATE", 0],
        [await makePublic({ Name: "a.example.com" }), "DNS_PUBLIC", 60],
        [await makePublic({ Name: "b.example.com", Properties: soa(7) }), "DNS_PUBLIC", 7],
      ] as const;
      for (const [id, type, ttl] of cases) {
        const found = await get(id);
        expect(found?.Type).to.equal(type);
        expect(found?.Properties?.DnsProperties?.SOA).to.deep.equal({ TTL: ttl });
        expect(found?.Properties?.DnsProperties?.HostedZoneId).to.match(/^Z[A-Z2-7]{16}$/);
      }
    });

    it("give the namespace an HttpName, with a suffix where the name is held", async () => {
      const first = await get(await makePublic({ Name: "held.example.com" }));
      const second = await get(await makePrivate({ Name: "held.example.com", Vpc: "vpc-1" }));
      expect(first?.Properties?.HttpProperties?.HttpName).to.equal("held.example.com");
      expect(second?.Properties?.HttpProperties?.HttpName).to.match(/^held\.example\.com-[a-z2-7]{16}$/);
    });

    it("refuse a name of the same type that differs in case only", async () => {
      const id = await makePublic({ Name: "case.example.com", CreatorRequestId: "token-case" });
      const refused = await refusal(engine, "CreatePublicDnsNamespace", { Name: "CASE.example.com" });
      expect(refused).to.include({
        __type: "NamespaceAlreadyExists",
        NamespaceId: id,
        CreatorRequestId: "token-case",
      });
    });

    it("refuse what DNS cannot carry", async () => {
      for (const Name of ["a..b", ".", `${"x".repeat(64)}.internal`]) {
        expect(await refusal(engine, "CreatePrivateDnsNamespace", { Name, Vpc: "vpc-1" })).to.include({
          __type: "InvalidInput",
          Message: "Name: must be a DNS name: labels of 1 to 63 characters, joined by dots",
        });
      }
      expect(await makePrivate({ Name: "single", Vpc: "vpc-1" })).to.match(/^ns-/);
    });

    it("let a private name be taken once in each VPC; a second in one VPC fails in its operation", async () => {
      const first = await makePrivate({ Name: "twice.internal", Vpc: "vpc-1" });
      expect(await makePrivate({ Name: "twice.internal", Vpc: "vpc-2" })).not.to.equal(first);
      for (const Name of ["Twice.internal", "twice.internal."]) {
        const { OperationId = "" } = await call(engine, "CreatePrivateDnsNamespace", { Name, Vpc: "vpc-1" });
        const { Operation } = await call(engine, "GetOperation", { OperationId });
        expect(Operation).to.include({ Status: "FAIL", ErrorCode: "CANNOT_CREATE_HOSTED_ZONE" });
        expect(Operation?.ErrorMessage).to.include("ConflictingDomainExists").and.to.include(first);
      }
      await call(engine, "DeleteNamespace", { Id: first });
      expect(await makePrivate({ Name: "twice.internal", Vpc: "vpc-1" })).not.to.equal(first);
    });

    it("answer the same operation to the same token", async () => {
      const input = { Name: "again.internal", Vpc: "vpc-1", CreatorRequestId: "token-again" };
      const once = await call(engine, "CreatePrivateDnsNamespace", input);
      expect(await call(engine, "CreatePrivateDnsNamespace", input)).to.deep.equal(once);
      const other = await refusal(engine, "CreatePrivateDnsNamespace", { ...input, Vpc: "vpc-2" });
      expect(other.__type).to.equal("InvalidInput");
    });

    it("do not take a token of a namespace of another kind for their own, be all else the same", async () => {
      const input = { Name: "kinds.example.com", CreatorRequestId: "token-kinds" };
      await call(engine, "CreateHttpNamespace", input);
      expect(await refusal(engine, "CreatePublicDnsNamespace", input)).to.include({
        __type: "InvalidInput",
        Message: "This request token was used before with another input; use a new one.",
      });
    });

    it("refuse a VPC without a name", async () => {
      expect(await refusal(engine, "CreatePrivateDnsNamespace", { Name: "novpc.internal", Vpc: "" })).to.deep.equal({
        __type: "InvalidInput",
        Message: "Vpc must be the id of a VPC.",
      });
    });
  });

  describe("UpdatePrivateDnsNamespace, UpdatePublicDnsNamespace", () => {
    it("change what they are given, and leave the rest", async () => {
      const Id = await makePrivate({ Name: "update.internal", Vpc: "vpc-1", Description: "one", Properties: soa(30) });
      const update = (Namespace: Input<"UpdatePrivateDnsNamespace">["Namespace"]) =>
        call(engine, "UpdatePrivateDnsNamespace", { Id, Namespace });
      const state = async () => {
        const found = await get(Id);
        return [found?.Description, found?.Properties?.DnsProperties?.SOA?.TTL];
      };
      await update({ Properties: soa(40) });
      expect(await state()).to.deep.equal(["one", 40]);
      await update({ Description: "two" });
      expect(await state()).to.deep.equal(["two", 40]);
      await update({ Description: "" });
      expect(await state()).to.deep.equal([undefined, 40]);
    });

    it("refuse a namespace of another type", async () => {
      const Id = await makePublic({ Name: "typed.example.com" });
      const refused = await refusal(engine, "UpdatePrivateDnsNamespace", { Id, Namespace: { Description: "x" } });
      expect(refused.Message).to.equal(`The namespace ${Id} is of type DNS_PUBLIC, not DNS_PRIVATE.`);
    });
  });

  describe("CreateService in a DNS namespace", () => {
    const records = (...types: readonly ("A" | "AAAA" | "SRV" | "CNAME")[]) => ({
      DnsRecords: types.map((Type) => ({ Type, TTL: 60 })),
    });

    it("answers MULTIVALUE where no routing policy is given, and type DNS_HTTP", async () => {
      const NamespaceId = await makePublic({ Name: "service.example.com" });
      const { Service } = await call(engine, "CreateService", { Name: "a", NamespaceId, DnsConfig: records("A") });
      expect(Service).to.deep.include({ Type: "DNS_HTTP", NamespaceId });
      expect(Service?.DnsConfig).to.deep.equal({ ...records("A"), RoutingPolicy: "MULTIVALUE" });
    });

    it("takes the namespace's id in DnsConfig, as of old, and echoes it there", async () => {
      const NamespaceId = await makePublic({ Name: "old.example.com" });
      const DnsConfig = { ...records("A"), NamespaceId };
      const { Service } = await call(engine, "CreateService", { Name: "a", DnsConfig });
      expect([Service?.NamespaceId, Service?.DnsConfig?.NamespaceId]).to.deep.equal([NamespaceId, NamespaceId]);
      const { Arn = "" } = (await get(NamespaceId)) ?? {};
      const both = await call(engine, "CreateService", { Name: "b", NamespaceId: Arn, DnsConfig });
      expect(both.Service?.NamespaceId).to.equal(NamespaceId);
      const two = await refusal(engine, "CreateService", { Name: "c", NamespaceId: "ns-other", DnsConfig });
      expect(two.__type).to.equal("InvalidInput");
    });

    it("compares names without case, also in discovery", async () => {
      const NamespaceId = await makePublic({ Name: "nocase.example.com" });
      const id = await makeService(engine, NamespaceId, "Api", { DnsConfig: records("A") });
      const refused = await refusal(engine, "CreateService", { Name: "aPI", NamespaceId, DnsConfig: records("A") });
      expect(refused).to.include({ __type: "ServiceAlreadyExists", ServiceId: id });
      await register(engine, id, "i-1", { AWS_INSTANCE_IPV4: "192.0.2.1" });
      const found = await call(engine, "DiscoverInstances", {
        NamespaceName: "nocase.example.com",
        ServiceName: "API",
      });
      expect(found.Instances?.map(({ InstanceId, ServiceName }) => [InstanceId, ServiceName])).to.deep.equal([
        ["i-1", "Api"],
      ]);
      await call(engine, "DeregisterInstance", { ServiceId: id, InstanceId: "i-1" });
      await call(engine, "DeleteService", { Id: id });
      expect(await makeService(engine, NamespaceId, "api", { DnsConfig: records("A") })).to.equal(id);
    });

    it("refuses a name that DNS cannot carry under that of the namespace", async () => {
      const long = `${"n".repeat(63)}.${"n".repeat(63)}.com`;
      const NamespaceId = await makePublic({ Name: long });
      const Name = `${"s".repeat(63)}.${"s".repeat(252 - 64 - long.length)}`;
      const DnsConfig = records("A");
      await makeService(engine, NamespaceId, Name, { DnsConfig });
      expect(await refusal(engine, "CreateService", { NamespaceId, Name: `${Name}s`, DnsConfig })).to.deep.equal({
        __type: "InvalidInput",
        Message: "Name: with the namespace's it has 254 characters, and DNS takes 253.",
      });
      await call(engine, "CreateService", { NamespaceId, Name: `${Name}s`, Type: "HTTP" });
    });

    it("asks of instances what their records need", async () => {
      const NamespaceId = await makePublic({ Name: "needs.example.com" });
      const srv = await makeService(engine, NamespaceId, "srv", { DnsConfig: records("SRV") });
      const refused = await refusal(engine, "RegisterInstance", {
        ServiceId: srv,
        InstanceId: "a",
        Attributes: { AWS_INSTANCE_IPV4: "192.0.2.1" },
      });
      expect(refused.Message).to.include("AWS_INSTANCE_PORT: is required: the service has SRV records");
      await register(engine, srv, "a", { AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "80" });
    });
  });
});
