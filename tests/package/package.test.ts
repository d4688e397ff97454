/** The package as users get it: packed, installed in projects like theirs, type-checked and deployed. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { attempt, environment, type Files, makeProject, pack, pulumi, run, Scratch } from "./project.ts";

const program = (namespace: string) => `
import * as pulumi from "@pulumi/pulumi";
import * as cloudmap from "pulumi-cloudmap";

const shop = new cloudmap.HttpNamespace("shop", { name: "${namespace}" });
const cart = new cloudmap.Service("cart", { name: "cart", namespaceId: shop.id, healthCheckCustomConfig: {} });
const one = new cloudmap.Instance("cart-1", {
  instanceId: "cart-1",
  serviceId: cart.id,
  attributes: { AWS_INSTANCE_IPV4: "10.0.0.7", AWS_INSTANCE_PORT: "8080", version: "2.1.0" },
});
export const arn: pulumi.Output<string> = cart.arn;
export const where = one.id;
`;

const tsconfig = {
  compilerOptions: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    sourceMap: true,
    experimentalDecorators: true,
    pretty: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  files: ["index.ts"],
};

/** What `pulumi new typescript` makes. */
const template = (name: string): Files => ({
  "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n`,
  "package.json": {
    name,
    main: "index.ts",
    devDependencies: { "@types/node": "^22", typescript: "^5.0.0" },
    dependencies: { "@pulumi/pulumi": "^3.113.0" },
  },
  "tsconfig.json": tsconfig,
  "index.ts": program(name),
});

