// The command `cloudmap`: the local engine from the command line, and reads for people.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createClient } from "../../provider/client.ts";
import { until } from "../local/until.ts";
import { begin, firstMatch, run } from "./run.ts";

describe("cloudmap", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-bin-"));
  const env = { CLOUDMAP_HOME: join(folder, "home") };
  const cloudmap = (...args: string[]) => run(args, env);

  after(async () => {
    await cloudmap("stop");
    rmSync(folder, { recursive: true, force: true });
  });

  it("says that the local engine does not run, without starting it", async () => {
    const { code, out } = await cloudmap("status");
    expect(code).to.equal(3);
    expect(out).to.include("does not run").and.to.include(env.CLOUDMAP_HOME);
    expect((await cloudmap("stop")).out).to.include("nothing to stop");
    expect(JSON.parse((await cloudmap("status", "--json")).out)).to.deep.equal({
      state: "none",
      home: env.CLOUDMAP_HOME,
    });
  });

  it("prints what AWS clients need, starting the engine and saying so beside it", async () => {
    const { out, err } = await cloudmap("env");
    expect(err).to.match(/^cloudmap: started the local engine .* at http:\/\/127\.0\.0\.1:\d+/);
    const values = execFileSync("sh", ["-c", `${out}\nenv`], { env: { AWS_SESSION_TOKEN: "old" }, encoding: "utf8" });
    for (const [name, value] of Object.entries(JSON.parse((await cloudmap("env", "--json")).out))) {
      expect(values).to.include(`${name}=${value}\n`);
    }
    expect(values).not.to.include("AWS_SESSION_TOKEN");
  });

  it("shows where the engine is, and follows its log", async () => {
    const { code, out } = await cloudmap("status");
    expect(code).to.equal(0);
    expect(out).to.match(/runs\.\n {2}endpoint +http:/);
    const follow = begin(["logs", "--follow"], env);
    await firstMatch(follow.stdout, /"serving"/);
    const stopped = firstMatch(follow.stdout, /"stopped"/);
    await cloudmap("stop");
    await stopped;
    follow.kill();
  });

  it("lists namespaces, services and instances", async () => {
    expect((await cloudmap("ls")).out).to.match(/^There is no namespace at http/);
    await populate(JSON.parse((await cloudmap("env", "--json")).out));
    const { out } = await cloudmap("ls");
    expect(out).to.match(
      /^NAME +TYPE +HAS +HEALTH +ID\nshop +HTTP +1 service +ns-\w+\n {2}cart +HTTP +2 instances +reported +srv-\w+\n$/,
    );
    expect(JSON.parse((await cloudmap("ls", "--json")).out)).to.have.nested.property(
      "Namespaces[0].Services[0].Name",
      "cart",
    );
  });

  it("prints the address of the console, which opens it, and nothing of the key's secret", async () => {
    const { out, err } = await cloudmap("console");
    const { AWS_SECRET_ACCESS_KEY } = JSON.parse((await cloudmap("env", "--json")).out);
    expect(err).to.include("Open it in a browser.");
    expect(`${out}${err}`).to.not.include(AWS_SECRET_ACCESS_KEY);
    const { username, password, origin } = new URL(out.trim());
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const page = await fetch(origin, { headers: { authorization } });
    expect(page.status).to.equal(200);
    expect(await page.text()).to.include(">shop</a>");
    expect((await fetch(origin)).status).to.equal(401);
    const aws = await run(["console"], {
      ...env,
      CLOUDMAP_ENDPOINT: "aws",
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    });
    expect([aws.code, aws.err]).to.deep.equal([
      1,
      "cloudmap: AWS has a console of its own: this one is of an engine's registry\n",
    ]);
  });

  it("discovers instances, in columns where these are few", async () => {
    const { out } = await cloudmap("discover", "shop", "cart");
    expect(out).to.equal(
      [
        "INSTANCE  ADDRESS   PORT  HEALTH     constructor  version",
        "cart-1    10.0.0.1  8080  HEALTHY    -            1",
        "cart-2    10.0.0.2  -     UNHEALTHY  x            2",
        "",
      ].join("\n"),
    );
    expect((await cloudmap("discover", "shop", "cart", "--health", "HEALTHY")).out).not.to.include("cart-2");
    const { Instances } = JSON.parse((await cloudmap("discover", "shop", "cart", "--json")).out);
    expect(Instances).to.have.length(2);
  });

  it("says what is not there, in the API's words and without a stack trace", async () => {
    const { code, err } = await cloudmap("discover", "shop", "checkout");
    expect(code).to.equal(1);
    expect(err).to.match(/^cloudmap: DiscoverInstances at http.*ServiceNotFound.*checkout.*\n$/);
  });

  it("lets the AWS CLI discover (needs aws on PATH)", async function () {
    if (spawnSync("aws", ["--version"]).status !== 0) this.skip();
    const line = "aws servicediscovery discover-instances --namespace-name shop --service-name cart --output json";
    const { out } = await cloudmap("env");
    const answer = execFileSync("sh", ["-c", `${out}\n${line}`], { encoding: "utf8", timeout: 20_000 });
    expect(JSON.parse(answer).Instances.map((each: { InstanceId: string }) => each.InstanceId)).to.deep.equal([
      "cart-1",
    ]);
  });

  it("backs the registry up while the engine runs, and restores it into a new folder", async () => {
    const file = join(folder, "registry.backup");
    const { out } = await cloudmap("backup", file);
    expect(out).to.match(/^Backed up account \d{12} at revision \d+ \(1 namespace, 1 service, 2 instances\) to /);
    const data = join(folder, "restored");
    expect((await cloudmap("restore", file, "--data", data)).out).to.equal(
      `Restored ${out.slice("Backed up ".length, out.indexOf(" to "))} into ${data}.\n`,
    );
    expect((await cloudmap("restore", file)).err).to.match(/^cloudmap: the folder .* is not empty/);
    const missing = await cloudmap("restore", join(folder, "none"), "--data", join(folder, "other"));
    expect([missing.code, missing.err]).to.deep.equal([
      1,
      `cloudmap: reading ${join(folder, "none")}: there is no such file or folder (ENOENT: no such file or directory, open '${join(folder, "none")}')\n`,
    ]);
  });

  it("stops the engine and keeps its data", async () => {
    const { out } = await cloudmap("stop");
    expect(out).to.match(/^Stopped the local engine \(process \d+\)\. Its data stays in /);
    expect((await cloudmap("status")).code).to.equal(3);
    expect((await cloudmap("discover", "shop", "cart")).out).to.include("cart-1");
  });
});

