// The file of --auth: everything that is wrong with one is said at once, with where it is, and never a secret.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readAccess } from "../../../engine/auth/access-file.ts";
import { keyOf } from "./gated.ts";

/** A policy variable, which is not one of JavaScript. */
const variable = (name: string) => `$${`{${name}}`}`;
const statement = { Effect: "Allow", Action: "servicediscovery:*", Resource: "*" };

describe("the file of access", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-access-file-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = (content: object) => {
    const file = join(folder, "access.json");
    writeFileSync(file, JSON.stringify(content));
    chmodSync(file, 0o600);
    return readAccess(file);
  };
  /** What is said of a file, line by line, without its first. */
  const said = (content: object): string[] => {
    try {
      read(content);
      return [];
    } catch (error) {
      const [first = "", ...lines] = String((error as Error).message).split("\n");
      expect(first).to.match(/access\.json is not a file of access keys \(docs\/access\.md says how one looks\):$/);
      expect(String(error)).not.to.include("the secret of");
      return lines.map((line) => line.trim());
    }
  };
  const withPolicy = (more: object, policy: object = {}) =>
    said({ keys: [{ ...keyOf("a"), policies: [{ Statement: { ...statement, ...more }, ...policy }] }] });

  it("has keys, of which one without policies may do everything, and one with none of them nothing", () => {
    const { keys } = read({ keys: [keyOf("a"), { ...keyOf("b"), policies: [] }] });
    expect(keys.get(keyOf("a").accessKeyId)?.permissions).to.equal(undefined);
    expect(keys.get(keyOf("b").accessKeyId)?.permissions).to.be.instanceOf(Map);
  });

  it("takes policies in place and by name, one statement or many, of other services too", () => {
    const many = {
      Version: "2012-10-17",
      Id: "x",
      Statement: [statement, { ...statement, Action: ["route53:*", "*"] }],
    };
    const key = {
      ...keyOf("a"),
      account: "111122223333",
      sessionTokens: ["sixteen characters"],
      policies: [many, "named"],
    };
    const shares = [{ namespace: "ns-abc", accounts: ["111122223333"], permission: "write" }];
    expect(said({ keys: [key], policies: { named: { Statement: statement } }, shares })).to.deep.equal([]);
  });

  it("says each thing that is wrong with its form, and where", () => {
    const { secretAccessKey } = keyOf("a");
    const keys = [
      { accessKeyId: "short", secretAccessKey: "short" },
      { secretAccessKey, account: "12", sessionTokens: [], name: 1, color: "red" },
      { ...keyOf("b"), policies: [{ Statement: [{ Effect: "Maybe", Principal: "*" }] }, {}, 7] },
    ];
    const shares = [{ namespace: "shop", accounts: [], permission: "own" }, {}];
    expect(said({ keys, shares, policies: { p: { Statement: "x" } } }).sort()).to.deep.equal([
      "keys[0].accessKeyId must be 16 to 128 letters, digits and _",
      "keys[0].secretAccessKey must have at least 16 characters: draw a longer one",
      'keys[1] has "color", which nothing reads',
      "keys[1] needs accessKeyId",
      "keys[1].account must be an account: twelve digits",
      "keys[1].name must be string",
      "keys[1].sessionTokens must not be empty",
      'keys[2].policies[0].Statement[0] has "Principal", which nothing reads',
      "keys[2].policies[0].Statement[0].Effect must be Allow or Deny",
      "keys[2].policies[1] needs Statement",
      "keys[2].policies[2] must be object",
      "policies.p.Statement must be object",
      "shares[0].accounts must not be empty",
      "shares[0].namespace must be the id or the ARN of a namespace",
      "shares[0].permission must be read or write",
      "shares[1] needs accounts",
      "shares[1] needs namespace",
    ]);
    expect(said([])).to.deep.equal(["the file must be object"]);
    expect(said({})).to.deep.equal(["the file needs keys"]);
  });

  it("says what is there twice, and which policy is not there", () => {
    const share = { namespace: "ns-abc", accounts: ["111122223333"] };
    const other = {
      namespace: "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-abc",
      accounts: share.accounts,
    };
    const keys = [keyOf("a"), { ...keyOf("a"), policies: ["gone", "constructor"] }];
    expect(said({ keys, shares: [share, other] })).to.deep.equal([
      "keys[1].policies[0] names gone, which is not under policies",
      "keys[1].policies[1] names constructor, which is not under policies",
      "keys[1].accessKeyId is there twice: keep one of them",
      "shares[1] is there twice: keep one of them",
    ]);
  });

  it("refuses statements that say less than they seem to", () => {
    const path = "keys[0].policies[0].Statement";
    const { Action: _, ...without } = statement;
    expect(said({ keys: [{ ...keyOf("a"), policies: [{ Statement: without }] }] })).to.deep.equal([
      `${path} needs one of Action and NotAction`,
    ]);
    expect(withPolicy({ NotResource: "*" })).to.deep.equal([`${path} needs one of Resource and NotResource`]);
    expect(
      withPolicy({ Action: ["servicediscovery:DiscoverInstance", "Discover*", "cloudmap:Get", "s3:Get*"] }),
    ).to.deep.equal([
      `${path}.Action "servicediscovery:DiscoverInstance" is not an action of Cloud Map, and none matches it`,
      `${path}.Action "Discover*" is not an action: write servicediscovery:DiscoverInstances`,
      `${path}.Action "cloudmap:Get" is not an action of Cloud Map, and none matches it`,
    ]);
    expect(withPolicy({ Action: ["SERVICEDISCOVERY:discoverinstances", "servicediscovery:PutResourcePolicy"] })).to.be
      .empty;
    expect(withPolicy({ Resource: ["ns-abc", `arn:aws:servicediscovery:*:${variable("aws:x")}:*`] })).to.deep.equal([
      `${path}.Resource "ns-abc" is neither "*" nor an ARN`,
      `${path}.Resource "arn:aws:servicediscovery:*:${variable("aws:x")}:*" has a policy variable, which the engine does not read`,
    ]);
    expect(withPolicy({}, { Version: "2020-01-01" })).to.deep.equal([
      "keys[0].policies[0].Version must be 2012-10-17 or 2008-10-17",
    ]);
  });

  it("refuses conditions that it could not decide", () => {
    const path = "keys[0].policies[0].Statement.Condition";
    const Condition = {
      StringMatches: { "aws:SourceIp": "x" },
      StringEquals: { "aws:MultiFactorAuthAge": "1", "aws:ResourceTag/": "x", "aws:username": variable("aws:x") },
      IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "10.0.0.0/33", "::1", "localhost"] },
      Null: { "aws:ResourceTag/team": "maybe" },
      NullIfExists: { "aws:ResourceTag/team": "true" },
      "ForSomeValues:StringEquals": { "aws:TagKeys": "x" },
      ArnLike: { "servicediscovery:NamespaceArn": "ns-abc" },
    };
    expect(withPolicy({ Condition }).map((line) => line.replace(path, "…"))).to.deep.equal([
      "….StringMatches is not an operator that the engine knows: take StringEquals, StringLike, ArnLike, Bool, IpAddress, Null and their like",
      "….StringEquals.aws:MultiFactorAuthAge is not a condition key that the engine knows",
      "….StringEquals.aws:ResourceTag/ is not a condition key that the engine knows",
      `….StringEquals.aws:username has a policy variable, which the engine does not read, and is "${variable("aws:x")}"`,
      '….IpAddress.aws:SourceIp must be an address or a network, such as 192.0.2.0/24, and is "10.0.0.0/33"',
      '….IpAddress.aws:SourceIp must be an address or a network, such as 192.0.2.0/24, and is "localhost"',
      '….Null.aws:ResourceTag/team must be true or false, and is "maybe"',
      "….NullIfExists is not an operator that the engine knows: take StringEquals, StringLike, ArnLike, Bool, IpAddress, Null and their like",
      "….ForSomeValues:StringEquals is not an operator that the engine knows: take StringEquals, StringLike, ArnLike, Bool, IpAddress, Null and their like",
      '….ArnLike.servicediscovery:NamespaceArn must be an ARN, and is "ns-abc"',
    ]);
  });
});
