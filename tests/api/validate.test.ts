// Validation: every constraint of every input is held, and told in words, all of them at once.
import { Ajv } from "ajv";
import { expect } from "chai";
import { operations } from "../../api/operations.ts";
import type { StructureSchema } from "../../api/schema.ts";
import { known, validator } from "../../api/validate.ts";
import { kinds } from "../../provider/kinds.ts";
import { type BadInput, badInputs, sample } from "./bad-inputs.ts";

const all = Object.entries(operations).map(([name, { input }]) => ({ name, input: input as StructureSchema }));

describe("the inputs of operations", () => {
  for (const { name, input } of all) {
    const bad = badInputs(input);
    it(`${name} takes the smallest, and refuses ${bad.length} bad ones, each for its own reason`, () => {
      const problemsOf = validator(input);
      expect(problemsOf(sample(input))).to.deep.equal([]);
      for (const { input: value, path, keyword, value: offending, constraint } of bad) {
        const what = `${keyword} at ${path.join(".")}`;
        const problems = problemsOf(value);
        expect(problems, what).to.have.length(1);
        expect(problems[0], what).to.deep.include({ path, constraint });
        expect(problems[0]?.value, what).to.deep.equal(offending);
      }
    });
  }

  it("have constraints of every kind, and these tests reach them", () => {
    const found = all.flatMap(({ input }) => badInputs(input));
    const count = (keyword: string) => found.filter((each: BadInput) => each.keyword === keyword).length;
    expect(count("required")).to.be.at.least(35);
    for (const keyword of ["type", "enum", "pattern", "maxLength", "minLength", "minimum", "maximum", "maxItems"]) {
      expect(count(keyword), keyword).to.be.at.least(3);
    }
  });
});

describe("the schemas", () => {
  const ajv = new Ajv();
  const operationSchemas = Object.entries(operations).flatMap(([name, { input, output }]) => [
    { name: `input of ${name}`, schema: input as object },
    ...(output === undefined ? [] : [{ name: `output of ${name}`, schema: output as object }]),
  ]);
  const kindSchemas = Object.entries(kinds).map(([name, { schema }]) => ({ name, schema: schema as object }));

  it("are JSON Schemas, which nothing checks at run time", () => {
    expect(operationSchemas.length + kindSchemas.length).to.be.above(60);
    for (const { name, schema } of [...operationSchemas, ...kindSchemas]) {
      expect(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`).to.equal(true);
    }
    expect(ajv.validateSchema({ type: "texts" })).to.equal(false);
  });
});

describe("what is said of a bad value", () => {
  const reason = (schema: Parameters<typeof validator>[0], value: unknown) => validator(schema)(value)[0]?.reason;

  it("is for people: what must be, and what is", () => {
    const { Name } = operations.CreateHttpNamespace.input.properties;
    expect(reason(Name, "a".repeat(1030))).to.equal("must be at most 1024 characters long, and is 1030");
    expect(reason(Name, "a b")).to.equal("must match ^(?!arn:)[!-~]{1,1024}$");
    expect(reason(Name, 7)).to.equal("must be a string, and is a number");
    expect(reason(Name, null)).to.equal("must be a string, and is null");
    expect(reason(Name, [])).to.equal("must be a string, and is an array");
    const { MaxResults, HealthStatus } = operations.DiscoverInstances.input.properties;
    expect(reason(MaxResults, 0)).to.equal("must be at least 1");
    expect(reason(MaxResults, 1001)).to.equal("must be at most 1000");
    expect(reason(MaxResults, 1.5)).to.equal("must be an integer, and is a number");
    expect(reason(HealthStatus, "ANY")).to.equal("must be one of HEALTHY, UNHEALTHY, ALL, HEALTHY_OR_ELSE_ALL");
    const { Tags } = operations.TagResource.input.properties;
    expect(reason(Tags, Array(201).fill({ Key: "a", Value: "" }))).to.equal("must have at most 200 entries");
    expect(reason(Tags, [{ Key: "", Value: "" }])).to.equal("must be at least 1 character long, and is 0");
    expect(reason(operations.GetService.input, {})).to.equal("is required");
  });

  it("counts characters as people do, not halves of them", () => {
    const { Description } = operations.CreateService.input.properties;
    expect(validator(Description)("😀".repeat(1024))).to.deep.equal([]);
    expect(reason(Description, "😀".repeat(1025))).to.equal("must be at most 1024 characters long, and is 1025");
  });

  it("is all that is wrong, with its place", () => {
    const Attributes = JSON.parse('{"a/b~c":7,"":"x","__proto__":" x","ok":"y"}');
    const problems = validator(operations.RegisterInstance.input)({ InstanceId: "?", Attributes });
    expect(problems.map(({ path, constraint }) => `${path.join("|")}: ${constraint}`)).to.have.members([
      "ServiceId: Member must not be null",
      "InstanceId: Member must satisfy regular expression pattern: ^[0-9a-zA-Z_/:.@-]+$",
      "Attributes|: Member must satisfy regular expression pattern: ^[a-zA-Z0-9!-~]+$",
      "Attributes|a/b~c: Member must be a string",
      "Attributes|__proto__: Member must satisfy regular expression pattern: ^([a-zA-Z0-9!-~][ \\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$",
    ]);
  });

  it("comes soon, however long and odd the value is", () => {
    const texts = [`${"a".repeat(250_000)} `, "a.".repeat(125_000)];
    for (const { name, input } of all) {
      const problemsOf = validator(input);
      const inputs = texts.flatMap((text) => [
        Object.fromEntries(Object.keys(input.properties).map((member) => [member, text])),
        { Attributes: { [text]: text }, QueryParameters: { [text]: text } },
      ]);
      for (const value of inputs) {
        const before = process.cpuUsage(); // its own time: other tests have the cores too
        problemsOf(value);
        expect(process.cpuUsage(before).user / 1000, name).to.be.below(500);
      }
    }
  });
});

describe("what the schema knows of a value", () => {
  const { input } = operations.CreateService;

  it("leaves out members that it does not know or that are null, at every depth", () => {
    const value = {
      Name: "n",
      Description: null,
      Unknown: 1,
      DnsConfig: { DnsRecords: [{ Type: "A", TTL: 1, More: 2, Other: null }], Extra: {} },
      Tags: [{ Key: "k", Value: "v", x: 1 }],
    };
    expect(known(input, value)).to.deep.equal({
      Name: "n",
      DnsConfig: { DnsRecords: [{ Type: "A", TTL: 1 }] },
      Tags: [{ Key: "k", Value: "v" }],
    });
  });

  it("does not take members from what every object has", () => {
    const value = JSON.parse('{"Name":"n","__proto__":{"Description":"d"},"constructor":1,"toString":2}');
    expect(JSON.stringify(known(input, value))).to.equal('{"Name":"n"}');
  });

  it("leaves what has another type as it is, to be refused", () => {
    for (const value of [{ Tags: "x" }, { Tags: [1] }, { DnsConfig: [] }]) {
      expect(known(input, value)).to.deep.equal(value);
    }
  });
});
