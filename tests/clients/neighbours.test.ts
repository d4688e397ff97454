/** STS and Route 53, the two neighbours of Cloud Map that the engine answers, by boto3 and the AWS CLI. */
import { expect } from "chai";
import type { Target } from "./client.ts";
import { environment, isHere, run } from "./environment.ts";
import { javascript } from "./javascript.ts";
import { type Served, serve } from "./serve.ts";

/** Prints who is asked, then the zones that are named, or the codes of what is refused. */
const script = `
import boto3, json, sys
from botocore.exceptions import ClientError
route53 = boto3.client("route53")
def zone(id):
    try:
        answer = route53.get_hosted_zone(Id=id)
        servers = answer.get("DelegationSet", {}).get("NameServers")
        return [answer["HostedZone"]["Name"], answer["HostedZone"]["Config"]["PrivateZone"], answer.get("VPCs"), servers]
    except ClientError as error:
        return [error.response["Error"]["Code"], type(error).__name__, error.response["ResponseMetadata"]["HTTPStatusCode"]]
print(json.dumps([boto3.client("sts").get_caller_identity()["Account"], *map(zone, sys.argv[1:])]))
`;

describe("the neighbours of Cloud Map", () => {
  let engine: Served;
  let zone: string;
  let open: string;
  before(async () => {
    engine = await serve("--region", "eu-west-1", "--name-server", "ns1.example.com=192.0.2.53");
    await using client = javascript({ ...engine, region: "eu-west-1" });
    await client.call("CreatePrivateDnsNamespace", { Name: "corp.internal", Vpc: "vpc-1" });
    await client.call("CreatePublicDnsNamespace", { Name: "example.com" });
    const zoneOf = async (Type: string) => {
      const outcome = await client.call("ListNamespaces", { Filters: [{ Name: "TYPE", Values: [Type] }] });
      return /"HostedZoneId":"(Z\w+)"/.exec(JSON.stringify(outcome))?.[1] ?? "";
    };
    [zone, open] = [await zoneOf("DNS_PRIVATE"), await zoneOf("DNS_PUBLIC")];
  });
  after(() => engine[Symbol.asyncDispose]());

  const as = (more: Partial<Target>) => environment({ ...engine, region: "eu-west-1", ...more });

  it("are asked by boto3", async function () {
    if (!(await isHere("boto3", "python3", "-c", "import boto3"))) return this.skip();
    const { out, err } = await run("python3", ["-c", script, zone, open, "Z0"], as({}));
    expect(err).to.equal("");
    expect(JSON.parse(out)).to.deep.equal([
      engine.account,
      ["corp.internal.", true, [{ VPCRegion: "eu-west-1", VPCId: "vpc-1" }], null],
      ["example.com.", false, null, ["ns1.example.com"]],
      ["NoSuchHostedZone", "NoSuchHostedZone", 404],
    ]);
  });

  it("are asked by the AWS CLI, and Route 53 by requests that are signed for us-east-1 too", async function () {
    if (!(await isHere("the AWS CLI", "aws", "--version"))) return this.skip();
    const args = ["route53", "get-hosted-zone", "--id", `/hostedzone/${zone}`, "--output", "json"];
    for (const region of ["us-east-1", "eu-west-1", "eu-west-2"]) {
      const { out, err } = await run("aws", args, as({ region }));
      if (region === "eu-west-2") expect(err).to.include("(SignatureDoesNotMatch)").and.to.include("eu-west-2");
      else expect(JSON.parse(out).HostedZone.Id, err).to.equal(`/hostedzone/${zone}`);
    }
    const wrong = await run("aws", args, as({ secretAccessKey: `${engine.secretAccessKey}.` }));
    expect(wrong.err).to.include("(SignatureDoesNotMatch)");
  });
});
