// `import` among a resource's options: for the plugin to do, and for the dynamic host to refuse.
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import * as cloudmap from "../../sdk/index.ts";
import * as plugin from "../../sdk/plugin.ts";
import { until } from "./until.ts";

describe("the option import", () => {
  const options = { import: "srv-1" };
  const args = { namespaceId: "ns-1" };

  it("is refused on the dynamic host, which cannot, with what can", () => {
    expect(() => new cloudmap.Service("web", args, options))
      .to.throw(pulumi.RunError, /^Service web: Pulumi's dynamic providers cannot `import`\. /)
      .with.property("message")
      .that.matches(/adopt: true.*pulumi-cloudmap\/plugin/);
  });

  it("goes to the plugin", async () => {
    const ids: unknown[] = [];
    const newResource = ({ id, inputs }: pulumi.runtime.MockResourceArgs) => {
      ids.push(id);
      return { id: id ?? "", state: inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "stack", false, "acme");
    new plugin.Service("web", args, options);
    expect(await until(() => ids[0])).to.equal("srv-1");
  });
});
