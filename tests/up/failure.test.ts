// What goes wrong on the way to the registry: a clear message, no stack trace, and nothing half-written.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { openRegistry, type Registry } from "./registry.ts";
import { instance, namespace, type Spec, service } from "./spec.ts";
import type { Config, Ran } from "./stack.ts";
import { openStage, type Stage } from "./stage.ts";

const resources = [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone: "a" })];
const deployed: Spec = { resources };
const edited: Spec = { resources: [...resources, instance("web-2", "web", { zone: "b" })] };

const changed = instance("web-1", "web", { zone: "z" });

const stackTrace = /^\s+at .+:\d+:\d+\)?$/m;

/** Accepts requests and is something else. */
async function startWebSite(): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<html><h1>Welcome</h1></html>");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((done) => server.close(() => done()));
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

/** An engine that takes signed requests of one key's holder only. */
async function startGuarded(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "cloudmap-keys-"));
  const auth = join(folder, "keys.json");
  const keys = [{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "the right secret of this key" }];
  writeFileSync(auth, JSON.stringify({ keys }), { mode: 0o600 });
  const running = await openRegistry({ auth });
  return {
    ...running,
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function revision({ running }: Stage): Promise<number> {
  const health = (await (await fetch(`${running.url}/healthz`)).json()) as { revision: number };
  return health.revision;
}

for (const deployer of deployers) {
  describe(`What goes wrong, under ${deployer.name}`, function () {
    this.timeout(90_000);
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      await stage.stack.up(deployed);
      await stage.stack.declare(edited);
    });
    after(() => stage[Symbol.asyncDispose]());

    /** The parts of the resources that a failure must leave alone; the CLI drops empty dependency lists at any refresh. */
    async function recorded(): Promise<readonly object[]> {
      const all = await stage.stack.resources();
      return all.map(({ urn, id, inputs, outputs, dependencies }) => ({ urn, id, inputs, outputs, dependencies }));
    }

    /** Fails, says so without a stack trace, and leaves state and registry as they were. */
    async function fails(command: "up" | "refresh" | "destroy", config: Config): Promise<Ran> {
      const { stack, front } = stage;
      const [before, there] = [await recorded(), await revision(stage)];
      await stack.configure({ "cloudmap:endpoint": front.url, "cloudmap:maxRetries": "1", ...config });
      const ran = await stack.shown(command);
      expect(ran.exitCode, ran.output).not.to.equal(0);
      expect(ran.output).not.to.match(stackTrace);
      expect(await recorded()).to.deep.equal(before);
      expect(JSON.parse(await stack.stateText()).checkpoint.latest.pending_operations ?? []).to.deep.equal([]);
      expect(await revision(stage)).to.equal(there);
      return ran;
    }

    for (const command of ["up", "refresh", "destroy"] as const) {
      it(`says at ${command} that the engine is not running, and what to do`, async () => {
        await stage.front.close();
        const { output } = await fails(command, {});
        await stage.front.open();
        expect(output).to.contain(`nothing listens at ${stage.front.url}`);
        expect(output).to.match(/start the engine there.*comes from cloudmap:endpoint/s);
      });
    }

    for (const command of ["up", "refresh", "destroy"] as const) {
      it(`refuses at ${command} a registry that is not the stack's own, and names both`, async () => {
        await using other = await openRegistry();
        await stage.stack.declare({ resources: [...resources.slice(0, 2), changed] });
        stage.front.engine = other;
        const { output } = await fails(command, {});
        stage.front.engine = stage.running;
        await stage.stack.declare(edited);
        expect(output).to.contain(`belongs to the registry of account ${stage.running.account}`);
        expect(output).to.contain(`is the registry of account ${other.account}`);
      });
    }

    /** A parent that the program hands over is compared before its child is made: its account is known by then. */
    it("makes nothing in another registry for parents that are there, and says whose they are", async () => {
      await using other = await openRegistry();
      await stage.stack.declare({ resources: [...resources, service("late", "shop"), instance("web-2", "web", {})] });
      stage.front.engine = other;
      const { output } = await fails("up", {});
      stage.front.engine = stage.running;
      await stage.stack.declare(edited);
      expect(output).to.contain(`belong to the registry of account ${stage.running.account}`);
      expect((await call(other, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("makes nothing new in a registry of another account than cloudmap:account, whatever comes first", async () => {
      await using other = await openRegistry();
      const { account } = stage.running;
      await stage.stack.declare({ resources: [namespace("first"), ...resources] });
      stage.front.engine = other;
      const { output } = await fails("up", { "cloudmap:account": account });
      stage.front.engine = stage.running;
      await stage.stack.declare(edited);
      expect(output).to.contain(`belongs to the registry of account ${account}, as cloudmap:account says`);
      expect((await call(other, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("says that the credentials are refused, and where they come from", async () => {
      await using guarded = await startGuarded();
      const { output } = await fails("up", {
        "cloudmap:endpoint": guarded.url,
        "cloudmap:accessKey": "AKIAIOSFODNN7EXAMPLE",
        "cloudmap:secretKey": "a secret of something else",
      });
      expect(output).to.match(/SignatureDoesNotMatch|InvalidSignatureException/);
      expect(output).to.contain("credentials come from cloudmap:accessKey and cloudmap:secretKey");
      expect(output).not.to.contain("a secret of something else");
    });

    it("says that what answers is no Cloud Map", async () => {
      await using site = await startWebSite();
      const { output } = await fails("up", { "cloudmap:endpoint": site.url });
      expect(output).to.match(/is no Cloud Map endpoint.*cloudmap:endpoint/s);
      expect(output).to.contain("text/html");
    });

    it("says that the host is not known", async () => {
      const key = { "cloudmap:accessKey": "AKIAIOSFODNN7EXAMPLE", "cloudmap:secretKey": "any" };
      const { output } = await fails("up", { "cloudmap:endpoint": "http://registry.invalid:7700", ...key });
      expect(output).to.match(/registry\.invalid:7700/);
      expect(output).to.match(/no host of that name is known|cannot be looked up now/);
    });

    it("says that the endpoint is no URL", async () => {
      const { output } = await fails("up", { "cloudmap:endpoint": "127.0.0.1:7700" });
      expect(output).to.match(/"127\.0\.0\.1:7700" \(from cloudmap:endpoint\) is no endpoint/);
    });

    it("passes on the code and the message of a failed operation", async () => {
      stage.front.meddle = ({ operation }, answer) => {
        if (operation !== "GetOperation") return answer;
        const { Operation } = JSON.parse(answer.body);
        const failed = { ErrorCode: "CANNOT_CREATE_HOSTED_ZONE", ErrorMessage: "The VPC is on holiday." };
        return { ...answer, body: JSON.stringify({ Operation: { ...Operation, Status: "FAIL", ...failed } }) };
      };
      await stage.stack.configure({ "cloudmap:endpoint": stage.front.url });
      await stage.stack.declare(edited);
      const before = await recorded();
      const { exitCode, output } = await stage.stack.shown("up");
      expect(exitCode).not.to.equal(0);
      expect(output).to.match(/RegisterInstance failed: CANNOT_CREATE_HOSTED_ZONE: The VPC is on holiday\./);
      expect(output).not.to.match(stackTrace);
      expect(await recorded()).to.deep.equal(before);
    });

    it("goes on as if nothing had been when all is well again", async () => {
      stage.front.meddle = (_call, answer) => answer;
      const { summary } = await stage.stack.up(edited);
      expect(summary).to.deep.equal(["create web-2"]);
      expect((await stage.stack.refresh()).summary).to.deep.equal([]);
    });
  });
}
