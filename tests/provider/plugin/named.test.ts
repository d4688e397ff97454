// Explicit providers by their names: what they are given is theirs, and no configuration of the stack's.
import { expect } from "chai";
import { engineInTemp, failureOf } from "../workbench.ts";
import { startPlugin, urnOf } from "./plugin.ts";

describe("a plugin's explicit provider", () => {
  it("is named where what it was given is wrong, and the default one is not", async () => {
    await using engine = await engineInTemp();
    await using own = await startPlugin();
    const said = async (name: string) => {
      await own.configure({ endpoint: engine.url, region: "eu-west-1" }, name);
      return (await failureOf(own.create(urnOf("HttpNamespace", "far"), { name: "far" }))).message;
    };
    expect(await said("eu")).to.include("The region is eu-west-1 here, from region of the provider eu: ");
    expect(await said("default_0_1_0")).to.include("The region is eu-west-1 here, from cloudmap:region: ");
  });
});
