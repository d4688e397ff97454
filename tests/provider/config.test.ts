// Where the provider's configuration comes from, and what is said when it cannot be used.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readAdopt, readDefaultTags, readSettings } from "../../provider/config.ts";
import { formatDuration, parseDuration } from "../../provider/duration.ts";
import { checkConfiguration } from "../../provider/plugin/configuration.ts";
import { failureOf } from "./workbench.ts";

const localEngine = {
  endpoint: "http://127.0.0.1:4567",
  region: "us-east-1",
  accessKeyId: "AKL",
  secretAccessKey: "s",
};
const keys = { AWS_ACCESS_KEY_ID: "AKIA1", AWS_SECRET_ACCESS_KEY: "secret1" };
type Values = Readonly<Record<string, string>>;

function read(config: Values, env: Values = {}) {
  const find = async () => localEngine;
  return readSettings((key) => config[key.replace("cloudmap:", "")], env, find);
}

async function refusal(config: Values, env: Values = {}): Promise<string> {
  return (await failureOf(read(config, env))).message;
}

describe("the configuration", () => {
  it("takes Pulumi's own values first, then the variables in their order", async () => {
    const env = {
      AWS_ENDPOINT_URL_SERVICEDISCOVERY: "http://127.0.0.1:1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:2",
      CLOUDMAP_ENDPOINT: "http://127.0.0.1:3",
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_SESSION_TOKEN: "token1",
      ...keys,
    };
    const own = { endpoint: "http://127.0.0.1:9", region: "ap-south-1", accessKey: "AK", secretKey: "SK", token: "T" };
    expect(await read(own, env)).to.deep.include({
      endpoint: "http://127.0.0.1:9/",
      endpointFrom: "cloudmap:endpoint",
      region: "ap-south-1",
      credentials: { accessKeyId: "AK", secretAccessKey: "SK", sessionToken: "T" },
      maxRetries: 8,
      requestTimeout: 30_000,
    });
    expect(await read({}, env)).to.deep.include({
      endpoint: "http://127.0.0.1:1/",
      endpointFrom: "AWS_ENDPOINT_URL_SERVICEDISCOVERY",
      region: "eu-central-1",
      credentials: { accessKeyId: "AKIA1", secretAccessKey: "secret1", sessionToken: "token1" },
    });
    const { AWS_ENDPOINT_URL_SERVICEDISCOVERY: _, AWS_REGION: __, ...fewer } = env;
    expect(await read({}, fewer)).to.include({ endpoint: "http://127.0.0.1:2/", region: "eu-west-1" });
    expect(await read({}, { CLOUDMAP_ENDPOINT: env.CLOUDMAP_ENDPOINT })).to.include({
      endpoint: "http://127.0.0.1:3/",
      region: "us-east-1",
      regionFrom: "the default",
    });
  });

  it("finds AWS's own endpoints by the region", async () => {
    expect(await read({ endpoint: "aws", region: "eu-central-1" }, keys)).to.include({
      endpoint: "https://servicediscovery.eu-central-1.amazonaws.com/",
      stsEndpoint: "https://sts.eu-central-1.amazonaws.com/",
      endpointFrom: "cloudmap:endpoint = aws",
    });
    expect(await read({ endpoint: "aws", region: "cn-north-1" }, keys)).to.include({
      endpoint: "https://servicediscovery.cn-north-1.amazonaws.com.cn/",
    });
    expect(await refusal({ endpoint: "aws" }, keys))
      .to.include("no region is set")
      .and.include("AWS_REGION");
    expect(await refusal({ endpoint: "aws", region: "x.evil.com/" }, keys)).to.include("is no region");
  });

  it("refuses endpoints that are none", async () => {
    for (const endpoint of ["localhost:7700", "ftp://a", "http://", "AWS"]) {
      expect(await refusal({ endpoint }))
        .to.include(JSON.stringify(endpoint))
        .and.include("is no endpoint");
    }
    expect(await refusal({ endpoint: "http://me:pw@127.0.0.1" }))
      .to.include("without credentials")
      .and.not.include("pw@");
  });

  it("signs with anything for loopback only", async () => {
    for (const endpoint of ["http://localhost:1", "http://127.3.2.1:1", "http://[::1]:1", "http://a.localhost:1"]) {
      expect((await read({ endpoint })).credentials.accessKeyId).to.equal("local");
    }
    expect(await refusal({ endpoint: "http://10.0.0.1:7700" })).to.include("no credentials are set");
    expect(await refusal({ endpoint: "http://127.0.0.1.example.com" })).to.include("no credentials are set");
  });

  it("refuses half of a pair of keys", async () => {
    const endpoint = "http://127.0.0.1:1";
    expect(await refusal({ endpoint, accessKey: "a" })).to.include("cloudmap:accessKey and cloudmap:secretKey");
    expect(await refusal({ endpoint }, { AWS_SECRET_ACCESS_KEY: "s3cr3t" }))
      .to.include("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set")
      .and.not.include("s3cr3t");
    expect(
      (await read({ endpoint, profile: "work", accessKey: "a", secretKey: "b" })).credentials.accessKeyId,
    ).to.equal("a");
  });

  describe("finds credentials as the AWS SDK does", () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-profiles-"));
    const environment = { ...process.env };
    before(() => {
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const printed = {
        Version: 1,
        AccessKeyId: "AKPROCESS",
        SecretAccessKey: "s",
        SessionToken: "t",
        Expiration: expires,
      };
      writeFileSync(join(folder, "printed.json"), JSON.stringify(printed));
      writeFileSync(
        join(folder, "config"),
        `[profile work]\naws_access_key_id = AKWORK\naws_secret_access_key = s\n[profile process]\ncredential_process = cat ${join(folder, "printed.json")}\n[profile broken]\ncredential_process = false\n`,
      );
      writeFileSync(join(folder, "credentials"), "[home]\naws_access_key_id = AKHOME\naws_secret_access_key = s\n");
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
      process.env.AWS_CONFIG_FILE = join(folder, "config");
      process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, "credentials");
      process.env.AWS_EC2_METADATA_DISABLED = "true";
    });
    after(() => {
      for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
      Object.assign(process.env, environment);
      rmSync(folder, { recursive: true });
    });
    const aws = { endpoint: "aws", region: "eu-central-1" };

    it("by the profile of the stack, before the keys of the environment", async () => {
      const found = await read({ ...aws, profile: "work" }, keys);
      expect(found.credentials.accessKeyId).to.equal("AKWORK");
      expect(found.credentialsFrom).to.equal('the profile "work" (from cloudmap:profile)');
    });

    it("by the profile of the environment, also for an engine elsewhere", async () => {
      const found = await read({ endpoint: "https://registry.example.com" }, { AWS_PROFILE: "home" });
      expect(found.credentials.accessKeyId).to.equal("AKHOME");
    });

    it("by a process, and renews them", async () => {
      const { credentials, renew } = await read({ ...aws, profile: "process" });
      expect(credentials).to.deep.equal({ accessKeyId: "AKPROCESS", secretAccessKey: "s", sessionToken: "t" });
      expect(await renew?.()).to.deep.equal(credentials);
    });

    it("and says where it has looked, and what to do", async () => {
      expect(await refusal({ ...aws, profile: "broken" }))
        .to.include('the profile "broken" (from cloudmap:profile) gives no credentials')
        .and.include("aws sso login --profile broken");
      expect(await refusal({ ...aws, profile: "nobody" })).to.include('the profile "nobody"');
      expect(await refusal(aws))
        .to.include("the AWS SDK's default chain gives no credentials")
        .and.include("AWS_PROFILE");
    });
  });

  it("finds or starts the local engine when nothing is set", async () => {
    expect(await read({})).to.deep.include({
      endpoint: localEngine.endpoint,
      credentials: { accessKeyId: "AKL", secretAccessKey: "s" },
      endpointFrom: "the local engine, for no endpoint is set",
    });
  });

  it("never starts an engine on CI or where AWS is prepared, and names the choices", async () => {
    const surprises: [Values, Values, string][] = [
      [{}, { CI: "true" }, "CI is set"],
      [{}, { CI: "1" }, "CI is set"],
      [{}, keys, "AWS_ACCESS_KEY_ID is set"],
      [{}, { AWS_PROFILE: "work" }, "AWS_PROFILE is set"],
      [{ profile: "work" }, {}, "cloudmap:profile is set"],
      [{ accessKey: "a", secretKey: "b" }, {}, "cloudmap:accessKey is set"],
    ];
    for (const [config, env, reason] of surprises) {
      expect(await refusal(config, env))
        .to.include("no endpoint is set")
        .and.include(reason)
        .and.include("cloudmap:endpoint http://HOST:PORT")
        .and.include("AWS_ENDPOINT_URL_SERVICEDISCOVERY");
    }
  });

  it("reads the limits, and refuses what is none", async () => {
    const endpoint = "http://127.0.0.1:1";
    expect(await read({ endpoint, maxRetries: "0", requestTimeout: "1m30s" })).to.include({
      maxRetries: 0,
      requestTimeout: 90_000,
    });
    expect((await read({ endpoint, requestTimeout: "5" })).requestTimeout).to.equal(5000);
    expect(await refusal({ endpoint, maxRetries: "many" })).to.include("cloudmap:maxRetries must be a whole number");
    expect(await refusal({ endpoint, requestTimeout: "soon" })).to.include("must be a duration such as 30s");
  });

  it("reads the account that the registry must have", async () => {
    const endpoint = "http://127.0.0.1:1";
    expect(await read({ endpoint, account: " 012345678901 " })).to.include({ account: "012345678901" });
    expect(await read({ endpoint })).not.to.have.property("account");
    for (const account of ["12345", "shop", "0123456789012"]) {
      expect(await refusal({ endpoint, account })).to.include(
        "cloudmap:account must be an account number, twelve digits",
      );
    }
  });

  it("is refused by a plugin at the property that is wrong", async () => {
    const endpoint = "http://127.0.0.1:7700";
    for (const [property, value] of [
      ["endpoint", "nowhere"],
      ["maxRetries", "many"],
      ["requestTimeout", "soon"],
      ["account", "12"],
      ["defaultTags", "[]"],
    ] as const) {
      const failures = await checkConfiguration({ endpoint, [property]: value });
      expect(failures.map((each) => each.property)).to.deep.equal([property]);
    }
  });

  it("knows by the endpoint whether an account has a registry in each region", async () => {
    const regional = async (endpoint: string) => (await read({ endpoint, region: "eu-central-1" }, keys)).regional;
    const ofAws = [
      "aws",
      "https://servicediscovery.eu-central-1.amazonaws.com",
      "https://vpce-1.servicediscovery.eu-central-1.vpce.amazonaws.com",
      "https://servicediscovery.cn-north-1.amazonaws.com.cn",
      "https://servicediscovery.eu-central-1.api.aws",
    ];
    for (const endpoint of ofAws) expect(await regional(endpoint), endpoint).to.equal(true);
    for (const endpoint of ["http://127.0.0.1:1", "https://amazonaws.com.example.com"]) {
      expect(await regional(endpoint), endpoint).to.equal(false);
    }
  });

  it("reads default tags as a map, also in pulumi-aws's form", () => {
    const tags = (text: string) => readDefaultTags(() => text);
    expect(tags("")).to.deep.equal({});
    expect(tags('{"team":"web"}')).to.deep.equal({ team: "web" });
    expect(tags('{"tags":{"team":"web"}}')).to.deep.equal({ team: "web" });
    expect(tags('{"tags":"web"}')).to.deep.equal({ tags: "web" });
    for (const bad of ["web", "[]", '{"a":1}', "null", '{"tags":{"a":1}}']) {
      expect(() => tags(bad), bad).to.throw("cloudmap:defaultTags must be a map of strings");
    }
  });

  it("reads the ids that may be taken over", () => {
    expect([...readAdopt(() => " ns-1, srv-2/web ,")]).to.deep.equal(["ns-1", "srv-2/web"]);
  });
});

describe("durations", () => {
  it("are read as Pulumi writes them", () => {
    const texts = ["5m", "1h30m", "90s", "1.5s", "250ms", "30", " 2m "];
    expect(texts.map(parseDuration)).to.deep.equal([300_000, 5_400_000, 90_000, 1500, 250, 30_000, 120_000]);
    expect(["", "5 m", "-1s", "m", "5x"].map(parseDuration)).to.deep.equal(Array(5).fill(undefined));
  });

  it("are written for people", () => {
    expect([40, 1500, 61_000, 120_000, 330_000].map(formatDuration)).to.deep.equal([
      "40 ms",
      "2 s",
      "61 s",
      "2 min",
      "5 min 30 s",
    ]);
  });
});
