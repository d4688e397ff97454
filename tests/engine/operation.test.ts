// Operations over HTTP: GetOperation, ListOperations, and changes that are slow on purpose.
import { expect } from "chai";
import { call, makeNamespace, makeService, namespaceOf, type Running, refusal, register, start } from "./running.ts";

describe("operations", () => {
  describe("GetOperation", () => {
    let engine: Running;
    before(async () => {
      engine = await start();
    });
    after(() => engine[Symbol.asyncDispose]());

    it("refuses ids that no operation has, however near", async () => {
      const { OperationId = "" } = await call(engine, "CreateHttpNamespace", { Name: "n" });
      const near = [OperationId.replace("-", "_"), ` ${OperationId}`, OperationId.slice(1), `${OperationId} `];
      for (const id of ["", "none", "__proto__", ...near]) {
        expect(await refusal(engine, "GetOperation", { OperationId: id })).to.deep.equal({
          __type: "OperationNotFound",
          Message: `No operation ${id} is known; operations that ended long ago are forgotten.`,
        });
      }
    });

    it("gives no id twice", async () => {
      const service = await makeService(engine, await makeNamespace(engine, "many"), "s");
      const ids = await Promise.all(Array.from({ length: 500 }, (_, index) => register(engine, service, `i-${index}`)));
      expect(new Set(ids)).to.have.length(500);
    });

    it("makes no operation for a request that is refused", async () => {
      const count = async () => (await call(engine, "ListOperations", {})).Operations?.length;
      const before = await count();
      await refusal(engine, "CreateHttpNamespace", { Name: "n" });
      await refusal(engine, "DeleteNamespace", { Id: "ns-none" });
      expect(await count()).to.equal(before);
    });
  });

  describe("ListOperations", () => {
    let engine: Running;
    let namespace: string;
    let service: string;
    let all: string[];
    before(async () => {
      engine = await start();
      const created = await call(engine, "CreateHttpNamespace", { Name: "n" });
      namespace = await namespaceOf(engine, created);
      service = await makeService(engine, namespace, "s");
      all = [created.OperationId ?? ""];
      for (const id of ["a", "b", "c"]) {
        engine.clock.now += 1000;
        all.push(await register(engine, service, id));
      }
      engine.clock.now += 1000;
      const { OperationId = "" } = await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "a" });
      all.push(OperationId);
    });
    after(() => engine[Symbol.asyncDispose]());

    const list = async (...Filters: object[]) => {
      const { Operations = [] } = await call(engine, "ListOperations", { Filters } as never);
      return Operations.map(({ Id = "" }) => all.indexOf(Id));
    };

    it("answers ids and statuses, newest first", async () => {
      const { Operations } = await call(engine, "ListOperations", {});
      expect(Operations).to.deep.equal(all.toReversed().map((Id) => ({ Id, Status: "SUCCESS" })));
    });

    it("goes on with the next page where the last one ended, also when newer ones have come", async () => {
      const first = await call(engine, "ListOperations", { MaxResults: 2 });
      await engine.restart();
      const { NextToken = "" } = first;
      const second = await call(engine, "ListOperations", { MaxResults: 2, NextToken });
      const third = await call(engine, "ListOperations", { MaxResults: 2, NextToken: second.NextToken ?? "" });
      const ids = [first, second, third].flatMap(({ Operations = [] }) =>
        Operations.map(({ Id = "" }) => all.indexOf(Id)),
      );
      expect(ids).to.deep.equal([4, 3, 2, 1, 0]);
      expect(third).not.to.have.property("NextToken");
    });

    it("filters by namespace, service, status, type and date", async () => {
      expect(await list({ Name: "NAMESPACE_ID", Values: [namespace] })).to.deep.equal([0]);
      expect(await list({ Name: "SERVICE_ID", Values: [service] })).to.deep.equal([4, 3, 2, 1]);
      expect(await list({ Name: "SERVICE_ID", Values: ["srv-none"] })).to.deep.equal([]);
      const prefix = `arn:aws:servicediscovery:us-east-1:${engine.engine.account}`;
      expect(await list({ Name: "NAMESPACE_ID", Values: [`${prefix}:namespace/${namespace}`] })).to.deep.equal([0]);
      expect(await list({ Name: "SERVICE_ID", Values: [`${prefix}:service/${service}`] })).to.have.length(4);
      expect(await list({ Name: "STATUS", Values: ["SUCCESS"] })).to.have.length(5);
      expect(await list({ Name: "STATUS", Values: ["SUCCEED"] })).to.have.length(5);
      expect(await list({ Name: "STATUS", Values: ["PENDING", "FAIL"], Condition: "IN" })).to.deep.equal([]);
      expect(await list({ Name: "TYPE", Values: ["DEREGISTER_INSTANCE"] })).to.deep.equal([4]);
      const types = ["DEREGISTER_INSTANCE", "CREATE_NAMESPACE"];
      expect(await list({ Name: "TYPE", Values: types, Condition: "IN" })).to.deep.equal([4, 0]);
      const at = (seconds: number) => String(engine.clock.now / 1000 - seconds);
      const dates = { Name: "UPDATE_DATE", Values: [at(3), at(1)], Condition: "BETWEEN" };
      expect(await list(dates)).to.deep.equal([3, 2, 1]);
      expect(await list(dates, { Name: "TYPE", Values: ["CREATE_NAMESPACE"] })).to.deep.equal([]);
    });

    it("refuses conditions and numbers of values that a filter does not take", async () => {
      const message = async (filter: object) =>
        (await refusal(engine, "ListOperations", { Filters: [filter] })).Message;
      expect(await message({ Name: "UPDATE_DATE", Values: ["1"], Condition: "BETWEEN" })).to.equal(
        "The filter UPDATE_DATE with BETWEEN takes two values: the start and the end, and has 1.",
      );
      expect(await message({ Name: "UPDATE_DATE", Values: ["1"] })).to.equal(
        "The filter UPDATE_DATE takes the conditions BETWEEN, not EQ.",
      );
      expect(await message({ Name: "UPDATE_DATE", Values: ["yesterday", "2"], Condition: "BETWEEN" })).to.equal(
        "The filter UPDATE_DATE takes times in seconds since 1970, not yesterday.",
      );
      expect(await message({ Name: "UPDATE_DATE", Values: ["2", "1"], Condition: "BETWEEN" })).to.equal(
        "The filter UPDATE_DATE takes the start first, and 2 is after 1.",
      );
      expect(await message({ Name: "STATUS", Values: [], Condition: "IN" })).to.equal(
        "The filter STATUS with IN takes at least one value, and has 0.",
      );
    });
  });

  describe("made slow", () => {
    const hour = 3_600_000;
    let engine: Running;
    let namespace: string;
    let service: string;
    /** Everything begins without a delay; what the tests do then takes an hour. */
    beforeEach(async () => {
      engine = await start();
      namespace = await makeNamespace(engine, "n");
      service = await makeService(engine, namespace, "s", { HealthCheckCustomConfig: {} });
      await register(engine, service, "there");
      await engine.restart({ operationDelay: hour });
    });
    afterEach(() => engine[Symbol.asyncDispose]());

    const status = async (OperationId = "") => (await call(engine, "GetOperation", { OperationId })).Operation?.Status;
    /** A restart takes up what is under way: an hour later all of it is due. */
    const finish = async () => {
      engine.clock.now += hour;
      await engine.restart({ operationDelay: hour });
      for (let pending = true; pending; ) {
        const Filters = [{ Name: "STATUS", Values: ["PENDING"] }] as const;
        pending = ((await call(engine, "ListOperations", { Filters })).Operations ?? []).length > 0;
      }
    };
    const asked = {
      get ServiceId() {
        return service;
      },
      InstanceId: "i",
    };

    it("are PENDING, without effect, until their time has come, also over a restart", async () => {
      const { OperationId } = await call(engine, "RegisterInstance", { ...asked, Attributes: { v: "1" } });
      expect(await status(OperationId)).to.equal("PENDING");
      expect((await refusal(engine, "GetInstance", asked)).__type).to.equal("InstanceNotFound");
      engine.clock.now += hour / 2;
      await engine.restart({ operationDelay: hour });
      expect(await status(OperationId)).to.equal("PENDING");
      await finish();
      const { Operation } = await call(engine, "GetOperation", { OperationId: OperationId ?? "" });
      expect(Operation).to.deep.include({ Status: "SUCCESS", Targets: { INSTANCE: "i", SERVICE: service } });
      expect(Operation).not.to.have.property("Request");
      expect((Operation?.UpdateDate ?? 0) - (Operation?.CreateDate ?? 0)).to.be.at.least(hour / 1000);
      expect((await call(engine, "GetInstance", asked)).Instance?.Attributes).to.deep.equal({ v: "1" });
    });

    it("end by themselves", async () => {
      await engine.restart({ operationDelay: 30 });
      const { OperationId } = await call(engine, "RegisterInstance", { ...asked, Attributes: {} });
      while ((await status(OperationId)) === "PENDING");
      expect((await call(engine, "GetInstance", asked)).Instance?.Id).to.equal("i");
    });

    it("keep any other change of the same target away, and name themselves", async () => {
      const request = { ...asked, Attributes: { v: "1" }, CreatorRequestId: "t" };
      const { OperationId = "" } = await call(engine, "RegisterInstance", request);
      const duplicate = {
        __type: "DuplicateRequest",
        Message: `Another change of it is under way: operation ${OperationId}.`,
        DuplicateOperationId: OperationId,
      };
      expect(await call(engine, "RegisterInstance", request), "the same").to.deep.equal({ OperationId });
      expect(await refusal(engine, "RegisterInstance", { ...request, Attributes: { v: "2" } })).to.deep.equal(
        duplicate,
      );
      expect(await refusal(engine, "RegisterInstance", { ...request, CreatorRequestId: "u" })).to.deep.equal(duplicate);
      expect(await refusal(engine, "DeregisterInstance", asked)).to.deep.equal(duplicate);
      await call(engine, "DeregisterInstance", { ...asked, InstanceId: "there" });
      await engine.restart({ operationDelay: hour });
      expect(await refusal(engine, "DeregisterInstance", asked), "after a restart").to.deep.equal(duplicate);
      expect(await call(engine, "RegisterInstance", request), "after a restart").to.deep.equal({ OperationId });
      await finish();
      expect(await call(engine, "RegisterInstance", request), "when it is done").to.deep.equal({ OperationId });
      expect((await refusal(engine, "GetInstance", { ...asked, InstanceId: "there" })).__type).to.equal(
        "InstanceNotFound",
      );
    });

    it("keep a service in use while an instance is on its way", async () => {
      const other = await makeService(engine, namespace, "other");
      await call(engine, "RegisterInstance", { ServiceId: other, InstanceId: "i", Attributes: {} });
      expect((await refusal(engine, "DeleteService", { Id: other })).__type).to.equal("ResourceInUse");
      await engine.restart({ operationDelay: hour });
      expect((await refusal(engine, "DeleteService", { Id: other })).__type).to.equal("ResourceInUse");
      await finish();
      expect((await refusal(engine, "DeleteService", { Id: other })).__type).to.equal("ResourceInUse");
      await call(engine, "DeregisterInstance", { ServiceId: other, InstanceId: "i" });
      expect((await refusal(engine, "DeleteService", { Id: other })).__type).to.equal("ResourceInUse");
      await finish();
      expect(await call(engine, "DeleteService", { Id: other })).to.deep.equal({});
    });

    it("keep services out of a namespace that is being deleted", async () => {
      await call(engine, "CreateHttpNamespace", { Name: "ending" });
      await finish();
      const { Namespaces = [] } = await call(engine, "ListNamespaces", {});
      const Id = Namespaces.find(({ Name }) => Name === "ending")?.Id ?? "";
      const { OperationId = "" } = await call(engine, "DeleteNamespace", { Id });
      const input = { NamespaceId: Id, Name: "late" };
      expect(await refusal(engine, "CreateService", input)).to.deep.equal({
        __type: "NamespaceNotFound",
        Message: `The namespace ${Id} is being deleted: operation ${OperationId}.`,
      });
      expect((await refusal(engine, "DeleteNamespace", { Id })).__type).to.equal("DuplicateRequest");
      await finish();
      expect(await status(OperationId)).to.equal("SUCCESS");
      expect((await refusal(engine, "GetNamespace", { Id })).__type).to.equal("NamespaceNotFound");
    });

    it("let services into a namespace whose description is being changed", async () => {
      await call(engine, "UpdateHttpNamespace", { Id: namespace, Namespace: { Description: "new" } });
      const made = await makeService(engine, namespace, "meanwhile");
      await finish();
      expect((await call(engine, "GetNamespace", { Id: namespace })).Namespace).to.include({
        Description: "new",
        ServiceCount: 2,
      });
      expect((await call(engine, "GetService", { Id: made })).Service?.Name).to.equal("meanwhile");
    });

    it("make a namespace once, whose name nobody else gets in the meantime", async () => {
      const input = { Name: "slow", CreatorRequestId: "t-slow" };
      const { OperationId = "" } = await call(engine, "CreateHttpNamespace", input);
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      const Id = Operation?.Targets?.NAMESPACE ?? "";
      expect((await refusal(engine, "GetNamespace", { Id })).__type).to.equal("NamespaceNotFound");
      expect(await call(engine, "CreateHttpNamespace", input)).to.deep.equal({ OperationId });
      expect(await refusal(engine, "CreateHttpNamespace", { Name: "slow", CreatorRequestId: "u" })).to.include({
        __type: "DuplicateRequest",
        DuplicateOperationId: OperationId,
      });
      await finish();
      expect((await call(engine, "GetNamespace", { Id })).Namespace).to.include({
        Name: "slow",
        CreatorRequestId: "t-slow",
      });
      expect(await call(engine, "CreateHttpNamespace", input)).to.deep.equal({ OperationId });
    });

    it("FAIL, with code and message, where they cannot be done when their time has come", async () => {
      const first = await call(engine, "CreateHttpNamespace", { Name: "one", CreatorRequestId: "t-both" });
      const second = await call(engine, "CreateHttpNamespace", { Name: "two", CreatorRequestId: "t-both" });
      await finish();
      const operations = await Promise.all(
        [first, second].map(({ OperationId = "" }) => call(engine, "GetOperation", { OperationId })),
      );
      expect(operations.map(({ Operation }) => Operation?.Status).toSorted()).to.deep.equal(["FAIL", "SUCCESS"]);
      const failed = operations.find(({ Operation }) => Operation?.Status === "FAIL")?.Operation;
      expect(failed).to.include({
        ErrorCode: "InvalidInput",
        ErrorMessage: "This request token was used before with another input; use a new one.",
      });
      const { Namespaces } = await call(engine, "ListNamespaces", {});
      expect(Namespaces).to.have.length(2);
      const Filters = [{ Name: "STATUS", Values: ["FAIL"] }] as const;
      expect((await call(engine, "ListOperations", { Filters })).Operations).to.deep.equal([
        { Id: failed?.Id, Status: "FAIL" },
      ]);
    });

    it("are refused at once where they could not succeed now", async () => {
      expect((await refusal(engine, "DeleteNamespace", { Id: namespace })).__type).to.equal("ResourceInUse");
      expect((await refusal(engine, "DeregisterInstance", asked)).__type).to.equal("InstanceNotFound");
      expect((await refusal(engine, "CreateHttpNamespace", { Name: "n" })).__type).to.equal("NamespaceAlreadyExists");
      const bad = { ...asked, Attributes: { AWS_INSTANCE_PORT: "http" } };
      expect((await refusal(engine, "RegisterInstance", bad)).__type).to.equal("InvalidInput");
    });
  });
});
