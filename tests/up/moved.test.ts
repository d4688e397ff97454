// A program that was written for pulumi-aws's servicediscovery: with one import changed it deploys, on either host.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { commands } from "./deployer.ts";
import { openRegistry } from "./registry.ts";
import { service } from "./spec.ts";
import { Stack } from "./stack.ts";
import { openStage } from "./stage.ts";

const program = join(import.meta.dirname, "moved");

async function onPlugin(stack: Stack): Promise<void> {
  const file = stack.path("index.ts");
  const source = await readFile(file, "utf8");
  await writeFile(file, source.replace('"pulumi-cloudmap"', '"pulumi-cloudmap/plugin"'));
}

for (const deployer of commands) {
  describe(`A program that comes from pulumi-aws, under ${deployer.name}`, function () {
    this.timeout(120_000);

    for (const host of ["dynamic", "plugin"] as const) {
      it(`deploys on the ${host} host with its import changed, and a second up changes nothing`, async () => {
        await using running = await openRegistry();
        await using stack = await Stack.open(deployer, { "cloudmap:endpoint": running.url }, program);
        if (host === "plugin") await onPlugin(stack);
        await stack.ran("up", "--yes", "--skip-preview", "--non-interactive");
        const { Services = [] } = await call(running, "ListServices", {});
        expect(Services.map(({ Name }) => Name)).to.have.members(["payments", "site", "api"]);
        const outputs = JSON.parse((await stack.ran("stack", "output", "--json")).output);
        const { texts, answers, read, kinds } = outputs;
        expect(texts.filter((text: unknown) => typeof text !== "string" || text === "")).to.deep.equal([]);
        expect(read.slice(1, 2).concat(read.slice(3))).to.deep.equal(["vpc-1", "api", "one"]);
        expect(answers).to.include.members([
          "the shop",
          "inside",
          "takes the money",
          "us-east-1",
          "DNS_PRIVATE",
          "web",
        ]);
        expect(answers.slice(-7)).to.deep.equal([texts[5], "MULTIVALUE", "A", 1, "HTTP", "/health", 3]);
        expect(kinds).to.deep.equal([true, true, true, true, true]);
        expect(outputs.tagsAll).to.deep.equal([...Array(4).fill({ team: "web" }), {}, {}]);
        await stack.ran("up", "--yes", "--skip-preview", "--non-interactive", "--expect-no-changes");
        await stack.ran("destroy", "--yes", "--skip-preview", "--non-interactive");
        expect((await call(running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
      });
    }

    it("refuses a resource of another region at preview, and says what to do", async () => {
      await using stage = await openStage(deployer);
      const shop = { kind: "HttpNamespace", name: "shop", args: { region: "us-east-1" } } as const;
      await stage.stack.declare({ resources: [shop, service("web", "shop", { region: "eu-west-1" })] });
      const { exitCode, output } = await stage.stack.run("preview", "--non-interactive");
      expect(exitCode).not.to.equal(0);
      expect(output).to.include('region is "eu-west-1", and the provider works in us-east-1. Leave it out');
      expect(stage.front.writes).to.deep.equal([]);
    });
  });
}
