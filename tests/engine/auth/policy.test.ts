// Policies: which statements apply, what conditions say, and what comes of all of them.
import { expect } from "chai";
import fc from "fast-check";
import { type ConditionBlock, compileCondition } from "../../../engine/auth/condition.ts";
import { compilePolicies, decide, type Statement } from "../../../engine/auth/policy.ts";
import { matchesArn, matchesWildcard } from "../../../engine/auth/wildcard.ts";

const arn = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-abc";
const allowAll: Statement = { Effect: "Allow", Action: "*", Resource: "*" };

function verdict(action: string, on: string, ...Statement: Statement[]): string {
  return decide(compilePolicies([{ Statement }]), `servicediscovery:${action}`, { arn: on, facts: () => undefined });
}

describe("the decision of policies", () => {
  it("is no where nothing allows, and no where anything denies, in whichever order and policy", () => {
    const deny: Statement = { Effect: "Deny", Action: "servicediscovery:Delete*", Resource: "*" };
    expect(verdict("GetService", arn)).to.equal("not allowed");
    expect(verdict("GetService", arn, allowAll, deny)).to.equal("allowed");
    for (const statements of [
      [allowAll, deny],
      [deny, allowAll],
    ]) {
      expect(verdict("DeleteService", arn, ...statements)).to.equal("denied");
      const policies = statements.map((Statement) => ({ Statement }));
      const asked = { arn, facts: () => undefined };
      expect(decide(compilePolicies(policies), "servicediscovery:DeleteService", asked)).to.equal("denied");
    }
  });

  it("compares actions without case, resources with it", () => {
    const of = (Action: string, Resource: string) => verdict("GetService", arn, { Effect: "Allow", Action, Resource });
    expect(of("ServiceDiscovery:getservice", arn)).to.equal("allowed");
    expect(of("servicediscovery:Get?ervice", arn)).to.equal("allowed");
    expect(of("servicediscovery:GetService", arn.toUpperCase())).to.equal("not allowed");
    for (const action of [
      "servicediscovery:GetServiceAttributes",
      "servicediscovery:Get",
      "s3:*",
      "servicediscovery:?",
    ]) {
      expect(of(action, arn), action).to.equal("not allowed");
    }
    for (const resource of [
      "arn:aws:servicediscovery:*:*:service/*",
      "arn:*",
      "arn:aws:servicediscovery:*:service/srv-???",
    ]) {
      expect(of("*", resource), resource).to.equal("allowed");
    }
    for (const resource of ["arn:aws:servicediscovery:*:*:namespace/*", `${arn}x`, arn.slice(0, -1)]) {
      expect(of("*", resource), resource).to.equal("not allowed");
    }
  });

  it("turns NotAction and NotResource round", () => {
    const but: Statement = {
      Effect: "Allow",
      NotAction: ["servicediscovery:Delete*", "servicediscovery:Create*"],
      Resource: "*",
    };
    expect(verdict("GetService", arn, but)).to.equal("allowed");
    expect(verdict("DeleteService", arn, but)).to.equal("not allowed");
    const except: Statement = { Effect: "Deny", Action: "*", NotResource: arn };
    expect(verdict("GetService", arn, allowAll, except)).to.equal("allowed");
    expect(verdict("GetService", `${arn}d`, allowAll, except)).to.equal("denied");
  });

  it("takes a resource pattern for what has no resource only where it is *", () => {
    expect(verdict("ListServices", "*", allowAll)).to.equal("allowed");
    expect(verdict("ListServices", "*", { ...allowAll, Resource: "arn:aws:servicediscovery:*:*:*" })).to.equal(
      "not allowed",
    );
  });
});

