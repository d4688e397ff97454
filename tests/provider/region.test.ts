// What a program says of a resource's region has to be true of the provider: on both hosts, and for functions.
import { expect } from "chai";
import { PluginHost } from "../../provider/plugin/host.ts";
import { inRegion } from "../../provider/region.ts";
import { unknown } from "../../provider/unknown.ts";

const configured = (region: string | undefined) => (key: string) => (key === "cloudmap:region" ? region : undefined);

describe("a region among the inputs", () => {
  it("is the provider's, by its configuration, its variables or its default, and is kept out of the state", () => {
    const inputs = { name: "shop" };
    const ours = { inputs, failures: [] };
    expect(inRegion({ ...inputs, region: "eu-west-1" }, configured("eu-west-1"), {})).to.deep.equal(ours);
    expect(inRegion({ ...inputs, region: "eu-west-1" }, configured(undefined), { AWS_REGION: "eu-west-1" })).to.eql(
      ours,
    );
    expect(inRegion({ ...inputs, region: "us-east-1" }, configured(undefined), {})).to.deep.equal(ours);
    expect(inRegion({ ...inputs, region: unknown }, configured(undefined), {})).to.deep.equal(ours);
    expect(inRegion(inputs, configured("eu-west-1"), {})).to.deep.equal(ours);
  });

  it("is refused where it is another's, with both and a remedy", () => {
    const { failures } = inRegion({ region: "eu-west-1" }, configured("us-west-2"), { AWS_REGION: "eu-west-1" });
    expect(failures).to.have.length(1);
    expect(failures[0]?.property).to.equal("region");
    expect(failures[0]?.reason).to.match(/"eu-west-1".*us-west-2\. Leave it out, set cloudmap:region, or give/);
  });

  it("is judged by the plugin at its check and at its functions", async () => {
    const silent = { info: () => {}, warning: () => {}, progress: () => {} };
    const host = new PluginHost(silent);
    host.configure({ endpoint: "http://127.0.0.1:1", region: "us-west-2" });
    const urn = "urn:pulumi:dev::project::cloudmap:index:HttpNamespace::shop";
    const { inputs, failures } = await host.check(urn, {}, { name: "shop", region: "eu-west-1" }, undefined);
    expect(failures.map(({ property }) => property)).to.deep.equal(["region"]);
    expect(inputs).to.deep.equal({ name: "shop" });
    const asked = await host.invoke("cloudmap:index:getHttpNamespace", { name: "shop", region: "eu-west-1" });
    expect(asked.failures.map(({ property }) => property)).to.deep.equal(["region"]);
  });
});
