// Bad inputs: a preview refuses each of them by its path, all of a resource at once, without asking the registry.
import { expect } from "chai";
import { commands } from "./deployer.ts";
import { instance, namespace, service } from "./spec.ts";
import { openStage, type Stage } from "./stage.ts";

/** By property path: what each refusal says. */
const bad = {
  "an HTTP namespace": {
    resource: namespace("arn:shop", { description: "x".repeat(1025), tags: { "aws:reserved": "x" } }),
    refusals: {
      name: "not beginning with arn:",
      description: "at most 1,024 characters",
      'tags["aws:reserved"]': "reserved for AWS's own tags",
    },
  },
  "a service": {
    resource: service("-web", "good", {
      healthCheckConfig: { type: "TCP", resourcePath: "/up" },
      dnsConfig: { dnsRecords: [{ type: "A", ttl: -1 }] },
      helthCheckCustomConfig: {},
    }),
    refusals: {
      name: "labels of letters, digits",
      "healthCheckConfig.resourcePath": "cannot be given when",
      "dnsConfig.dnsRecords[0].ttl": "must be at least 0",
      helthCheckCustomConfig: "Did you mean healthCheckCustomConfig?",
    },
  },
  "an instance": {
    resource: instance("bad id", "fine", { AWS_INSTANCE_IPV4: "192.0.2.256", "a key": "x" }),
    refusals: {
      instanceId: "1 to 64 letters, digits and",
      "attributes.AWS_INSTANCE_IPV4": "must be an IPv4 address such as 192.0.2.44",
      'attributes["a key"]': "must match",
      "attributes.AWS_INSTANCE_PORT": "is required: the service probes its instances",
    },
  },
};
const good = [namespace("good"), service("fine", "good", { healthCheckConfig: { type: "HTTP" } })];

for (const deployer of commands) {
  describe(`Bad inputs, under ${deployer.name}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(deployer);
    });
    after(() => stage[Symbol.asyncDispose]());

    for (const [what, { resource, refusals }] of Object.entries(bad)) {
      it(`of ${what} are refused by a preview, each by its path, all at once`, async () => {
        await stage.stack.declare({ resources: [...good, resource] });
        const { exitCode, output } = await stage.stack.shown("preview");
        expect(exitCode).not.to.equal(0);
        const lines = output.split("\n");
        for (const [path, text] of Object.entries(refusals)) {
          const line = lines.find(
            (each) => each.includes(`property ${path}:`) || each.includes(`property ${path} value`),
          );
          expect(line, `${path} in ${output}`).to.contain(text);
        }
        expect(output).not.to.match(/^\s+at .+:\d+:\d+/m);
        expect(stage.front.take()).to.deep.equal([]);
      });
    }
  });
}
