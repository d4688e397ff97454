// How the plugin is started: by the CLI from its PulumiPlugin.yaml, under the SDK's own entry.
import { expect } from "chai";
import { engineInTemp } from "../workbench.ts";
import { startPlugin, underTheSdk, urnOf } from "./plugin.ts";

describe("the plugin", function () {
  this.timeout(60_000);

  it("runs under the SDK's own entry, where the CLI starts it from its PulumiPlugin.yaml", async () => {
    const engine = await engineInTemp();
    try {
      await using hosted = await startPlugin({}, underTheSdk);
      await hosted.configure({ endpoint: engine.url });
      const urn = urnOf("HttpNamespace", "hosted");
      const { inputs } = await hosted.check(urn, { name: "hosted" });
      expect((await hosted.create(urn, inputs)).id).to.match(/^ns-/);
    } finally {
      await engine.stop();
    }
  });
});