/** An ESM program; Node strips the types, so that no TypeScript compiler is asked. */
const esm = (name: string): Files => ({
  ...template(name),
  "Pulumi.yaml": `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
  "package.json": { ...(template(name)["package.json"] as object), type: "module" },
  "tsconfig.json": {
    compilerOptions: {
      strict: true,
      module: "nodenext",
      target: "es2022",
      noEmit: true,
      allowImportingTsExtensions: true,
    },
    files: ["index.ts"],
  },
});

const tsc = "node_modules/.bin/tsc";
const install = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];

describe("the package, packed and installed", function () {
  this.timeout(180_000);
  const scratch = new Scratch();
  let tarball: string;
  let stock: string;

  before(() => {
    tarball = pack(scratch);
    stock = makeProject(scratch, "stock", template("stock"));
    run(stock, "npm", [...install, tarball]);
  });

  after(() => {
    attempt(stock, join(stock, "node_modules", ".bin", "cloudmap"), ["stop"], environment(scratch));
    scratch[Symbol.dispose]();
  });

  /** Up creates everything, after ts-node has checked the types; destroy leaves nothing. */
  function deploy(project: string, meanwhile = () => {}): void {
    pulumi(scratch, project, "stack", "init", "dev");
    expect(pulumi(scratch, project, "up", "--yes", "--skip-preview")).to.include("4 created");
    meanwhile();
    expect(pulumi(scratch, project, "destroy", "--yes", "--skip-preview")).to.include("4 deleted");
  }

  it("has what users need, and not what its development needs", () => {
    const manifest = JSON.parse(readFileSync(join(stock, "node_modules", "pulumi-cloudmap", "package.json"), "utf8"));
    expect(manifest).not.to.have.any.keys("optionalDependencies", "devDependencies", "scripts");
    const files = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
    const folders = new Set(files.map((file) => file.split("/").slice(1, 3).join("/")));
    expect([...folders].sort()).to.deep.equal(
      ["CHANGELOG.md", "LICENSE", "README.md", "package.json", "schema.json"]
        .concat(["alerts.yml", "dashboard.json"].map((file) => `monitoring/${file}`))
        .concat(["PulumiPlugin.yaml", "index.cjs", "package.json"].map((file) => `plugin/${file}`))
        .concat(["adopt", "api", "bin", "engine", "local", "provider", "sdk"].map((room) => `dist/${room}`))
        .sort(),
    );
  });

  it("declares its types in words of TypeScript 4, the version of programs that `pulumi convert` makes", () => {
    const dist = join(stock, "node_modules", "pulumi-cloudmap", "dist");
    const declarations = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".d.ts"),
    );
    const imported = declarations.flatMap((name) => [
      ...readFileSync(join(dist, name), "utf8").matchAll(/(?:from |import\()"(\.[^"]*)"/g),
    ]);
    expect(imported.length).to.be.greaterThan(50);
    expect(imported.map(([, path]) => path).filter((path) => !path?.endsWith(".js"))).to.deep.equal([]);
  });

  it("type-checks and deploys in the stock template: CommonJS, ts-node, its tsconfig", () => {
    deploy(stock, () => {
      pulumi(scratch, stock, "up", "--yes", "--skip-preview", "--expect-no-changes");
      const outputs = JSON.parse(pulumi(scratch, stock, "stack", "output", "--json"));
      expect(outputs.where).to.match(/^srv-[a-z2-7]{16}\/cart-1$/);
      expect(outputs.arn).to.match(/^arn:aws:servicediscovery:/);
      showsWhatIsThere();
    });
  });

  /** By the command that comes with the package. */
  function showsWhatIsThere(): void {
    const cloudmap = join(stock, "node_modules", ".bin", "cloudmap");
    expect(run(stock, cloudmap, ["ls"], environment(scratch))).to.match(/stock +HTTP +1 service/);
    expect(run(stock, cloudmap, ["discover", "stock", "cart"], environment(scratch))).to.match(
      /cart-1 +10\.0\.0\.7 +8080/,
    );
  }

  it("type-checks on both hosts as in the stock template, where TypeScript does not read a package's exports", () => {
    const checked = makeProject(scratch, "checked", {
      ...template("checked"),
      "tsconfig.json": { ...tsconfig, files: ["index.ts", "plugin.ts", "wrong.ts"] },
      "plugin.ts": program("plugin").replace('"pulumi-cloudmap"', '"pulumi-cloudmap/plugin"'),
      "wrong.ts": `import * as cloudmap from "pulumi-cloudmap";
        new cloudmap.Service("a", { namespaceIdd: "ns-1" });`,
    });
    run(checked, "ln", ["-s", join(stock, "node_modules"), "node_modules"]);
    const { output } = attempt(checked, tsc, ["--noEmit", "-p", ".", "--pretty", "false"]);
    expect(output.trim().split("\n"), "only what the API has no place for is refused").to.have.lengthOf(1);
    expect(output).to.match(/^wrong\.ts\(2,.*namespaceIdd/);
  });

  it("type-checks and deploys from an ESM program, beside TypeScript 7 too", () => {
    const project = makeProject(scratch, "esm", esm("esm"));
    run(project, "npm", [...install, "--legacy-peer-deps", tarball, "typescript@7"]);
    expect(run(project, tsc, ["--version"])).to.include("Version 7");
    run(project, tsc, ["-p", "."]);
    deploy(project);
  });

  it("type-checks and deploys where pnpm installs it", function () {
    if (!isThere("pnpm")) this.skip();
    const project = makeProject(scratch, "pnpm", template("pnpm"));
    run(project, "pnpm", ["add", "--silent", "--ignore-scripts", "--prefer-offline", tarball]);
    deploy(project);
  });

  it("type-checks and deploys where Bun installs it, and finds or starts the engine where Bun runs it", function () {
    if (!isThere("bun")) this.skip();
    const project = makeProject(scratch, "bun", {
      ...template("bun"),
      "bunfig.toml": '[install]\nlinker = "isolated"\n', // as pnpm does it; the other linker does as npm
      "ask.ts": `import { getNamespaces } from "pulumi-cloudmap";
        console.log((await getNamespaces()).namespaces.length, "namespaces, by Bun", process.versions.bun);`,
    });
    run(project, "bun", ["add", "--silent", "--ignore-scripts", tarball]);
    deploy(project);
    const apart = { ...environment(scratch), CLOUDMAP_HOME: join(scratch.path, "home of Bun") };
    const cloudmap = join(project, "node_modules", ".bin", "cloudmap");
    try {
      expect(run(project, "bun", ["ask.ts"], apart)).to.match(/^0 namespaces, by Bun \d/m);
      expect(run(project, cloudmap, ["status"], apart)).to.include("The local engine runs");
    } finally {
      attempt(project, cloudmap, ["stop"], apart);
    }
  });

  function isThere(tool: string): boolean {
    if (attempt(scratch.path, tool, ["--version"]).status === 0) return true;
    if (process.env.CLOUDMAP_CI !== undefined) throw new Error(`CI has ${tool}, and here it is not`);
    console.log(`      skipped: ${tool} is not installed`);
    return false;
  }
});
