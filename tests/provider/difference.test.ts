// Laws of the diff and of the mapping between the API's names and a program's, over examples that are drawn.
import { expect } from "chai";
import fc from "fast-check";
import type { Schema } from "../../api/schema.ts";
import { type Props, programName, toProgram, toWire } from "../../provider/casing.ts";
import { inWordsOf } from "../../provider/difference.ts";
import type { Kind } from "../../provider/kind.ts";
import { kinds } from "../../provider/kinds.ts";
import { serviceProperties } from "../../provider/service-properties.ts";
import { unknown } from "../../provider/unknown.ts";

/** Values that a schema takes, roughly: what they hold does not matter to a diff. */
function values(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.type === "string")
    return schema.enum === undefined ? fc.string({ maxLength: 8 }) : fc.constantFrom(...schema.enum);
  if (schema.type === "integer" || schema.type === "number") return fc.integer({ min: 1, max: 10 });
  if ("items" in schema) return fc.array(values(schema.items), { maxLength: 3 });
  if ("additionalProperties" in schema) {
    const form = { maxKeys: 3, noNullPrototype: true };
    return fc.dictionary(fc.string({ maxLength: 6 }), values(schema.additionalProperties), form);
  }
  const { properties = {}, required = [] } = schema;
  const members = Object.entries(properties).map(([name, member]) => [programName(name), values(member)]);
  const record: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(members);
  return fc.record(record, { requiredKeys: required.map(programName) });
}

function inputsOf(kind: Kind): fc.Arbitrary<Props> {
  return values(kind.schema).map((news) => kind.check({ olds: {}, news: news as Props, defaultTags: {} }).inputs);
}

for (const [name, kind] of Object.entries<Kind>(kinds)) {
  describe(`the diff of ${name}`, () => {
    /** What a person or an earlier run has Pulumi replace has the same place: its new one must not go with the old one. */
    it("is empty for equal inputs, of which only one can be there at a time", () => {
      fc.assert(
        fc.property(inputsOf(kind), (inputs) => {
          const plan = kind.diff({ ...inputs, account: "1", arn: "a" }, structuredClone(inputs));
          expect(plan).to.deep.equal({ changed: [], replaces: [], deleteBeforeReplace: true });
        }),
      );
    });

    it("is seen from both sides", () => {
      const computed = Object.keys(kind.properties).filter((key) => kind.properties[key]?.computed);
      const without = (props: Props) =>
        Object.fromEntries(Object.entries(props).filter(([key]) => !computed.includes(key)));
      fc.assert(
        fc.property(inputsOf(kind), inputsOf(kind), (a, b) => {
          const [one, two] = [without(a), without(b)];
          expect(kind.diff(one, two).changed).to.deep.equal(kind.diff(two, one).changed);
        }),
      );
    });

    it("replaces only for what changes, and only for parents while they are unknown", () => {
      fc.assert(
        fc.property(inputsOf(kind), inputsOf(kind), (olds, news) => {
          const { changed, replaces } = kind.diff(olds, news);
          expect(changed).to.include.members([...replaces]);
          for (const key of Object.keys(kind.properties)) {
            const plan = kind.diff(olds, { ...olds, [key]: unknown });
            expect(plan.changed).to.deep.equal([key]);
            expect(plan.replaces).to.deep.equal(/^(service|namespace)Id$/.test(key) ? [key] : []);
          }
        }),
      );
    });

    it("is empty after what was read is put in the words of before", () => {
      fc.assert(
        fc.property(inputsOf(kind), inputsOf(kind), (olds, actual) => {
          const read = inWordsOf(olds, actual, kind.properties);
          expect(kind.diff(read, actual).changed).to.deep.equal([]);
          expect(inWordsOf(olds, olds, kind.properties)).to.deep.equal(olds);
        }),
      );
    });
  });

  describe(`the names of ${name}`, () => {
    it("come back after the way to the wire", () => {
      fc.assert(
        fc.property(values(kind.schema), (props) => {
          expect(toProgram(kind.schema, toWire(kind.schema, props))).to.deep.equal(props);
        }),
      );
    });
  });
}

describe("the mapping of names", () => {
  it("writes capitals as a program does", () => {
    const names = ["Name", "TTL", "VPC", "SOA", "DnsConfig", "NamespaceId", "HttpName", "VPCId", "ResourceARN"];
    expect(names.map(programName)).to.deep.equal([
      "name",
      "ttl",
      "vpc",
      "soa",
      "dnsConfig",
      "namespaceId",
      "httpName",
      "vpcId",
      "resourceARN",
    ]);
  });
});

describe("what was read of a probe", () => {
  const given = [
    { type: "HTTP" },
    { type: "HTTP", resourcePath: "/" },
    { type: "HTTP", failureThreshold: 1 },
    { type: "HTTPS", resourcePath: "/", failureThreshold: 1 },
    { type: "HTTP", resourcePath: "/up", failureThreshold: 3 },
    { type: "TCP" },
    { type: "TCP", failureThreshold: 1 },
  ];
  const filled = ({ type, resourcePath = "/", failureThreshold = 1 }: Props) =>
    type === "TCP" ? { type, failureThreshold } : { type, resourcePath, failureThreshold };

  it("is what the program gave, whether the endpoint fills the defaults in or not", () => {
    for (const healthCheckConfig of given) {
      for (const actual of [healthCheckConfig, filled(healthCheckConfig)]) {
        const read = inWordsOf({ healthCheckConfig }, { healthCheckConfig: actual }, serviceProperties);
        expect(read).to.deep.equal({ healthCheckConfig });
      }
    }
  });

  it("is the least that means it where another one is there, or none was given", () => {
    const read = (before: unknown, actual: unknown) =>
      inWordsOf({ healthCheckConfig: before }, { healthCheckConfig: actual }, serviceProperties).healthCheckConfig;
    expect(read(undefined, filled({ type: "HTTP" }))).to.deep.equal({ type: "HTTP" });
    expect(read({ type: "HTTP", failureThreshold: 3 }, { type: "HTTP" })).to.deep.equal({
      type: "HTTP",
      failureThreshold: 1,
    });
    expect(read({ type: "HTTP", resourcePath: "/up" }, filled({ type: "HTTP" }))).to.deep.equal({
      type: "HTTP",
      resourcePath: "/",
    });
    expect(read({ type: "HTTP" }, { type: "HTTP", resourcePath: "/up", failureThreshold: 1 })).to.deep.equal({
      type: "HTTP",
      resourcePath: "/up",
    });
  });
});
