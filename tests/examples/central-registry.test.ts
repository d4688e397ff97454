// Use case 5: two accounts, two stacks and one registry: what the platform shares, the application fills, and no more.

import { join } from "node:path";
import { expect } from "chai";
import { ask, callAs, type Gated, home, keyOf, startGated } from "../engine/auth/gated.ts";
import { deployers } from "../up/deployer.ts";
import { type Config, Stack } from "../up/stack.ts";
import { examples } from "./programs.ts";

const platform = keyOf("platform");
const application = { ...keyOf("application"), account: "111111111111" };
const reader = { ...keyOf("reader"), account: "222222222222" };
const keys = [platform, application, reader];

for (const deployer of deployers) {
  describe(`A central registry, under ${deployer.name}`, function () {
    this.timeout(120_000);
    let gated: Gated;
    const stacks: Stack[] = [];
    before(async () => {
      gated = await startGated({ keys }, { now: Date.now });
    });
    after(async () => {
      for (const stack of stacks) await stack[Symbol.asyncDispose]();
      await gated[Symbol.asyncDispose]();
    });

    const open = async (name: string, key: typeof platform, config: Config = {}) => {
      const credentials = { "cloudmap:accessKey": key.accessKeyId, "cloudmap:secretKey": key.secretAccessKey };
      const all = { "cloudmap:endpoint": gated.engine.url, ...credentials, ...config };
      const stack = await Stack.open(deployer, all, join(examples, "use-cases/central-registry", name));
      stacks.push(stack);
      return stack;
    };
    const outputsOf = async (stack: Stack): Promise<Record<string, string>> =>
      JSON.parse((await stack.ran("stack", "output", "--json")).output);

    it("is the platform's, and applications make services of their own in it", async () => {
      const owner = await open("platform", platform);
      await owner.up();
      const { namespaceArn = "", namespaceId } = await outputsOf(owner);
      expect(namespaceArn).to.include(`:${home}:namespace/`);
      const shares = [
        { namespace: namespaceId, accounts: [application.account], permission: "write" },
        { namespace: namespaceId, accounts: [reader.account], permission: "read" },
      ];
      gated.write({ keys, shares });
      const guest = await open("application", application, {
        "central-registry-application:namespaceArn": namespaceArn,
      });
      await guest.up();
      expect((await outputsOf(guest)).serviceArn).to.include(`:${home}:service/`);
      expect((await guest.refresh()).summary).to.deep.equal([]);
    });

    it("is discovered by accounts that it is shared with, which can change nothing in it", async () => {
      const OwnerAccount = home;
      for (const ServiceName of ["gateway", "billing"]) {
        const wanted = { NamespaceName: "registry", ServiceName, OwnerAccount };
        const { Instances = [] } = await callAs(gated, reader, "DiscoverInstances", wanted);
        expect(Instances.map(({ InstanceId }) => InstanceId)).to.deep.equal([`${ServiceName}-1`]);
      }
      const ServiceId = String((await stacks[1]?.resource("billing"))?.outputs?.arn);
      const change = { ServiceId, InstanceId: "theirs", Attributes: { AWS_INSTANCE_IPV4: "10.0.0.1" } };
      expect((await ask(gated, reader, "RegisterInstance", change)).code).not.to.equal("OK");
    });

    it("takes an application's services out again, and only these", async () => {
      await stacks[1]?.destroy();
      const { Services = [] } = await callAs(gated, platform, "ListServices", {});
      expect(Services.map(({ Name }) => Name)).to.deep.equal(["gateway"]);
    });

    it("keeps the platform's services from the applications", async () => {
      const ServiceId = String((await stacks[0]?.resource("gateway"))?.outputs?.arn);
      const change = { ServiceId, InstanceId: "theirs", Attributes: { AWS_INSTANCE_IPV4: "10.0.0.1" } };
      expect((await ask(gated, application, "RegisterInstance", change)).code).not.to.equal("OK");
    });
  });
}
