// Pulumi's own Automation API drives the runner, unmodified.

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Automation from "@pulumi/pulumi/automation/index.js";
import { expect } from "chai";
import { chain } from "./resource.ts";
import { Workbench } from "./scenario.ts";

const require = createRequire(import.meta.url);
const automation: typeof Automation = require("@pulumi/pulumi/automation");
const pulumi: typeof import("@pulumi/pulumi") = require("@pulumi/pulumi");
const root = join(import.meta.dirname, "../../runner");

function environment(bench: Workbench): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bench.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

async function nameOfError(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.constructor.name,
  );
}

describe("the Automation API", function () {
  this.timeout(180_000);

  it("takes a program in a folder through its whole life", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: chain, outputs: { last: "=c.computed" } });
    const pulumiCommand = await automation.PulumiCommand.get({ root });
    const options = { pulumiCommand, envVars: environment(bench) };
    const at = { stackName: "dev", workDir: bench.program };
    expect(await nameOfError(automation.LocalWorkspace.selectStack(at, options))).to.equal("StackNotFoundError");
    const stack = await automation.LocalWorkspace.createOrSelectStack(at, options);
    expect(await nameOfError(automation.LocalWorkspace.createStack(at, options))).to.equal("StackAlreadyExistsError");

    await stack.setAllConfig({ plain: { value: "1" }, hidden: { value: "2", secret: true } });
    expect(await stack.getAllConfig()).to.deep.equal({
      "spec:hidden": { value: "2", secret: true },
      "spec:plain": { value: "1", secret: false },
    });
    expect((await stack.preview()).changeSummary).to.deep.equal({ create: 4 });

    const events: Automation.EngineEvent[] = [];
    let text = "";
    const up = await stack.up({
      message: "first",
      onEvent: (event) => events.push(event),
      onOutput: (out) => (text += out),
    });
    expect(up.outputs).to.deep.equal({ last: { value: "c-b-a-1", secret: false } });
    expect(up.summary).to.deep.include({
      kind: "update",
      result: "succeeded",
      message: "first",
      resourceChanges: { create: 4 },
    });
    expect(text).to.contain("+ 4 created");
    const made = events.flatMap(({ resOutputsEvent }) =>
      resOutputsEvent?.metadata.op === "create" ? [resOutputsEvent.metadata.new?.id] : [],
    );
    expect(made).to.include.members(["id-a-0", "id-b-0", "id-c-0"]);
    expect(events.at(-1)).to.have.property("cancelEvent");

    expect((await stack.refresh()).summary.resourceChanges).to.deep.equal({ same: 4 });
    expect((await stack.history()).map(({ kind }) => kind)).to.deep.equal(["refresh", "update"]);
    const exported = await stack.exportStack();
    await stack.importStack(exported);
    expect(
      (await stack.workspace.listStacks()).map(({ name, resourceCount }) => ({ name, resourceCount })),
    ).to.deep.equal([{ name: "dev", resourceCount: 5 }]);
    expect((await stack.destroy()).summary.resourceChanges).to.deep.equal({ delete: 4 });
    await stack.workspace.removeStack("dev");
  });

  it("runs a program of its own process", async () => {
    await using bench = await Workbench.open();
    const pulumiCommand = await automation.PulumiCommand.get({ root });
    const program = async () => {
      class Part extends pulumi.ComponentResource {
        constructor(name: string) {
          super("test:index:Part", name);
          this.registerOutputs({});
        }
      }
      return { urn: new Part("one").urn, hidden: pulumi.secret("x") };
    };
    const projectSettings = { name: "inline", runtime: "nodejs" as const };
    const options = {
      pulumiCommand,
      envVars: environment(bench),
      projectSettings,
      workDir: join(bench.folder, "inline"),
    };
    await mkdir(options.workDir);
    const stack = await automation.LocalWorkspace.createOrSelectStack(
      { stackName: "dev", projectName: "inline", program },
      options,
    );
    const up = await stack.up();
    expect(up.outputs).to.deep.equal({
      urn: { value: "urn:pulumi:dev::inline::test:index:Part::one", secret: false },
      hidden: { value: "x", secret: true },
    });
    expect((await stack.preview()).changeSummary).to.deep.equal({ same: 2 });
    await stack.destroy();
  });
});
