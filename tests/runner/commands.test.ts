// The commands around operations: stacks, configuration, and what is refused.

import { readFile, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { expect } from "chai";
import { thing } from "./resource.ts";
import { type Ran, runner, Workbench } from "./scenario.ts";

async function ok(bench: Workbench, ...args: string[]): Promise<string> {
  const { exitCode, output } = await bench.run(runner, args);
  expect(exitCode, `${args.join(" ")}: ${output}`).to.equal(0);
  return output;
}

function refused(bench: Workbench, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return bench.run(runner, args, env);
}

describe("the commands", function () {
  this.timeout(90_000);

  it("create, select, list, rename and remove stacks", async () => {
    await using bench = await Workbench.open();
    await ok(bench, "stack", "init", "one");
    await ok(bench, "stack", "init", "organization/spec/two");
    expect(await ok(bench, "stack", "ls")).to.match(/^NAME +LAST UPDATE +RESOURCE COUNT\none +.*\ntwo\*/);
    await ok(bench, "stack", "select", "one");
    await ok(bench, "config", "set", "key", "value");
    await ok(bench, "stack", "rename", "three");
    expect(await ok(bench, "config", "get", "key")).to.equal("value\n");
    const list = JSON.parse(await ok(bench, "stack", "ls", "--json"));
    expect(list.map(({ name, current }: { name: string; current: boolean }) => ({ name, current }))).to.deep.equal([
      { name: "three", current: true },
      { name: "two", current: false },
    ]);
    await ok(bench, "stack", "rm", "two", "--yes");
    const missing = await refused(bench, ["stack", "select", "two"]);
    expect(missing).to.deep.equal({ exitCode: 6, output: "error: no stack named 'two' found\n" });
    const again = await refused(bench, ["stack", "init", "three"]);
    expect(again).to.deep.equal({ exitCode: 1, output: "error: stack 'organization/spec/three' already exists\n" });
  });

  it("keep configuration, plain and secret, whole values and paths", async () => {
    await using bench = await Workbench.open();
    await ok(bench, "stack", "init", "dev");
    await ok(bench, "config", "set", "a", "5");
    await ok(bench, "config", "set", "--path", "o.list[0]", "6");
    await ok(bench, "config", "set", "--path", "o.flag", "true");
    await ok(bench, "config", "set", "--secret", "--path", "o.token", "hush");
    await ok(bench, "config", "set-all", "--plaintext", "other:x=1=2", "--secret", "s=t0p");
    const file = await readFile(`${bench.program}/Pulumi.dev.yaml`, "utf8");
    expect(file).to.contain('spec:a: "5"').and.not.contain("hush").and.not.contain("t0p");
    expect(JSON.parse(await ok(bench, "config", "--json", "--show-secrets"))).to.deep.equal({
      "other:x": { value: "1=2", secret: false },
      "spec:a": { value: "5", secret: false },
      "spec:o": {
        value: '{"flag":true,"list":[6],"token":"hush"}',
        objectValue: { list: [6], flag: true, token: "hush" },
        secret: true,
      },
      "spec:s": { value: "t0p", secret: true },
    });
    expect(JSON.parse(await ok(bench, "config", "--json"))["spec:s"]).to.deep.equal({ secret: true });
    expect(await ok(bench, "config", "get", "--path", "o.list[0]")).to.equal("6\n");
    await ok(bench, "config", "rm", "--path", "o.token");
    await ok(bench, "config", "rm", "a");
    const rest = JSON.parse(await ok(bench, "config", "--json"));
    expect(Object.keys(rest)).to.deep.equal(["other:x", "spec:o", "spec:s"]);
    const gone = await refused(bench, ["config", "get", "a"]);
    expect(gone).to.deep.equal({ exitCode: 1, output: "error: configuration key 'a' not found for stack 'dev'\n" });
  });

  it("show outputs, export and import the state", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({
      run: [],
      resources: [thing("a", { v: { $secret: "x" } })],
      outputs: { plain: "=a.computed", hidden: "=a.v" },
    });
    await ok(bench, "stack", "init", "dev");
    await ok(bench, "up", "--yes");
    expect(JSON.parse(await ok(bench, "stack", "output", "--json"))).to.deep.equal({
      plain: "a-x",
      hidden: "[secret]",
    });
    expect(await ok(bench, "stack", "output", "hidden", "--show-secrets")).to.equal("x\n");
    const open = await ok(bench, "stack", "export", "--show-secrets");
    expect(open).to.contain('"plaintext": "\\"x\\""').and.not.contain("ciphertext");
    await ok(bench, "stack", "export", "--file", bench.path("export.json"));
    await writeFile(bench.path("open.json"), open);
    await ok(bench, "stack", "import", "--file", bench.path("open.json"));
    expect((await bench.checkpoint()).resources.length).to.equal(3);
    expect(await ok(bench, "up", "--yes", "--skip-preview", "--expect-no-changes")).to.contain("2 unchanged");
    const kept = await refused(bench, ["stack", "rm", "dev", "--yes"]);
    expect(kept.exitCode).to.equal(1);
    expect(kept.output).to.contain("'dev' still has resources; removal rejected");
  });

  it("say who runs them, on which backend, in a project or outside", async () => {
    await using bench = await Workbench.open();
    const { user, url } = JSON.parse(await ok(bench, "whoami", "--json"));
    expect(user).to.equal(userInfo().username);
    expect(url).to.match(/^file:\/\//);
    expect(await ok(bench, "whoami")).to.equal(`${user}\n`);
    expect(await ok(bench, "whoami", "--cwd", tmpdir())).to.equal(`${user}\n`);
  });

  it("run one step at a time with --parallel 1", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: [thing("a", { v: "1" }), thing("b", { v: "2" })], outputs: {} });
    await ok(bench, "stack", "init", "dev");
    expect(await ok(bench, "up", "--yes", "--skip-preview", "--parallel", "1")).to.contain("3 created");
    expect(await ok(bench, "destroy", "--yes", "--skip-preview", "--parallel", "1")).to.contain("3 deleted");
  });

  it("refuse by name what they do not support", async () => {
    await using bench = await Workbench.open();
    const cases: readonly (readonly [readonly string[], NodeJS.ProcessEnv, string])[] = [
      [["stack", "ls"], { PULUMI_BACKEND_URL: "s3://bucket" }, "the backend s3://bucket is not supported"],
      [["stack", "ls"], { PULUMI_BACKEND_URL: "" }, "set PULUMI_BACKEND_URL=file:///path"],
      [
        ["stack", "init", "x", "--secrets-provider", "awskms://k"],
        {},
        'the secrets provider "awskms://k" is not supported',
      ],
      [["import", "--from", "terraform"], {}, "import --from is not supported"],
      [["policy", "ls"], {}, "pulumi policy is not supported"],
      [["up", "--policy-pack", "p", "--yes"], {}, "--policy-pack is not supported"],
      [["destroy", "--run-program", "--yes"], {}, "--run-program is not supported"],
      [["up", "--yes"], {}, "no stack selected"],
    ];
    for (const [args, env, text] of cases) {
      const { exitCode, output } = await refused(bench, args, env);
      expect(exitCode, output).to.not.equal(0);
      expect(output)
        .to.contain(text)
        .and.not.match(/\n\s+at /);
    }
  });

  it("refuse runtimes other than nodejs", async () => {
    await using bench = await Workbench.open();
    await writeFile(`${bench.program}/Pulumi.yaml`, "name: spec\nruntime: python\n");
    expect((await refused(bench, ["stack", "ls"])).output).to.contain('the runtime "python"');
  });

  it("ask for a passphrase, and say when it is wrong", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: [] });
    const none = await refused(bench, ["stack", "init", "dev"], { PULUMI_CONFIG_PASSPHRASE: undefined });
    expect(none.output).to.contain("passphrase must be set with PULUMI_CONFIG_PASSPHRASE");
    await ok(bench, "stack", "init", "dev");
    const mistaken = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
    const wrong = await refused(bench, ["config", "set", "--secret", "token", "hush"], mistaken);
    expect(wrong.output).to.contain("incorrect passphrase");
    await ok(bench, "config", "set", "--secret", "token", "hush");
    await ok(bench, "stack", "rm", "dev", "--yes", "--preserve-config");
    const again = await refused(bench, ["stack", "init", "dev"], mistaken);
    expect(again.output).to.contain("incorrect passphrase");
    await ok(bench, "stack", "init", "dev");
    const [up, unset] = await Promise.all([
      refused(bench, ["up", "--yes"], mistaken),
      refused(bench, ["preview"], { PULUMI_CONFIG_PASSPHRASE: undefined }),
    ]);
    expect(up.output).to.contain("incorrect passphrase");
    expect(unset.output).to.contain("passphrase must be set with PULUMI_CONFIG_PASSPHRASE");
  });

  it("make nothing that has a secret with a wrong passphrase, also where it is the first secret", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: [{ name: "a", inputs: { token: { $secret: "hush" } } }] });
    await ok(bench, "stack", "init", "dev");
    const { output } = await refused(bench, ["up", "--yes"], { PULUMI_CONFIG_PASSPHRASE: "wrong" });
    expect(output).to.contain("incorrect passphrase");
    expect((await bench.takeCalls()).filter(({ method }) => method === "create")).to.deep.equal([]);
    expect(await bench.checkpoint()).to.deep.equal({ resources: [], pending: [] });
  });

  it("do not go on without a yes where nobody can be asked", async () => {
    await using bench = await Workbench.open();
    await ok(bench, "stack", "init", "dev");
    const { exitCode, output } = await refused(bench, ["up", "--non-interactive"]);
    expect(exitCode).to.equal(1);
    expect(output).to.contain("--yes or --skip-preview");
  });

  it("print a preview as JSON", async () => {
    await using bench = await Workbench.open();
    await bench.setSpec({ run: [], resources: [thing("a", { s: { $secret: "hush" } })] });
    await ok(bench, "stack", "init", "dev");
    const text = await ok(bench, "preview", "--json");
    expect(text).to.not.contain("hush");
    const { steps, changeSummary } = JSON.parse(text);
    expect(changeSummary).to.deep.equal({ create: 2 });
    expect(steps.map(({ op }: { op: string }) => op)).to.deep.equal(["create", "create"]);
  });
});
