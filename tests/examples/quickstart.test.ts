// The quickstart from nothing to nothing, with the runner and, where `pulumi` is on PATH, with the Pulumi CLI.
import { execFile } from "node:child_process";
import { accessSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { hostPrefixSettings } from "../../local/clients.ts";
import { stopEngine } from "../../local/engine.ts";
import { homeAt } from "../../local/home.ts";

const script = fileURLToPath(new URL("../../scripts/quickstart.ts", import.meta.url));
/** Where the CLI keeps the salt of the passphrase: a developer's own must be there again afterwards. */
const stackFile = fileURLToPath(new URL("../../examples/quickstart/Pulumi.dev.yaml", import.meta.url));
const folders = (process.env.PATH ?? "").split(delimiter);
const withPulumi = folders.filter((folder) => existsSync(join(folder, "pulumi")));
const withoutPulumi = folders.filter((folder) => !withPulumi.includes(folder));

const tools = [
  { name: "the runner", path: withoutPulumi, says: "with the runner of this repository" },
  ...(withPulumi.length > 0 ? [{ name: "the Pulumi CLI", path: folders, says: "with the Pulumi CLI" }] : []),
];

for (const { name, path, says } of tools) {
  describe(`the quickstart, with ${name}`, () => {
    const home = homeAt(mkdtempSync(join(tmpdir(), "cloudmap-quickstart-")));
    let shown = "";
    const kept = existsSync(stackFile) ? readFileSync(stackFile) : undefined;

    const quickstart = async (...args: string[]): Promise<string> => {
      const env = {
        ...process.env,
        PATH: [dirname(process.execPath), ...path].join(delimiter),
        CLOUDMAP_HOME: home.folder,
        // What a developer's machine may have, and the quickstart must not use.
        ...{ AWS_ACCESS_KEY_ID: "theirs", AWS_SESSION_TOKEN: "theirs", AWS_PROFILE: "theirs", CI: "1" },
        ...{ PULUMI_BACKEND_URL: "https://api.pulumi.com", PULUMI_CONFIG_PASSPHRASE: "theirs", PULUMI_STACK: "theirs" },
      };
      const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
      return stdout;
    };

    after(async () => {
      await stopEngine(home);
      rmSync(home.folder, { recursive: true, force: true });
      if (kept === undefined) rmSync(stackFile, { force: true });
      else writeFileSync(stackFile, kept);
    });

    it("starts the engine, deploys, and shows what is discovered", async () => {
      shown = await quickstart();
      expect(shown)
        .to.include("started the local engine")
        .and.to.include(says)
        .and.to.match(/\+ 6 created/);
      expect(shown).to.match(/^INSTANCE +ADDRESS +PORT +HEALTH +track +version +zone$/m);
      expect(shown).to.match(/^payments-1 +10\.0\.1\.11 +8443 +HEALTHY +stable +1\.4\.2 +a$/m);
      expect(shown).to.match(/^payments-3 +10\.0\.1\.13 +8443 +HEALTHY +canary +1\.5\.0 +a {2}<- the canary$/m);
      expect(shown)
        .to.include("aws servicediscovery discover-instances --namespace-name demo.internal")
        .and.to.include(home.folder);
      for (const { setting } of hostPrefixSettings) expect(shown).to.include(setting);
    });

    it("shows the same instances by DNS, and how to ask for them", () => {
      expect(shown).to.match(
        /^\$ dig @127\.0\.0\.1 -p \d+ payments\.demo\.internal \+short\n10\.0\.1\.11\n10\.0\.1\.13\n10\.0\.2\.12$/m,
      );
      const [, port] = /^Ask by DNS:\n {2}dig @127\.0\.0\.1 -p (\d+) payments\.demo\.internal$/m.exec(shown) ?? [];
      expect(shown).to.include(`its DNS at 127.0.0.1:${port}`);
    });

    if (name === "the Pulumi CLI")
      it("says how to use it on the stack itself, also where the user's own Node is too old", async () => {
        const [, lines] =
          /^Use the Pulumi CLI on the stack itself:\n((?: {2}.*\n)+) {2}pulumi stack$/m.exec(shown) ?? [];
        const old = join(home.folder, "old");
        mkdirSync(old);
        writeFileSync(join(old, "node"), "#!/bin/sh\necho v20\n", { mode: 0o755 });
        const env = { ...process.env, PATH: [old, ...path].join(delimiter) };
        const commands = `${lines}\nnode --version && pulumi stack output namespace`;
        const { stdout } = await promisify(execFile)("sh", ["-ec", commands], { env, cwd: dirname(dirname(script)) });
        expect(stdout.trim().split("\n")).to.deep.equal([process.version, "demo.internal"]);
      });

    it("keeps its passphrase and its state to its user", () => {
      const passphrase = join(home.folder, "quickstart", "passphrase");
      accessSync(join(home.folder, "quickstart", ".pulumi", "stacks", "quickstart", "dev.json"));
      expect(statSync(passphrase).mode & 0o777).to.equal(0o600);
      expect(statSync(dirname(passphrase)).mode & 0o777).to.equal(0o700);
    });

    it("changes nothing when it is run again, and says so", async () => {
      const shown = await quickstart();
      expect(shown)
        .to.include("Nothing was changed")
        .and.to.match(/6 unchanged/)
        .and.not.to.include("created");
    });

    it("passes pulumi commands on", async () => {
      expect(JSON.parse(await quickstart("stack", "output", "--json"))).to.deep.equal({
        namespace: "demo.internal",
        service: "payments",
      });
    });

    it("takes everything down, instances before the service and that before the namespace", async () => {
      const shown = await quickstart("--destroy");
      const deleted = [...shown.matchAll(/cloudmap:(\w+) \S+ deleted/g)].map(([, kind]) => kind);
      expect(deleted).to.deep.equal(["Instance", "Instance", "Instance", "Service", "PrivateDnsNamespace"]);
      expect(shown).to.include("is gone");
    });

    it("refuses a flag that it does not know", async () => {
      const error = await quickstart("--destory").catch((reason) => reason);
      expect(error).to.have.property("code", 1);
      expect(error.stderr).to.include("there is no --destory here").and.to.include("npm run quickstart -- --destroy");
    });
  });
}
