// What an answer tells beside what AWS's does, where a request asks for it: operations and tags.
import { expect } from "chai";
import type { Told } from "../../api/extensions.ts";
import { call, makeNamespace, makeService, post, type Running, start } from "./running.ts";

describe("an answer that is to tell more", () => {
  let engine: Running;
  before(async () => {
    engine = await start();
  });
  after(() => engine[Symbol.asyncDispose]());

  it("tells with what begins a change its operation, however that ends", async () => {
    const begun = async (to: Running, name: string, input: object) => {
      const { text } = await post(to, name, JSON.stringify(input), { "x-cloudmap-include": "tags, operation" });
      const { OperationId, Operation } = JSON.parse(text);
      expect(Operation).to.deep.equal((await call(to, "GetOperation", { OperationId })).Operation);
      expect(Operation.Id).to.equal(OperationId);
      return Operation.Status;
    };
    const zone = { Name: "told.internal", Vpc: "vpc-1" };
    expect(await begun(engine, "CreatePrivateDnsNamespace", zone)).to.equal("SUCCESS");
    expect(await begun(engine, "CreatePrivateDnsNamespace", { ...zone, CreatorRequestId: "x" })).to.equal("FAIL");
    await using slow = await start({ operationDelay: 60_000 });
    expect(await begun(slow, "CreateHttpNamespace", { Name: "n" })).to.equal("PENDING");
    expect(await call(engine, "CreateHttpNamespace", { Name: "plain" })).to.have.all.keys("OperationId");
  });

  it("is asked for by words that are known only", async () => {
    const wrong = await post(engine, "CreateHttpNamespace", '{"Name":"x"}', { "x-cloudmap-include": "operations" });
    expect(JSON.parse(wrong.text)).to.deep.equal({
      __type: "InvalidInput",
      Message:
        'The header x-cloudmap-include takes operation and tags, with commas between them, and not "operations".',
    });
  });

  it("tells tags with what has them, and only there", async () => {
    const told = async (name: string, input: object, headers = {}) => {
      const { status, text } = await post(engine, name, JSON.stringify(input), headers);
      expect(status, text).to.equal(200);
      return Object.values<Told | Told[]>(JSON.parse(text)).flat();
    };
    const namespace = await makeNamespace(engine, "tagged");
    const service = await makeService(engine, namespace, "s");
    const { Service } = await call(engine, "GetService", { Id: service });
    const Tags = [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "" },
    ];
    await call(engine, "TagResource", { ResourceARN: Service?.Arn ?? "", Tags });
    const requests = {
      GetNamespace: { Id: namespace },
      GetService: { Id: service },
      ListNamespaces: {},
      ListServices: {},
    };
    for (const [name, input] of Object.entries(requests)) {
      const [plain, tagged] = [await told(name, input), await told(name, input, { "x-cloudmap-include": "tags" })];
      const wanted = plain.map(async (each) => ({
        ...each,
        Tags: (await call(engine, "ListTagsForResource", { ResourceARN: each.Arn ?? "" })).Tags,
      }));
      expect(tagged, name).to.deep.equal(await Promise.all(wanted));
      expect(tagged.length, name).to.be.above(0);
      for (const each of plain) expect(each).not.to.have.property("Tags");
    }
  });
});
