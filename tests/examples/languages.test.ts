// The programs in YAML and in Python: against schema.json always, and deployed where the Pulumi CLI and the language's host are on PATH.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { parse } from "yaml";
import { call, start } from "../engine/running.ts";
import { ended } from "../up/stack.ts";
import { examples } from "./programs.ts";
import { ofStructure, read, schema } from "./schema.ts";

describe("The program in YAML", () => {
  interface Declared {
    readonly type: string;
    readonly properties: Readonly<Record<string, unknown>>;
  }
  const text = read("yaml", "Pulumi.yaml");
  const program: {
    readonly resources: Readonly<Record<string, Declared>>;
    readonly config: object;
    readonly runtime: string;
  } = parse(text);

  it("has resources, properties and values of the schema, and all that are required", () => {
    expect(program.runtime).to.equal("yaml");
    const wrong = Object.entries(program.resources).flatMap(([name, { type, properties }]) => {
      const { inputProperties, requiredInputs } = schema.resources[type] ?? {};
      if (inputProperties === undefined || requiredInputs === undefined) return [`${name} is a ${type}`];
      return ofStructure(properties, { properties: inputProperties, required: requiredInputs }, name);
    });
    expect(wrong).to.deep.equal([]);
    expect(Object.keys(program.resources)).to.have.length(4);
  });

  it("refers to what it declares, by outputs of the schema", () => {
    const references = [...text.matchAll(/\$\{([\w-]+)(?:\.(\w+))?\}/g)];
    expect(references).to.have.length(6);
    for (const [reference, name = "", output] of references) {
      const declared = program.resources[name];
      if (output === undefined) expect(program.config, reference).to.have.property(name);
      else
        expect({ id: true, ...schema.resources[declared?.type ?? ""]?.properties }, reference).to.have.property(output);
    }
  });
});

describe("The program in Python", () => {
  it("makes resources of the schema, by their properties as Python has them", () => {
    const calls = [...read("python", "__main__.py").matchAll(/cloudmap\.(\w+)\((.*?)\n? *\)\n/gs)];
    expect(calls.map(([, kind]) => kind)).to.deep.equal(["PrivateDnsNamespace", "Service", "Instance"]);
    for (const [, kind = "", given = ""] of calls) {
      const { inputProperties = {}, requiredInputs = [] } = schema.resources[`cloudmap:index:${kind}`] ?? {};
      const names = [...given.matchAll(/(?<=[\s,(])(\w+)=/g)].map(([, name = ""]) => name);
      const inPython = (all: readonly string[]) =>
        all.map((each) => each.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
      expect(inPython(Object.keys(inputProperties)), kind).to.include.members(names);
      expect(names, kind).to.include.members(inPython(requiredInputs));
    }
  });
});

const onPath = (...names: string[]) =>
  names.every((name) => (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name))));

for (const { language, tools, install } of [
  { language: "yaml", tools: ["pulumi", "pulumi-language-yaml"], install: "" },
  {
    language: "python",
    tools: ["pulumi", "pulumi-language-python", "python3"],
    install: `pulumi package gen-sdk node_modules/pulumi-cloudmap/schema.json --language python --out sdk
      python3 -m venv venv && venv/bin/pip install -q --disable-pip-version-check -r requirements.txt`,
  },
]) {
  if (!onPath(...tools)) {
    console.log(
      `  tests/examples: not all of ${tools.join(", ")} are on PATH: the program in ${language} is not deployed`,
    );
    continue;
  }
  describe(`The program in ${language}, deployed`, function () {
    this.timeout(600_000);

    it("is deployed by the Pulumi CLI, changes nothing the second time, and is taken down", async () => {
      const folder = await mkdtemp(join(tmpdir(), `cloudmap-${language}-`));
      await using engine = await start({ now: Date.now });
      const program = join(folder, language);
      await cp(join(examples, language), program, { recursive: true });
      for (const each of ["state", `${language}/node_modules`]) await mkdir(join(folder, each));
      await symlink(join(examples, ".."), join(program, "node_modules", "pulumi-cloudmap"));
      const env = {
        ...process.env,
        ...{ PULUMI_HOME: join(folder, "home"), PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href },
        ...{ PULUMI_CONFIG_PASSPHRASE: "correct horse", PULUMI_SKIP_UPDATE_CHECK: "true", CI: "1" },
        CLOUDMAP_ENDPOINT: engine.url,
      };
      const ran = async (script: string) => {
        const { exitCode, output } = await ended(spawn("bash", ["-e", "-c", script], { cwd: program, env }));
        expect(exitCode, output).to.equal(0);
      };
      await ran(`${install}\npulumi stack init dev\npulumi up --yes --skip-preview --non-interactive`);
      const wanted = { NamespaceName: `${language}.internal`, ServiceName: "payments" };
      const { Instances = [] } = await call(engine, "DiscoverInstances", wanted);
      expect(Instances.map(({ InstanceId }) => InstanceId).sort()).to.deep.equal(["payments-1", "payments-2"]);
      await ran("pulumi refresh --expect-no-changes --yes --skip-preview --non-interactive");
      await ran("pulumi preview --expect-no-changes --non-interactive");
      await ran("pulumi destroy --yes --skip-preview --non-interactive");
      expect((await call(engine, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
      await rm(folder, { recursive: true, force: true });
    });
  });
}

// Not .NET's, which asks for a picture from the Internet, nor Java's, which was never seen.
for (const { language, file } of [
  { language: "nodejs", file: "httpNamespace.ts" },
  { language: "python", file: "pulumi_cloudmap/http_namespace.py" },
  { language: "go", file: "cloudmap/httpNamespace.go" },
]) {
  if (!onPath("pulumi", `pulumi-language-${language}`)) {
    console.log(`  tests/examples: pulumi and pulumi-language-${language} are not on PATH: its SDK is not generated`);
    continue;
  }
  describe(`The SDK for ${language}`, function () {
    this.timeout(120_000);

    it("is generated by the Pulumi CLI without a warning", async () => {
      const folder = await mkdtemp(join(tmpdir(), "cloudmap-sdk-"));
      const from = join(examples, "../schema.json");
      const args = ["package", "gen-sdk", from, "--language", language, "--out", folder];
      const env = { ...process.env, PULUMI_HOME: join(folder, "home"), PULUMI_SKIP_UPDATE_CHECK: "true" };
      const { exitCode, output } = await ended(spawn("pulumi", args, { cwd: folder, env }));
      expect(exitCode, output).to.equal(0);
      expect(output).not.to.match(/warning/i);
      expect(existsSync(join(folder, language, file)), file).to.equal(true);
      await rm(folder, { recursive: true, force: true });
    });
  });
}
