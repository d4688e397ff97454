// Unmodified clients of AWS: the CLI and boto3, against an engine that checks their signatures.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type Running, start } from "../running.ts";

const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "a secret of sixteen and more/+=" };
const scenario = fileURLToPath(new URL("scenario.py", import.meta.url));

describe("clients of AWS", function () {
  this.timeout(60_000);
  let folder: string;
  let engine: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloudmap-clients-"));
    const auth = join(folder, "keys.json");
    writeFileSync(auth, JSON.stringify({ keys: [key] }), { mode: 0o600 });
    engine = await start({ auth, account: "123456789012", now: Date.now });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a program as on a machine that is configured for the engine; undefined where it is not installed. */
  async function run(command: string, args: readonly string[], secret = key.secretAccessKey) {
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      PYENV_ROOT: process.env.PYENV_ROOT ?? join(process.env.HOME ?? "", ".pyenv"),
      AWS_ENDPOINT_URL: engine.url,
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_MAX_ATTEMPTS: "1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_DISABLE_HOST_PREFIX_INJECTION: "true", // as `cloudmap env` says: no resolver knows data-127.0.0.1
    };
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const failed = new Promise<undefined>((resolve) => child.on("error", () => resolve(undefined)));
    const [out, error] = [child.stdout.toArray(), child.stderr.toArray()];
    const code = await Promise.race([failed, new Promise<number>((resolve) => child.on("close", resolve))]);
    return code === undefined ? undefined : { code, out: (await out).join(""), error: (await error).join("") };
  }

  /** Whether a program is here; a machine that has everything (CLOUDMAP_CI is set) must have it. */
  async function has(what: string, command: string, ...args: string[]): Promise<boolean> {
    if ((await run(command, args))?.code === 0) return true;
    if (process.env.CLOUDMAP_CI) throw new Error(`CLOUDMAP_CI is set and there is no ${what}`);
    console.log(`      there is no ${what} here: that it can talk to the engine is not tested`);
    return false;
  }

  it("the CLI makes a service, registers and discovers, and is told what is wrong", async function () {
    if (!(await has("AWS CLI", "aws", "--version"))) return this.skip();
    const aws = async (...args: string[]) => {
      const done = await run("aws", [...args, "--output", "json"]);
      if (done?.code !== 0) throw new Error(`aws ${args.join(" ")}: ${done?.code} ${done?.error}`);
      return JSON.parse(done.out);
    };
    const map = (...args: string[]) => aws("servicediscovery", ...args);
    expect(await aws("sts", "get-caller-identity")).to.include({ Account: "123456789012" });
    await map("create-http-namespace", "--name", "shop");
    const [namespace] = (await map("list-namespaces")).Namespaces;
    const { Service } = await map("create-service", "--name", "api", "--namespace-id", namespace.Id);
    const instance = ["--service-id", Service.Id, "--instance-id", "one"];
    await map(
      "register-instance",
      ...instance,
      "--attributes",
      "AWS_INSTANCE_IPV4=192.0.2.1,AWS_INSTANCE_PORT=80,zone=a",
    );
    const { Instances } = await map("discover-instances", "--namespace-name", "shop", "--service-name", "api");
    expect(Instances[0]).to.deep.include({ InstanceId: "one", HealthStatus: "UNKNOWN", ServiceName: "api" });
    const [refused, stranger] = await Promise.all([
      run("aws", ["servicediscovery", "delete-service", "--id", Service.Id]),
      run("aws", ["servicediscovery", "list-namespaces"], "the wrong secret, just as long"),
    ]);
    expect(refused?.error).to.include("(ResourceInUse)").and.to.include("contains registered instances");
    expect(stranger?.error).to.include("(SignatureDoesNotMatch)");
  });

  it("boto3 goes from a namespace to a discovery and back, with pages, times and exceptions", async function () {
    if (!(await has("boto3", "python3", "-c", "import boto3"))) return this.skip();
    const done = await run("python3", [scenario, engine.url]);
    expect(done?.error).to.equal("");
    const more = ["more-0", "more-1", "more-2", "more-3", "more-4"];
    expect(JSON.parse(done?.out ?? "")).to.deep.equal({
      account: "123456789012",
      owner: "123456789012",
      registered: "SUCCESS",
      created: true,
      found: more,
      listed: [...more, "one"],
      errors: [
        ["ServiceAlreadyExists", "ServiceAlreadyExists", 400],
        ["InstanceNotFound", "InstanceNotFound", 400],
        ["ResourceInUse", "ResourceInUse", 400],
        ["OperationNotFound", "OperationNotFound", 400],
      ],
      deleted: "SUCCESS",
    });
  });
});
