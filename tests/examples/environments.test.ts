// One program in three environments: dev as the workflow rehearses it, staging with an encrypted key, production by a profile.
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ServiceDiscovery } from "@aws-sdk/client-servicediscovery";
import { expect } from "chai";
import { parse } from "yaml";
import { type Gated, keyOf, startGated } from "../engine/auth/gated.ts";
import { makePair, writePair } from "../engine/http/certificates.ts";
import { freePort } from "../local/port.ts";
import { commands } from "../up/deployer.ts";
import { ended } from "../up/stack.ts";
import { examples } from "./programs.ts";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly env: Record<string, string>; readonly steps: readonly Step[] }>>;
}

const modules = join(examples, "../node_modules");
const key = keyOf("deploy");
const workflow = ".github/workflows/preview.yml";

for (const { name, command } of commands) {
  describe(`One program in three environments, under ${name}`, function () {
    this.timeout(180_000);
    let folder: string;
    let env: NodeJS.ProcessEnv;
    let gated: Gated;
    let authority: string;
    const path = (...parts: string[]) => join(folder, ...parts);

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "cloudmap-environments-"));
      await cp(join(examples, "environments"), path("program"), { recursive: true });
      await installed();
      await mkdir(path("state"));
      const tls = writePair(folder, await makePair());
      authority = tls.cert;
      gated = await startGated({ keys: [key] }, { now: Date.now, tls });
      env = {
        ...{ HOME: folder, PULUMI_HOME: path("home"), PULUMI_BACKEND_URL: pathToFileURL(path("state")).href },
        ...{ PULUMI_CONFIG_PASSPHRASE: "correct horse", PULUMI_SKIP_UPDATE_CHECK: "true", CI: "1" },
        ...{ PATH: [await pulumiIn(command), dirname(process.execPath), process.env.PATH].join(delimiter) },
        ...{ NODE_COMPILE_CACHE: join(tmpdir(), "cloudmap-up-compile-cache"), NODE_EXTRA_CA_CERTS: authority },
        ...{ AWS_CONFIG_FILE: path("none"), AWS_SHARED_CREDENTIALS_FILE: path("none") },
      };
    });
    after(async () => {
      await gated[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    const executable = (file: string, line: readonly string[]) =>
      writeFile(file, `#!/bin/sh\nexec ${line.map((part) => `'${part}'`).join(" ")} "$@"\n`, { mode: 0o755 });
    /** What `npm ci` makes: the packages, and their commands, which npm makes executable. */
    const installed = async () => {
      await mkdir(path("program", "node_modules", ".bin"), { recursive: true });
      const packages = (await readdir(modules)).filter((each) => !each.startsWith("."));
      for (const each of packages) await symlink(join(modules, each), path("program", "node_modules", each));
      const script = join(modules, "pulumi-cloudmap/dist/bin/cloudmap.js");
      await executable(path("program", "node_modules", ".bin", "cloudmap"), [process.execPath, script]);
    };
    /** The command under the name pulumi, in a folder for PATH. */
    const pulumiIn = async (line: readonly string[]): Promise<string> => {
      await mkdir(path("bin"));
      await executable(path("bin", "pulumi"), line);
      return path("bin");
    };
    const bash = (script: string, more: NodeJS.ProcessEnv = {}, detached = false) =>
      spawn("bash", ["-e", "-c", script], { cwd: path("program"), env: { ...env, ...more }, detached });
    const ran = async (script: string, more?: NodeJS.ProcessEnv): Promise<string> => {
      const { exitCode, output } = await ended(bash(script, more));
      if (exitCode !== 0) throw new Error(`${script}: ${exitCode}\n${output}`);
      return output;
    };

    it("previews production as it is in the repository, without a key and without a call", async () => {
      const output = await ran("pulumi stack init production; pulumi preview --non-interactive");
      expect(output).to.match(/\+ 7 (to create|created)/);
    });

    it("comments what a preview shows, and why one fails, by the steps of the workflow", async () => {
      const { jobs }: Workflow = parse(await readFile(path("program", workflow), "utf8"));
      const step = (title: string) => jobs.preview?.steps.find(({ name }) => name === title)?.run ?? "exit 9";
      await executable(path("bin", "gh"), ["cp", "comment.md"]); // "$@" below: where to
      const job = { STACK: "production", GH_TOKEN: "none", PULL_REQUEST: path("comment") };
      const comment = async () => {
        await ran(step("Comment").replace(/gh pr comment ("\S+") --body-file comment.md/, "gh $1"), job);
        return readFile(path("comment"), "utf8");
      };
      await ran(step("Preview"), job);
      const shown = (await comment()).split("\n");
      expect(shown.slice(0, 2)).to.deep.equal(["### What this changes in production", "````diff"]);
      expect(shown.filter((line) => /^\+ .*Instance/.test(line))).to.have.length(3);
      expect(shown.at(-2)).to.equal("````");
      const { exitCode } = await ended(bash(step("Preview"), { ...job, STACK: "nowhere" }));
      expect(exitCode).not.to.equal(0);
      expect(await comment()).to.match(/^error: .*nowhere/m);
    });

    it("rehearses dev by the steps of the workflow, on an engine of their own", async () => {
      const { jobs }: Workflow = parse(await readFile(path("program", workflow), "utf8"));
      const steps = (jobs.rehearse?.steps ?? []).flatMap(({ run = "npm ci" }) => (run === "npm ci" ? [] : [run]));
      expect(steps).to.have.length(4);
      await mkdir(path("rehearsal"));
      const job = {
        ...{ GITHUB_PATH: path("github-path"), PULUMI_BACKEND_URL: pathToFileURL(path("rehearsal")).href },
        CLOUDMAP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      };
      const [start = "", ...others] = steps;
      // In a process group of its own: as on a CI machine, the engine outlives the step that starts it.
      const starting = bash(start, job, true);
      const started = await ended(starting);
      expect(started.exitCode, started.output).to.equal(0);
      try {
        const added = (await readFile(path("github-path"), "utf8")).trim();
        const PATH = [added, env.PATH].join(delimiter);
        const outputs = [];
        for (const step of others) outputs.push(await ran(step, { ...job, PATH }));
        const [, discovered, destroyed] = outputs;
        expect(discovered).to.match(/^orders-1 +10\.0\.1\.11 +8080/m);
        expect(destroyed).to.match(/- 5 deleted/);
      } finally {
        if (starting.pid !== undefined) process.kill(-starting.pid);
      }
    });

    it("deploys staging with default tags and a key that is in clear nowhere", async () => {
      const { accessKeyId, secretAccessKey } = key;
      await ran(`
        pulumi stack init staging
        pulumi config set cloudmap:endpoint ${gated.engine.url}
        pulumi config set cloudmap:accessKey ${accessKeyId}
        pulumi config set --secret cloudmap:secretKey '${secretAccessKey}'
        pulumi up --yes --skip-preview --non-interactive`);
      const kept = ["program/Pulumi.staging.yaml", "state/.pulumi/stacks/environments/staging.json"];
      for (const file of kept) expect(await readFile(path(file), "utf8")).not.to.include(secretAccessKey);
      const { tags } = JSON.parse(await ran("pulumi stack output --json"));
      expect(tags).to.deep.equal({ stage: "staging", owner: "shop" });
    });

    it("deploys production by a profile, where an engine stands in for AWS", async () => {
      const { accessKeyId, secretAccessKey } = key;
      const profile = `[production]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`;
      await writeFile(path("credentials"), profile, { mode: 0o600 });
      const files = { AWS_SHARED_CREDENTIALS_FILE: path("credentials") };
      const script = `
        pulumi stack select production
        pulumi config set cloudmap:endpoint ${gated.engine.url}
        pulumi config set cloudmap:region us-east-1
        pulumi config set cloudmap:profile production
        pulumi up --yes --skip-preview --non-interactive`;
      await ran(script, files);
      const client = new ServiceDiscovery({
        ...{ endpoint: gated.engine.url, region: "us-east-1", credentials: key, disableHostPrefix: true },
        requestHandler: { httpsAgent: new Agent({ ca: await readFile(authority) }) },
      });
      const wanted = { NamespaceName: "production.corp.internal", ServiceName: "orders" };
      const { Instances = [] } = await client.discoverInstances(wanted);
      client.destroy();
      expect(Instances.map(({ InstanceId }) => InstanceId).sort()).to.deep.equal(["orders-1", "orders-2", "orders-3"]);
    });
  });
}
