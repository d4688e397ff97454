// Secrets among published attributes: each is named, and nothing else is warned of.
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { findSecrets } from "../../sdk/secret.ts";

describe("secrets among attributes", () => {
  it("are found by their keys", async () => {
    const attributes = { zone: "a", token: pulumi.secret("x"), port: pulumi.output("80"), key: pulumi.secret("y") };
    expect(await findSecrets(attributes)).to.deep.equal(["token", "key"]);
  });

  it("are the attributes as a whole where these are one output", async () => {
    expect(await findSecrets(pulumi.secret({ a: "1" }))).to.deep.equal(["attributes"]);
    expect(await findSecrets(pulumi.output({ a: pulumi.secret("1") }))).to.deep.equal(["attributes"]);
    expect(await findSecrets(pulumi.output({ a: "1" }))).to.deep.equal([]);
  });

  it("are none where there are none", async () => {
    expect(await findSecrets({ zone: "a" })).to.deep.equal([]);
    expect(await findSecrets(Promise.resolve({ zone: pulumi.output("a") }))).to.deep.equal([]);
    expect(await findSecrets(undefined)).to.deep.equal([]);
  });
});
