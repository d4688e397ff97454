// Pulumi's own options and what the state holds: secrets, protection, dependencies, components, get, slow operations.
import { expect } from "chai";
import { call } from "../engine/running.ts";
import { deployers } from "./deployer.ts";
import { type Declared, instance, namespace, type Spec, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

const secret = "the-password-of-the-day";
const attributes = { AWS_INSTANCE_IPV4: "192.0.2.44", AWS_INSTANCE_PORT: "8080", zone: "us-east-1a" };

function spec(protect: boolean, others: readonly Declared[] = []): Spec {
  return {
    resources: [
      { kind: "Group", name: "group" },
      namespace("shop", {}, { parent: "=group" }),
      service("web", "shop", {}, { parent: "=group" }),
      instance("kept", "web", attributes, { protect }),
      instance("secretive", "web", { token: { $secret: secret } }),
      instance("later", "web", attributes, { dependsOn: ["=kept"] }),
      ...others,
    ],
    outputs: { published: "=secretive.attributes" },
  };
}

for (const deployer of deployers) {
  describe(`Options and state, under ${deployer.name}`, function () {
    this.timeout(90_000);
    let stage: Stage;
    let deployed: string;
    before(async () => {
      stage = await openStage(deployer, { operationDelay: 300 });
    });
    after(() => stage[Symbol.asyncDispose]());

    it("deploys when operations are slow, and polls for them", async () => {
      const { summary, output } = await stage.stack.up(spec(true));
      deployed = output;
      const names = ["group", "kept", "later", "secretive", "shop", "web"];
      expect(summary).to.deep.equal(names.map((name) => `create ${name}`));
      const { Operations = [] } = await call(stage.running, "ListOperations", {});
      expect(Operations.map(({ Status }) => Status)).to.deep.equal(Array(4).fill("SUCCESS"));
    });

    it("keeps secrets out of the state in clear, and warned of publishing one", async () => {
      expect(deployed).to.contain("token is a Pulumi secret, but everybody");
      expect(await stage.stack.stateText()).not.to.contain(secret);
      const { output } = await stage.stack.ran("stack", "output", "--json");
      expect(output).not.to.contain(secret);
      const { id: ServiceId = "" } = await stage.stack.resource("web");
      const { Instance } = await call(stage.running, "GetInstance", { ServiceId, InstanceId: "secretive" });
      expect(Instance?.Attributes).to.deep.equal({ token: secret });
    });

    it("keeps 63 bytes of provider, and little more than the instance itself", async () => {
      const { inputs, outputs, ...rest } = await stage.stack.resource("secretive");
      expect(String(inputs?.__provider)).to.have.length(63);
      expect(String(outputs?.__provider)).to.have.length(63);
      const { attributes: _, ...own } = { ...outputs };
      expect(Buffer.byteLength(JSON.stringify({ ...rest, inputs: own, outputs: own }))).to.be.at.most(1100);
    });

    it("makes what depends on another after it, and children under their parents", async () => {
      const registered = stage.front.writes.filter((write) => write.startsWith("Register"));
      expect(registered.indexOf("RegisterInstance later")).to.be.above(registered.indexOf("RegisterInstance kept"));
      expect((await stage.stack.resource("shop")).parent).to.match(/::up:index:Group::group$/);
    });

    it("reads what others own by get, and refuses to destroy what is protected", async () => {
      const { id } = await stage.stack.resource("web");
      const get: Declared = { kind: "Service", name: "theirs", id: String(id) };
      const there = instance("in-theirs", "theirs", { zone: "b" });
      await stage.stack.up(spec(true, [get, there]));
      const theirs = await stage.stack.resource("theirs");
      expect(theirs.external).to.equal(true);
      expect(theirs.outputs).to.include({ name: "web", type: "HTTP" });
      expect((await stage.stack.resource("in-theirs")).id).to.equal(`${id}/in-theirs`);
      const { exitCode, output } = await stage.stack.shown("destroy");
      expect(exitCode).not.to.equal(0);
      expect(output).to.match(/kept.*protect/s);
      const left = (await stage.stack.resources()).map(({ urn }) => urn.split("::").at(-1));
      expect(left).to.include.members(["kept", "web", "shop"]);
    });

    it("destroys what is protected no longer, and leaves what it only reads", async () => {
      await stage.stack.up(spec(false));
      await stage.stack.destroy();
      expect(await stage.stack.resources()).to.deep.equal([]);
      expect((await call(stage.running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("keeps default tags that are secret out of the state in clear, on both hosts", async () => {
      await using own = await openStage(deployer);
      const { stack, running } = own;
      const resources = [namespace("shop"), namespace("own", { tags: { of: "it" } }), service("web", "shop")];
      await stack.ran("config", "set", "--secret", "cloudmap:defaultTags", JSON.stringify({ token: secret }));
      await stack.up({ resources });
      expect(await stack.stateText()).not.to.contain(secret);
      await stack.up({ host: "plugin", resources });
      await stack.refresh();
      const { exitCode, output } = await stack.run("preview", "--diff", "--expect-no-changes", "--non-interactive");
      expect(exitCode, output).to.equal(0);
      expect(output).to.contain("unchanged").and.not.to.contain(secret);
      expect(await stack.stateText()).not.to.contain(secret);
      const ResourceARN = String((await stack.resource("own")).outputs?.arn);
      const { Tags = [] } = await call(running, "ListTagsForResource", { ResourceARN });
      expect(Tags.map(({ Key, Value }) => `${Key}=${Value}`)).to.have.members(["of=it", `token=${secret}`]);
    });
  });
}