/** A service with an instance that is healthy and one that is not. */
async function populate(variables: Readonly<Record<string, string>>): Promise<void> {
  const endpoint = variables.AWS_ENDPOINT_URL_SERVICEDISCOVERY ?? "";
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = variables;
  const { call } = createClient({
    endpoint,
    stsEndpoint: endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
    ...{ endpointFrom: "", regionFrom: "", credentialsFrom: "", maxRetries: 0, requestTimeout: 5_000 },
  });
  await call("CreateHttpNamespace", { Name: "shop" });
  const namespace = async () => (await call("ListNamespaces", {})).Namespaces?.[0];
  await until("the namespace is there", async () => (await namespace()) !== undefined);
  const NamespaceId = (await namespace())?.Id ?? "";
  const { Service } = await call("CreateService", { Name: "cart", NamespaceId, HealthCheckCustomConfig: {} });
  const ServiceId = Service?.Id ?? "";
  const register = (InstanceId: string, Attributes: Record<string, string>) =>
    call("RegisterInstance", { ServiceId, InstanceId, Attributes });
  await register("cart-1", { AWS_INSTANCE_IPV4: "10.0.0.1", AWS_INSTANCE_PORT: "8080", version: "1" });
  await register("cart-2", {
    ...{ AWS_INSTANCE_IPV4: "10.0.0.2", AWS_INIT_HEALTH_STATUS: "UNHEALTHY" },
    ...{ version: "2", constructor: "x" },
  });
  await until("both are registered", async () => (await call("ListInstances", { ServiceId })).Instances?.length === 2);
}
