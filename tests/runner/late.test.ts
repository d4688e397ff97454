// What the SDK hardly uses is loaded by the runner's processes when it is used, and is then what it always was.
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { startPlugin } from "../../runner/provider/plugin.ts";
import { findProject } from "../../runner/stack/project.ts";
import { Workbench } from "./scenario.ts";

const root = join(import.meta.dirname, "../..");
const late = join(root, "runner/rpc/late.cjs");

/** What a program prints as JSON, in a process of its own. */
function printed(program: string, ...nodeArguments: readonly string[]): unknown {
  const text = `const pulumi = require("@pulumi/pulumi"); Promise.resolve((${program})()).then((it) => console.log(JSON.stringify(it)));`;
  return JSON.parse(
    execFileSync(process.execPath, [...nodeArguments, "-e", text], { cwd: root, encoding: "utf8", stdio: "pipe" }),
  );
}

const heavy = ["@npmcli/arborist", "typescript", "@pulumi/pulumi/automation"];
const loaded = `() => ${JSON.stringify(heavy)}.filter((name) => Object.keys(require.cache).some((file) => file.includes("node_modules/" + name + "/")))`;

describe("a process that the runner starts", () => {
  it("starts without what a program hardly uses", () => {
    expect(printed(loaded), "without the preload").to.deep.equal(heavy);
    expect(printed(loaded, "--require", late)).to.deep.equal([]);
  });

  it("finds all of it when it is used", () => {
    const uses = `async () => {
      const factor = 3;
      const tracing = require("@pulumi/pulumi/cmd/run/tracing");
      tracing.start("http://127.0.0.1:9/api/v2/spans");
      const span = tracing.newSpan("a span");
      const { LocalWorkspace, InlineProgramArgs, CommandError } = pulumi.automation;
      const serialized = await pulumi.runtime.serializeFunction((n) => n * factor);
      const paths = await pulumi.runtime.computeCodePaths({ extraIncludePaths: ["api"] });
      return {
        automation: [typeof LocalWorkspace.create, Object.keys(pulumi.automation).sort(), "CommandError" in pulumi.automation],
        inherited: CommandError.prototype instanceof Error,
        serialized: serialized.text,
        paths: [...paths.keys()].sort(),
        recording: span.isRecording(),
      };
    }`;
    const usual = printed(uses) as Record<string, unknown>;
    expect(usual).to.include({ inherited: true, recording: true });
    expect(usual.serialized).to.include("n * factor");
    expect(printed(uses, "--require", late)).to.deep.equal(usual);
  });

  it("has the TypeScript compiler where a plugin is written in it, and else not", async () => {
    await using bench = await Workbench.open();
    const told = {
      "index.ts": "const compiled: boolean = true; console.error('compiled', compiled); console.log(1);",
      "index.js":
        "console.error(Object.keys(require.cache).filter((file) => file.includes('typescript'))); console.log(1);",
    };
    for (const [main, text] of Object.entries(told)) {
      const folder = bench.path(main.replace(".", "-"));
      const typescript = main.endsWith(".ts");
      await mkdir(folder);
      await symlink(join(root, "node_modules"), join(folder, "node_modules"));
      await writeFile(join(folder, main), text);
      await writeFile(join(folder, "package.json"), JSON.stringify({ name: "told", main }));
      const runtime = { name: "nodejs", options: { typescript } };
      await writeFile(join(folder, "PulumiPlugin.yaml"), JSON.stringify({ runtime }));
      const project = {
        ...(await findProject(bench.program)),
        providerPaths: [{ name: "told", path: folder, version: undefined }],
      };
      const host = { project, engine: "127.0.0.1:1", env: bench.env, onOutput: () => {} };
      const plugin = await startPlugin(host, "told", undefined);
      try {
        expect(plugin.lastOutput()).to.equal(typescript ? "compiled true" : "[]");
      } finally {
        await plugin.stop();
      }
    }
  });
});
