/** HTTPS with clients that are told of the authority of the engine's certificate. */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceDiscovery } from "@aws-sdk/client-servicediscovery";
import { expect } from "chai";
import { run as runCloudmap } from "../bin/run.ts";
import { makePair, type Pair, writePair } from "../engine/http/certificates.ts";
import { environment, isHere, run } from "./environment.ts";
import { type Served, serve } from "./serve.ts";

describe("HTTPS, with clients", () => {
  let folder: string;
  let authority: string;
  let pair: Pair;
  let engine: Served;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-https-"));
    pair = await makePair();
    const files = writePair(folder, pair);
    authority = files.cert;
    engine = await serve("--tls-cert", files.cert, "--tls-key", files.key);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const listed = ["servicediscovery", "list-namespaces", "--output", "json"];

  it("is what `serve` prints for them", () => {
    expect(engine.url).to.match(/^https:/);
    expect(engine.said).to.include(`AWS_ENDPOINT_URL_SERVICEDISCOVERY=${engine.url}`);
    expect(engine.said).to.include(`TLS      by the certificate in ${authority}`);
  });

  it("is taken by the SDK for JavaScript", async () => {
    const { url, region, accessKeyId, secretAccessKey } = engine;
    const client = new ServiceDiscovery({
      endpoint: url,
      region,
      credentials: { accessKeyId, secretAccessKey },
      requestHandler: { httpsAgent: new Agent({ ca: pair.cert }) },
    });
    expect((await client.listNamespaces({})).Namespaces).to.deep.equal([]);
    client.destroy();
  });

  it("is taken by boto3, and refused where it does not know the authority", async function () {
    if (!(await isHere("boto3", "python3", "-c", "import boto3"))) return this.skip();
    const ask = ["-c", "import boto3; print(boto3.client('servicediscovery').list_namespaces()['Namespaces'])"];
    expect(await run("python3", ask, { ...environment(engine), AWS_CA_BUNDLE: authority })).to.include({ out: "[]\n" });
    expect((await run("python3", ask, environment(engine))).err).to.include("CERTIFICATE_VERIFY_FAILED");
  });

  it("is taken by the AWS CLI", async function () {
    if (!(await isHere("the AWS CLI", "aws", "--version"))) return this.skip();
    const { out, err } = await run("aws", listed, { ...environment(engine), AWS_CA_BUNDLE: authority });
    expect(JSON.parse(out || err)).to.deep.equal({ Namespaces: [] });
  });

  it("is taken by curl", async function () {
    if (!(await isHere("curl", "curl", "--version"))) return this.skip();
    const { out } = await run("curl", ["-sS", "--cacert", authority, `${engine.url}/healthz`], {});
    expect(JSON.parse(out)).to.include({ status: "ok", account: engine.account });
  });

  it("is taken by the provider's client, and so by `cloudmap ls`", async () => {
    const { url, region, accessKeyId, secretAccessKey } = engine;
    const env = {
      CLOUDMAP_HOME: folder,
      CLOUDMAP_ENDPOINT: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const told = await runCloudmap(["ls", "--json"], { ...env, NODE_EXTRA_CA_CERTS: authority });
    expect(told).to.include({ code: 0, out: '{"Namespaces":[]}\n' });
    const untold = await runCloudmap(["ls"], env);
    expect(untold.code).to.equal(1);
    expect(untold.err)
      .to.match(/certificate/)
      .and.to.include(url);
  });

  it("needs both files", async () => {
    const cases = [
      [["--tls-cert", authority], "--tls-cert needs --tls-key beside it"],
      [["--tls-key", authority], "--tls-key needs --tls-cert beside it"],
    ] as const;
    for (const [flags, message] of cases) {
      const { code, err } = await runCloudmap(["serve", ...flags], { CLOUDMAP_HOME: folder });
      expect(code).to.equal(1);
      expect(err).to.include(message);
    }
  });
});
