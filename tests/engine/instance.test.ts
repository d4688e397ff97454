// Instances over HTTP: register, deregister, get, list.
import { expect } from "chai";
import { call, makeNamespace, makeService, type Running, refusal, register, start } from "./running.ts";

describe("instances", () => {
  let engine: Running;
  let namespace: string;
  let service: string;
  before(async () => {
    engine = await start({ account: "123456789012" });
    namespace = await makeNamespace(engine, "instances");
    service = await makeService(engine, namespace, "api");
  });
  after(() => engine[Symbol.asyncDispose]());

  const attributesOf = async (InstanceId: string) =>
    (await call(engine, "GetInstance", { ServiceId: service, InstanceId })).Instance?.Attributes;

  describe("RegisterInstance", () => {
    it("registers an instance, and an operation says so", async () => {
      const Attributes = { AWS_INSTANCE_IPV4: "172.2.1.3", AWS_INSTANCE_PORT: "808", zone: "a" };
      const input = { ServiceId: service, InstanceId: "first", CreatorRequestId: "t-first", Attributes };
      const { OperationId = "" } = await call(engine, "RegisterInstance", input);
      expect(OperationId).to.match(/^[a-z2-7]{32}-[0-9a-z]{8}$/);
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      expect(Operation).to.deep.include({
        Type: "REGISTER_INSTANCE",
        Status: "SUCCESS",
        Targets: { INSTANCE: "first", SERVICE: service },
      });
      expect(await call(engine, "GetInstance", { ServiceId: service, InstanceId: "first" })).to.deep.equal({
        ResourceOwner: "123456789012",
        Instance: { Id: "first", CreatorRequestId: "t-first", Attributes, CreatedByAccount: "123456789012" },
      });
    });

    it("replaces the attributes of an instance whole", async () => {
      await register(engine, service, "changed", { a: "1", b: "2" });
      await register(engine, service, "changed", { b: "3", c: "4" });
      expect(await attributesOf("changed")).to.deep.equal({ b: "3", c: "4" });
      const { Instances } = await call(engine, "ListInstances", { ServiceId: service });
      expect(Instances?.filter(({ Id }) => Id === "changed")).to.have.length(1);
    });

    it("answers the same request as before, for as long as what it made is there", async () => {
      const input = { ServiceId: service, InstanceId: "again", CreatorRequestId: "t-again", Attributes: { v: "1" } };
      const first = await call(engine, "RegisterInstance", input);
      expect(await call(engine, "RegisterInstance", input)).to.deep.equal(first);
      expect(await refusal(engine, "RegisterInstance", { ...input, Attributes: { v: "2" } })).to.deep.equal({
        __type: "InvalidInput",
        Message: "This request token was used before with another input; use a new one.",
      });
      const second = await call(engine, "RegisterInstance", {
        ...input,
        CreatorRequestId: "t-2",
        Attributes: { v: "2" },
      });
      expect(second).not.to.deep.equal(first);
      await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: "again" });
      expect(await call(engine, "RegisterInstance", input)).not.to.deep.equal(first);
    });

    it("is an operation of its own each time where no token is given", async () => {
      const first = await register(engine, service, "no-token", { v: "1" });
      expect(await register(engine, service, "no-token", { v: "1" })).not.to.equal(first);
    });

    it("compares attributes whatever their order, and whatever is in their keys", async () => {
      const input = (entries: [string, string][]) => ({
        ServiceId: service,
        InstanceId: "ordered",
        CreatorRequestId: "t-ordered",
        Attributes: Object.fromEntries(entries),
      });
      const pairs: [string, string][] = [
        ["a", "b,c"],
        ["a,b", "c"],
        ["__proto__", "p"],
      ];
      const first = await call(engine, "RegisterInstance", input(pairs));
      expect(await call(engine, "RegisterInstance", input(pairs.toReversed()))).to.deep.equal(first);
    });

    it("takes every id that the pattern allows", async () => {
      for (const id of ["__proto__", "constructor", "toString", "a/b", "//", ".", "..", "a:b@c", "x".repeat(64)]) {
        await register(engine, service, id, { id: "of" });
        expect(await attributesOf(id), id).to.deep.equal({ id: "of" });
        await call(engine, "DeregisterInstance", { ServiceId: service, InstanceId: id });
      }
      for (const InstanceId of ["", "a b", "ä", "a\u0000", "a\n", "x".repeat(65), "a%"]) {
        const input = { ServiceId: service, InstanceId, Attributes: {} };
        expect((await refusal(engine, "RegisterInstance", input)).__type, InstanceId).to.equal("InvalidInput");
        expect((await refusal(engine, "GetInstance", input)).__type).to.be.oneOf(["InstanceNotFound", "InvalidInput"]);
      }
    });

    it("keeps attributes whose keys every object has, through discovery and a restart", async () => {
      const Attributes = JSON.parse(
        '{"__proto__":"p","constructor":"c","toString":"t","hasOwnProperty":"h","length":"0"}',
      );
      const own = await start();
      try {
        const id = await makeService(own, await makeNamespace(own, "n"), "s");
        await register(own, id, "odd", Attributes);
        await register(own, id, "plain", { length: "1" });
        for (const _ of [1, 2]) {
          const { Instance } = await call(own, "GetInstance", { ServiceId: id, InstanceId: "odd" });
          expect(JSON.stringify(Instance?.Attributes)).to.equal(JSON.stringify(Attributes));
          for (const key of Object.keys(Attributes)) {
            const query = JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(Attributes[key])}}`);
            const asked = { NamespaceName: "n", ServiceName: "s", QueryParameters: query };
            const { Instances } = await call(own, "DiscoverInstances", asked);
            expect(
              Instances?.map(({ InstanceId }) => InstanceId),
              key,
            ).to.deep.equal(["odd"]);
            const other = JSON.parse(`{${JSON.stringify(key)}:"other"}`);
            const none = await call(own, "DiscoverInstances", { ...asked, QueryParameters: other });
            expect(none.Instances, key).to.deep.equal([]);
          }
          await own.restart();
        }
      } finally {
        await own[Symbol.asyncDispose]();
      }
    });

    it("refuses a service that is not there, and one of another account", async () => {
      const arn = `arn:aws:servicediscovery:us-east-1:999999999999:service/${service}`;
      for (const ServiceId of ["srv-none", "", arn, `${service}/first`]) {
        const input = { ServiceId, InstanceId: "i", Attributes: {} };
        for (const name of ["RegisterInstance", "DeregisterInstance", "ListInstances"]) {
          expect(await refusal(engine, name, input), `${name} ${ServiceId}`).to.deep.equal({
            __type: "ServiceNotFound",
            Message: `No service ${ServiceId} exists.`,
          });
        }
      }
    });

    it("takes the service by its ARN", async () => {
      const ServiceId = `arn:aws:servicediscovery:us-east-1:123456789012:service/${service}`;
      await register(engine, ServiceId, "by-arn");
      expect((await call(engine, "GetInstance", { ServiceId, InstanceId: "by-arn" })).Instance?.Id).to.equal("by-arn");
      await call(engine, "DeregisterInstance", { ServiceId, InstanceId: "by-arn" });
    });

    it("registers many at once, each once", async () => {
      const own = await makeService(engine, namespace, "many");
      const ids = Array.from({ length: 300 }, (_, index) => `i-${index}`);
      const operations = await Promise.all(ids.map((id) => register(engine, own, id, { id })));
      expect(new Set(operations)).to.have.length(300);
      expect((await call(engine, "GetService", { Id: own })).Service?.InstanceCount).to.equal(300);
    });
  });

  describe("DeregisterInstance", () => {
    it("takes the instance out, once", async () => {
      await register(engine, service, "leaving");
      const asked = { ServiceId: service, InstanceId: "leaving" };
      const { OperationId = "" } = await call(engine, "DeregisterInstance", asked);
      const { Operation } = await call(engine, "GetOperation", { OperationId });
      expect(Operation).to.deep.include({
        Type: "DEREGISTER_INSTANCE",
        Status: "SUCCESS",
        Targets: { INSTANCE: "leaving", SERVICE: service },
      });
      for (const name of ["GetInstance", "DeregisterInstance"]) {
        expect(await refusal(engine, name, asked)).to.deep.equal({
          __type: "InstanceNotFound",
          Message: `No instance leaving is registered in the service ${service}.`,
        });
      }
    });

    it("succeeds once of many at once", async () => {
      await register(engine, service, "contested");
      const asked = { ServiceId: service, InstanceId: "contested" };
      const all = Array.from({ length: 10 }, () => call(engine, "DeregisterInstance", asked));
      const outcomes = (await Promise.allSettled(all)).map(({ status }) => status).toSorted();
      expect(outcomes).to.deep.equal(["fulfilled", ...Array(9).fill("rejected")]);
    });
  });

  describe("ListInstances", () => {
    it("answers pages whose boundaries are exact, in order", async () => {
      const own = await makeService(engine, namespace, "paged");
      const ids = Array.from({ length: 10 }, (_, index) => `i-${index}`);
      for (const id of ids.toReversed()) await register(engine, own, id, { id });
      for (const MaxResults of [1, 3, 5, 9, 10, 11]) {
        const pages: string[][] = [];
        for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
          const asked = { ServiceId: own, MaxResults, ...(NextToken && { NextToken }) };
          const page = await call(engine, "ListInstances", asked);
          pages.push((page.Instances ?? []).map(({ Id = "" }) => Id));
          NextToken = page.NextToken;
        }
        expect(pages.flat(), `pages of ${MaxResults}`).to.deep.equal(ids);
        expect(pages).to.have.length(Math.ceil(10 / MaxResults));
      }
    });

    it("goes on in its place while instances come and go", async () => {
      const own = await makeService(engine, namespace, "moving");
      for (const id of ["a", "c", "e"]) await register(engine, own, id);
      const first = await call(engine, "ListInstances", { ServiceId: own, MaxResults: 2 });
      await call(engine, "DeregisterInstance", { ServiceId: own, InstanceId: "c" });
      for (const id of ["b", "d"]) await register(engine, own, id);
      const rest = await call(engine, "ListInstances", { ServiceId: own, NextToken: first.NextToken ?? "" });
      expect(rest.Instances?.map(({ Id }) => Id)).to.deep.equal(["d", "e"]);
      expect(rest).not.to.have.property("NextToken");
    });

    it("answers at most 100 unless asked for fewer", async () => {
      const own = await makeService(engine, namespace, "hundred");
      const ids = Array.from({ length: 101 }, (_, index) => `i-${index}`);
      await Promise.all(ids.map((id) => register(engine, own, id)));
      const page = await call(engine, "ListInstances", { ServiceId: own });
      expect(page.Instances).to.have.length(100);
      const last = await call(engine, "ListInstances", { ServiceId: own, NextToken: page.NextToken ?? "" });
      expect(last.Instances).to.have.length(1);
    });

    it("refuses a token that another list answered, and one that nobody did", async () => {
      const [one, two] = [await makeService(engine, namespace, "one"), await makeService(engine, namespace, "two")];
      for (const id of ["a", "b"]) await register(engine, one, id);
      const { NextToken = "" } = await call(engine, "ListInstances", { ServiceId: one, MaxResults: 1 });
      const forged = Buffer.from("[]").toString("base64url");
      const wrong: [string, object][] = [
        ["ListInstances", { ServiceId: two, NextToken }],
        ["ListServices", { NextToken }],
        ["ListNamespaces", { NextToken }],
        ["ListOperations", { NextToken }],
        ...["x", "", "null", forged].map((token): [string, object] => [
          "ListInstances",
          { ServiceId: one, NextToken: token },
        ]),
      ];
      for (const [name, input] of wrong) {
        expect(await refusal(engine, name, input), `${name} ${JSON.stringify(input)}`).to.deep.equal({
          __type: "InvalidInput",
          Message: "NextToken is not one that this list has answered; begin again without it.",
        });
      }
    });
  });
});
