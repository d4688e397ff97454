/** The `data-` that SDKs put before the host of the discover operations: what each must be told, tried with each. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceDiscovery } from "@aws-sdk/client-servicediscovery";
import { expect } from "chai";
import { hostPrefixSettings } from "../../local/clients.ts";
import { cli } from "./cli.ts";
import { environment, isHere, run } from "./environment.ts";
import { javascript } from "./javascript.ts";
import { boto3 } from "./python.ts";
import { type Served, serve } from "./serve.ts";

const asked = { NamespaceName: "none", ServiceName: "none" };

describe("the prefix of the discover operations", () => {
  let engine: Served;
  before(async () => {
    engine = await serve();
  });
  after(() => engine[Symbol.asyncDispose]());

  const clients = [
    { name: "the SDK for JavaScript", open: javascript, isHere: async () => true },
    { name: "boto3", open: boto3, isHere: () => isHere("boto3", "python3", "-c", "import boto3") },
    { name: "the AWS CLI", open: cli, isHere: () => isHere("the AWS CLI", "aws", "--version") },
  ];
  for (const { name, open, isHere } of clients) {
    it(`keeps ${name} from the engine unless it is told to leave it away`, async function () {
      if (!(await isHere())) return this.skip();
      for (const hostPrefix of [true, false]) {
        await using client = open({ ...engine, hostPrefix });
        const outcome = await client.call("DiscoverInstancesRevision", asked);
        const said = JSON.stringify(outcome);
        if (hostPrefix) expect(said).to.include("data-127.0.0.1");
        else expect(said).to.include("NamespaceNotFound").and.not.to.include("data-");
      }
    });
  }

  it("is left away by the AWS CLI also where its configuration says so", async function () {
    if (!(await isHere("the AWS CLI", "aws", "--version"))) return this.skip();
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-config-"));
    const file = join(folder, "config");
    writeFileSync(file, "[default]\ndisable_host_prefix_injection = true\n");
    const args = ["servicediscovery", "discover-instances", "--namespace-name", "none", "--service-name", "none"];
    const done = await run("aws", args, { ...environment({ ...engine, hostPrefix: true }), AWS_CONFIG_FILE: file });
    rmSync(folder, { recursive: true });
    expect(done.err).to.include("(NamespaceNotFound)");
  });

  it("need not be left away where a resolver knows the names under localhost", async () => {
    const resolving = new Agent({
      lookup: (name, options, answer) => {
        if (name !== "data-cloudmap.localhost") throw new Error(`${name} is asked for`);
        if (options.all) answer(null, [{ address: "127.0.0.1", family: 4 }]);
        else answer(null, "127.0.0.1", 4);
      },
    });
    const { accessKeyId, secretAccessKey, region } = engine;
    const client = new ServiceDiscovery({
      endpoint: engine.url.replace("127.0.0.1", "cloudmap.localhost"),
      region,
      credentials: { accessKeyId, secretAccessKey },
      requestHandler: { httpAgent: resolving },
      maxAttempts: 1,
    });
    const error = await client.discoverInstances(asked).catch((caught: unknown) => caught);
    client.destroy();
    expect(error).to.have.property("name", "NamespaceNotFound");
  });

  it("is what `cloudmap serve` and README speak of, with the settings that these tests use", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    for (const { setting } of hostPrefixSettings) {
      expect(engine.said).to.include(setting);
      expect(readme).to.include(setting);
    }
    expect(engine.said).to.include(`AWS_ENDPOINT_URL_SERVICEDISCOVERY=${engine.url}`);
    expect(Object.entries(environment(engine)).map((pair) => pair.join("="))).to.include(hostPrefixSettings[0].setting);
  });
});
