// How the plugin is started: by the CLI from its PulumiPlugin.yaml, under the SDK's own entry; and what it does not have.
import { status } from "@grpc/grpc-js";
import { expect } from "chai";
import { provider } from "../../../provider/plugin/stubs.ts";
import { engineInTemp, failureOf } from "../workbench.ts";
import { startPlugin, underTheSdk, urnOf } from "./plugin.ts";

describe("the plugin", () => {
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

  it("refuses by name the methods, components and parameters that it does not have", async () => {
    await using plugin = await startPlugin();
    const call = new provider.CallRequest().setTok("cloudmap:index:Service/drain");
    const construct = new provider.ConstructRequest().setType("cloudmap:index:Mesh");
    const refusals = await Promise.all([
      failureOf(plugin.ask((client) => client.call, call)),
      failureOf(plugin.ask((client) => client.construct, construct)),
      failureOf(plugin.ask((client) => client.parameterize, new provider.ParameterizeRequest())),
    ]);
    for (const [index, name] of ["cloudmap:index:Service/drain", "cloudmap:index:Mesh", "a parameter"].entries()) {
      expect(refusals[index]).to.include({ code: status.UNIMPLEMENTED });
      expect(refusals[index]?.message).to.include("the provider cloudmap does not have").and.include(name);
    }
  });
});