describe("wildcards", () => {
  it("match as regular expressions would, without their cost", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "/"), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const source = pattern.replace(/[/*?]/g, (one) => (one === "*" ? ".*" : one === "?" ? "." : "\\/"));
        expect(matchesWildcard(pattern, text)).to.equal(new RegExp(`^${source}$`, "s").test(text));
      }),
      { numRuns: 3_000 },
    );
    const before = process.cpuUsage(); // its own time: other tests have the cores too
    expect(matchesWildcard(`${"*a".repeat(30)}b`, "a".repeat(1_000))).to.equal(false);
    expect(process.cpuUsage(before).user / 1000).to.be.below(1_000);
  });

  it("of ARNs stay within their components", () => {
    expect(matchesArn("arn:aws:servicediscovery:*:*:service/*", arn)).to.equal(true);
    expect(matchesArn("arn:aws:servicediscovery:*:service/*", arn)).to.equal(false);
    expect(matchesArn("*", arn)).to.equal(true);
    expect(matchesArn("arn:a:b:c:d:e*g", "arn:a:b:c:d:e:f:g")).to.equal(true);
  });
});

describe("conditions", () => {
  const facts: Readonly<Record<string, readonly string[]>> = {
    "aws:username": ["Ann"],
    "aws:tagkeys": ["team", "stage"],
    "aws:requesttag/team": ["shop"],
    "aws:sourceip": ["::ffff:10.1.2.3"],
    "servicediscovery:namespacearn": [arn],
  };
  const holds = (block: ConditionBlock) => compileCondition(block)((key) => facts[key]);
  const cases: [operator: string, key: string, values: string | string[], holds: boolean][] = [
    ["StringEquals", "aws:username", ["Bob", "Ann"], true],
    ["StringEquals", "AWS:UserName", "Ann", true],
    ["StringEquals", "aws:username", "ann", false],
    ["StringEqualsIgnoreCase", "aws:username", "ann", true],
    ["StringNotEquals", "aws:username", ["Bob", "Cid"], true],
    ["StringNotEquals", "aws:username", ["Bob", "Ann"], false],
    ["StringNotEqualsIgnoreCase", "aws:username", "ANN", false],
    ["StringLike", "aws:username", "A*", true],
    ["StringLike", "aws:username", "A?", false],
    ["StringNotLike", "aws:username", ["B*", "C*"], true],
    ["StringEquals", "aws:requesttag/gone", "x", false],
    ["StringEqualsIfExists", "aws:requesttag/gone", "x", true],
    ["StringEqualsIfExists", "aws:requesttag/team", "x", false],
    ["StringNotEquals", "aws:requesttag/gone", "x", true],
    ["StringNotLikeIfExists", "aws:requesttag/gone", "*", true],
    ["Null", "aws:requesttag/gone", "true", true],
    ["Null", "aws:requesttag/team", "true", false],
    ["Null", "aws:requesttag/team", "false", true],
    ["Null", "aws:requesttag/gone", "false", false],
    ["Bool", "aws:username", "true", false],
    ["IpAddress", "aws:sourceip", "10.0.0.0/8", true],
    ["IpAddress", "aws:sourceip", ["192.0.2.0/24", "10.1.2.3"], true],
    ["IpAddress", "aws:sourceip", "::/0", false],
    ["NotIpAddress", "aws:sourceip", "10.0.0.0/8", false],
    ["NotIpAddress", "aws:sourceip", "10.1.2.4/32", true],
    ["ArnLike", "servicediscovery:namespacearn", "arn:aws:servicediscovery:*:*:service/srv-*", true],
    ["ArnEquals", "servicediscovery:namespacearn", "arn:aws:servicediscovery:*:service/srv-*", false],
    ["ArnNotLike", "servicediscovery:namespacearn", "arn:aws:servicediscovery:*:*:namespace/*", true],
    ["ForAllValues:StringEquals", "aws:tagkeys", ["team", "stage", "cost"], true],
    ["ForAllValues:StringEquals", "aws:tagkeys", ["team"], false],
    ["ForAllValues:StringEquals", "aws:requesttag/gone", "x", true],
    ["ForAnyValue:StringEquals", "aws:tagkeys", ["team", "cost"], true],
    ["ForAnyValue:StringEquals", "aws:tagkeys", ["cost"], false],
    ["ForAnyValue:StringEquals", "aws:requesttag/gone", "x", false],
    ["ForAnyValue:StringEqualsIfExists", "aws:requesttag/gone", "x", true],
    ["ForAnyValue:StringNotEquals", "aws:tagkeys", ["team"], true],
    ["ForAllValues:StringNotLike", "aws:tagkeys", ["t*"], false],
    ["forallvalues:stringlike", "aws:tagkeys", ["*"], true],
  ];
  for (const [operator, key, values, expected] of cases) {
    it(`${operator} ${key} ${JSON.stringify(values)} ${expected ? "holds" : "does not hold"}`, () => {
      expect(holds({ [operator]: { [key]: values } })).to.equal(expected);
    });
  }

  it("must hold all together", () => {
    const [yes, no] = [{ "aws:username": "Ann" }, { "aws:username": "Bob" }];
    expect(holds({})).to.equal(true);
    expect(holds({ StringEquals: yes, StringLike: yes })).to.equal(true);
    expect(holds({ StringEquals: yes, StringLike: no })).to.equal(false);
    expect(holds({ StringEquals: { ...yes, "aws:requesttag/team": "other" } })).to.equal(false);
  });
});
