// Refresh and destroy run the provider that is installed, not the one that was there when the stack was deployed.

import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { commands } from "./deployer.ts";
import { instance, namespace, service } from "./spec.ts";
import type { Stack } from "./stack.ts";
import { openStage, type Stage } from "./stage.ts";

/** Gives the program an installation of its own, whose copy of our package a test can change. */
function installCopy(stack: Stack): string {
  const modules = stack.path("node_modules");
  const shared = realpathSync(modules);
  unlinkSync(modules);
  mkdirSync(modules);
  for (const each of readdirSync(shared)) {
    if (each !== "pulumi-cloudmap") symlinkSync(join(shared, each), join(modules, each));
  }
  const copy = join(modules, "pulumi-cloudmap");
  const ours = realpathSync(join(shared, "pulumi-cloudmap"));
  for (const each of ["dist", "plugin", "package.json", "schema.json"])
    cpSync(join(ours, each), join(copy, each), { recursive: true });
  return copy;
}

for (const deployer of commands) {
  describe(`The installed provider, under ${deployer.name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
      const copy = installCopy(stage.stack);
      const resources = [namespace("shop"), service("web", "shop"), instance("web-1", "web", { zone: "a" })];
      await stage.stack.up({ resources });
      const entry = join(copy, "dist", "provider", "dynamic", "instance.cjs");
      writeFileSync(entry, `console.log("a newer version is installed");\n${readFileSync(entry, "utf8")}`);
    });
    after(() => stage[Symbol.asyncDispose]());

    for (const command of ["refresh", "destroy"] as const) {
      it(`runs at ${command}`, async () => {
        const { exitCode, output } = await stage.stack.shown(command);
        expect(exitCode, output).to.equal(0);
        expect(output).to.contain("a newer version is installed");
      });
    }
  });
}
