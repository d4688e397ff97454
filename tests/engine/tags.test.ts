// Tags over HTTP: on namespaces and services.
import { expect } from "chai";
import { call, makeNamespace, makeService, type Running, refusal, start } from "./running.ts";

describe("tags", () => {
  let engine: Running;
  let arns: Record<"namespace" | "service", string>;
  before(async () => {
    engine = await start({ account: "123456789012" });
    const namespace = await makeNamespace(engine, "tagged");
    const service = await makeService(engine, namespace, "tagged");
    const prefix = "arn:aws:servicediscovery:us-east-1:123456789012";
    arns = { namespace: `${prefix}:namespace/${namespace}`, service: `${prefix}:service/${service}` };
  });
  after(() => engine[Symbol.asyncDispose]());

  const tagsOf = async (ResourceARN: string) => (await call(engine, "ListTagsForResource", { ResourceARN })).Tags;
  const many = (count: number, first = 0) =>
    Array.from({ length: count }, (_, index) => ({ Key: `k-${first + index}`, Value: "v" }));

  for (const kind of ["namespace", "service"] as const) {
    it(`are put on a ${kind}, replaced by key, removed by key, and kept over a restart`, async () => {
      const ResourceARN = arns[kind];
      expect(await tagsOf(ResourceARN)).to.deep.equal([]);
      const odd = ["__proto__", "constructor", "ключ", " ", "a:b"].map((Key) => ({ Key, Value: Key }));
      const answer = await call(engine, "TagResource", { ResourceARN, Tags: [{ Key: "a", Value: "1" }, ...odd] });
      expect(answer).to.deep.equal({});
      await call(engine, "TagResource", {
        ResourceARN,
        Tags: [
          { Key: "a", Value: "" },
          { Key: "b", Value: "2" },
        ],
      });
      const wanted = [...odd, { Key: "a", Value: "" }, { Key: "b", Value: "2" }];
      expect(await tagsOf(ResourceARN)).to.have.deep.members(wanted);
      await engine.restart();
      expect(await tagsOf(ResourceARN)).to.have.deep.members(wanted);
      const TagKeys = [...odd.map(({ Key }) => Key), "a", "none"];
      expect(await call(engine, "UntagResource", { ResourceARN, TagKeys })).to.deep.equal({});
      expect(await tagsOf(ResourceARN)).to.deep.equal([{ Key: "b", Value: "2" }]);
      await call(engine, "UntagResource", { ResourceARN, TagKeys: ["b"] });
    });

    it(`are at most 50 on a ${kind}, counted with those it has`, async () => {
      const ResourceARN = arns[kind];
      await call(engine, "TagResource", { ResourceARN, Tags: many(49) });
      expect(await refusal(engine, "TagResource", { ResourceARN, Tags: many(2, 49) })).to.deep.equal({
        __type: "TooManyTagsException",
        Message: `${ResourceARN} would have 51 tags; at most 50 are allowed.`,
        ResourceName: ResourceARN,
      });
      await call(engine, "TagResource", { ResourceARN, Tags: many(2, 48) });
      expect(await tagsOf(ResourceARN)).to.have.length(50);
      const TagKeys = many(50).map(({ Key }) => Key);
      await call(engine, "UntagResource", { ResourceARN, TagKeys });
      expect(await tagsOf(ResourceARN)).to.deep.equal([]);
    });
  }

  it("are given when a namespace or a service is made, and refused there by the same rules", async () => {
    const NamespaceId = await makeNamespace(engine, "parent");
    const made = { CreateHttpNamespace: {}, CreateService: { NamespaceId } };
    for (const [name, more] of Object.entries(made)) {
      const input = { Name: `with-tags-${name}`, ...more };
      const refused = async (Tags: object[]) => refusal(engine, name, { ...input, Tags });
      expect(await refused(many(51))).to.deep.equal({
        __type: "TooManyTagsException",
        Message: `${input.Name} would have 51 tags; at most 50 are allowed.`,
        ResourceName: input.Name,
      });
      expect(await refused([...many(1), { Key: "AWS:x", Value: "" }])).to.deep.equal({
        __type: "InvalidInput",
        Message: 'Tags.1.Key: "AWS:x" begins with aws:, which is reserved for AWS\'s own tags',
      });
      expect(await refused([...many(1), ...many(1)])).to.deep.equal({
        __type: "InvalidInput",
        Message: 'Tags.1.Key: "k-0" is given twice',
      });
      await call(engine, name as "CreateService", { ...input, Tags: many(50) });
    }
    const { Services = [] } = await call(engine, "ListServices", {});
    const arn = Services.find(({ Name }) => Name === "with-tags-CreateService")?.Arn ?? "";
    expect(await tagsOf(arn)).to.deep.equal(many(50));
  });

  it("are not lost where many are put at once", async () => {
    const ResourceARN = arns.service;
    await Promise.all(many(50).map((tag) => call(engine, "TagResource", { ResourceARN, Tags: [tag] })));
    expect(await tagsOf(ResourceARN)).to.have.length(50);
    await Promise.all(many(50).map(({ Key }) => call(engine, "UntagResource", { ResourceARN, TagKeys: [Key] })));
    expect(await tagsOf(ResourceARN)).to.deep.equal([]);
  });

  it("are kept by an update of the namespace, and go with what has them", async () => {
    const Id = await makeNamespace(engine, "kept");
    const ResourceARN = `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${Id}`;
    await call(engine, "TagResource", { ResourceARN, Tags: many(1) });
    await call(engine, "UpdateHttpNamespace", { Id, Namespace: { Description: "d" } });
    expect(await tagsOf(ResourceARN)).to.deep.equal(many(1));
    await call(engine, "DeleteNamespace", { Id });
    expect((await refusal(engine, "ListTagsForResource", { ResourceARN })).__type).to.equal(
      "ResourceNotFoundException",
    );
  });

  it("are refused for what is not there, another account's, or what has none", async () => {
    const others = [
      `${arns.service}x`,
      arns.service.replace("123456789012", "999999999999"),
      arns.service.replace("us-east-1", "eu-west-1"),
      arns.service.replace(":service/", ":instance/"),
      "arn:aws:s3:::bucket",
    ];
    for (const ResourceARN of others) {
      for (const name of ["TagResource", "UntagResource", "ListTagsForResource"]) {
        expect(await refusal(engine, name, { ResourceARN, Tags: [], TagKeys: [] })).to.deep.equal({
          __type: "ResourceNotFoundException",
          Message: `No resource ${ResourceARN} exists.`,
        });
      }
    }
    expect(await refusal(engine, "ListTagsForResource", { ResourceARN: "srv-x" })).to.deep.equal({
      __type: "InvalidInput",
      Message: "ResourceARN must be the ARN of a namespace or a service, and is srv-x.",
    });
  });
});
