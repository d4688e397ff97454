/** UpdateService and the attributes of services. */
import { expect } from "chai";
import type { Input } from "../../api/operations.ts";
import { call, makeNamespace, makeService, namespaceOf, type Running, refusal, start } from "./running.ts";

describe("UpdateService", () => {
  let engine: Running;
  let namespaceId: string;
  before(async () => {
    engine = await start();
    namespaceId = await namespaceOf(engine, await call(engine, "CreatePublicDnsNamespace", { Name: "example.com" }));
  });
  after(() => engine[Symbol.asyncDispose]());

  const records = (TTL: number) => ({
    DnsRecords: [
      { Type: "A" as const, TTL },
      { Type: "AAAA" as const, TTL },
    ],
  });
  const make = (Name: string) =>
    makeService(engine, namespaceId, Name, {
      Description: "one",
      DnsConfig: records(60),
      HealthCheckConfig: { Type: "HTTP", ResourcePath: "/health" },
    });
  const update = async (Id: string, Service: Input<"UpdateService">["Service"]) => {
    const { OperationId = "" } = await call(engine, "UpdateService", { Id, Service });
    return (await call(engine, "GetOperation", { OperationId })).Operation;
  };
  const get = async (Id: string) => (await call(engine, "GetService", { Id })).Service;

  it("is an operation on the service", async () => {
    const id = await make("operation");
    const operation = await update(id, { DnsConfig: records(60) });
    expect(operation).to.deep.include({ Type: "UPDATE_SERVICE", Status: "SUCCESS", Targets: { SERVICE: id } });
  });

  it("changes TTLs and probes, and leaves a description that it is not given", async () => {
    const id = await make("change");
    await update(id, {
      DnsConfig: records(10),
      HealthCheckConfig: { Type: "HTTP", ResourcePath: "/up", FailureThreshold: 3 },
    });
    const found = await get(id);
    expect(found?.Description).to.equal("one");
    expect(found?.DnsConfig).to.deep.equal({ ...records(10), RoutingPolicy: "MULTIVALUE" });
    expect(found?.HealthCheckConfig).to.deep.equal({ Type: "HTTP", ResourcePath: "/up", FailureThreshold: 3 });
  });

  it("answers a check as the update gave it, with nothing filled in", async () => {
    const id = await make("as-given");
    await update(id, { DnsConfig: records(60), HealthCheckConfig: { Type: "HTTP" } });
    expect((await get(id))?.HealthCheckConfig).to.deep.equal({ Type: "HTTP" });
  });

  it("removes records and probes that it is not given: it is a PUT", async () => {
    const id = await make("put");
    await update(id, { Description: "" });
    const found = await get(id);
    expect(found).not.to.have.any.keys("Description", "DnsConfig", "HealthCheckConfig");
  });

  it("never touches a custom health check", async () => {
    const id = await makeService(engine, namespaceId, "custom", {
      DnsConfig: records(60),
      HealthCheckCustomConfig: {},
    });
    await update(id, { DnsConfig: records(5) });
    expect((await get(id))?.HealthCheckCustomConfig).to.deep.equal({ FailureThreshold: 1 });
    const refused = await refusal(engine, "UpdateService", {
      Id: id,
      Service: { DnsConfig: records(5), HealthCheckConfig: { Type: "TCP" } },
    });
    expect(refused.__type).to.equal("InvalidInput");
  });

  it("takes the records in any order, and refuses other types of them", async () => {
    const id = await make("types");
    await update(id, { DnsConfig: { DnsRecords: [...records(9).DnsRecords].reverse() } });
    const refused = await refusal(engine, "UpdateService", {
      Id: id,
      Service: { DnsConfig: { DnsRecords: [{ Type: "A", TTL: 1 }] } },
    });
    expect(refused.Message).to.equal(
      "The record types in the request must be the same as those present in the service: A,AAAA.",
    );
  });

  it("refuses another type of health check", async () => {
    const id = await make("check");
    const Service = { DnsConfig: records(60), HealthCheckConfig: { Type: "TCP" } };
    const refused = await refusal(engine, "UpdateService", { Id: id, Service });
    expect(refused.Message).to.equal("Type of health check cannot be changed: it is HTTP.");
  });

  it("refuses services of HTTP namespaces", async () => {
    const id = await makeService(engine, await makeNamespace(engine, "http"), "a");
    const refused = await refusal(engine, "UpdateService", { Id: id, Service: { Description: "x" } });
    expect(refused).to.include({
      __type: "InvalidInput",
      Message: `The service ${id} is in an HTTP namespace, and cannot be updated.`,
    });
  });

  it("refuses a service that is not there", async () => {
    const refused = await refusal(engine, "UpdateService", { Id: "srv-none", Service: {} });
    expect(refused.__type).to.equal("ServiceNotFound");
  });
});

describe("service attributes", () => {
  let engine: Running;
  let ServiceId: string;
  before(async () => {
    engine = await start();
    ServiceId = await makeService(engine, await makeNamespace(engine, "demo"), "api");
  });
  after(() => engine[Symbol.asyncDispose]());

  const set = (Attributes: Record<string, string>) =>
    call(engine, "UpdateServiceAttributes", { ServiceId, Attributes });
  const remove = (...Attributes: string[]) => call(engine, "DeleteServiceAttributes", { ServiceId, Attributes });
  const attributes = async () =>
    (await call(engine, "GetServiceAttributes", { ServiceId })).ServiceAttributes?.Attributes;

  it("are none at first, and answered with the service's ARN and owner", async () => {
    const { ServiceAttributes } = await call(engine, "GetServiceAttributes", { ServiceId });
    const { account } = engine.engine;
    expect(ServiceAttributes).to.deep.equal({
      ServiceArn: `arn:aws:servicediscovery:us-east-1:${account}:service/${ServiceId}`,
      ResourceOwner: account,
      Attributes: {},
    });
  });

  it("are merged when they are updated, removed by key, and kept over a restart", async () => {
    await set({ team: "payments", tier: "1" });
    await set({ tier: "2", ["__proto__"]: "own" });
    await remove("team", "none");
    await engine.restart();
    expect(Object.entries((await attributes()) ?? {})).to.have.deep.members([
      ["tier", "2"],
      ["__proto__", "own"],
    ]);
    await remove("tier", "__proto__");
    expect(await attributes()).to.deep.equal({});
  });

  it("are at most 30, counted together with those that are there", async () => {
    await set(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, ""])));
    await set({ k0: "new" });
    const refused = await refusal(engine, "UpdateServiceAttributes", { ServiceId, Attributes: { more: "" } });
    expect(refused).to.include({
      __type: "ServiceAttributesLimitExceededException",
      Message: `The service ${ServiceId} would have 31 attributes; at most 30 are allowed.`,
    });
    expect((await attributes())?.k0).to.equal("new");
  });

  it("do not show in what GetService answers", async () => {
    const { Service } = await call(engine, "GetService", { Id: ServiceId });
    expect(Service).not.to.have.any.keys("Attributes", "Tags");
  });
});
