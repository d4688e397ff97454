// The rules of the policy pack in examples/policy, on what a preview says of resources of both hosts.
import { join } from "node:path";
import { expect } from "chai";
import { dnsOnlyInside, kindOf, ownerIsNamed, type Seen, weightsAddUp } from "../../examples/policy/rules.ts";
import { commands } from "../up/deployer.ts";
import { Stack } from "../up/stack.ts";

interface Planned {
  readonly newState?: Pick<Seen, "type" | "urn" | "parent"> & { readonly inputs?: Seen["props"] };
}

describe("the policies", () => {
  const urn = (stack: string, name: string) => `urn:pulumi:${stack}::shop::type::${name}`;

  it("know the kinds of both hosts, and nothing else", () => {
    expect(kindOf("cloudmap:index:Service")).to.equal("Service");
    expect(kindOf("pulumi-nodejs:dynamic/cloudmap:Service")).to.equal("Service");
    for (const type of ["aws:servicediscovery/service:Service", "pulumi:providers:cloudmap"])
      expect(kindOf(type)).to.equal(undefined);
  });

  it("count default tags, and let public namespaces be in production", () => {
    const type = "cloudmap:index:PublicDnsNamespace";
    const props = { tags: {}, tagsAll: { owner: "shop" } };
    expect(ownerIsNamed({ type, urn: urn("dev", "a"), props })).to.deep.equal([]);
    expect(dnsOnlyInside({ type, urn: urn("production", "a"), props })).to.deep.equal([]);
    expect(dnsOnlyInside({ type, urn: urn("dev", "a"), props })).to.have.length(1);
  });
});

for (const deployer of commands) {
  describe(`The policies on a preview, under ${deployer.name}`, () => {
    let seen: readonly Seen[];
    before(async () => {
      const config = { "cloudmap:endpoint": "http://127.0.0.1:1" };
      await using stack = await Stack.open(deployer, config, join(import.meta.dirname, "policed"));
      const { output } = await stack.ran("preview", "--non-interactive", "--json");
      const { steps }: { steps: readonly Planned[] } = JSON.parse(
        output.slice(output.indexOf("{\n"), output.lastIndexOf("}") + 1),
      );
      seen = steps.flatMap(({ newState }) =>
        newState === undefined ? [] : [{ ...newState, props: newState.inputs ?? {} }],
      );
    });
    const hosts = (names: (host: string) => string) => ["dynamic", "plugin"].map(names);

    it("find what has no owner, public namespaces in dev, and weights that do not add up, on both hosts", () => {
      expect(seen.flatMap(ownerIsNamed).sort()).to.deep.equal(
        hosts((host) => `${host}-nobodys has no tag owner: set it, or cloudmap:defaultTags for all.`),
      );
      expect(seen.flatMap(dnsOnlyInside).sort()).to.deep.equal(
        hosts((host) => `${host}.example.com is a public DNS namespace in dev: use a PrivateDnsNamespace there.`),
      );
      const wrong = weightsAddUp(seen);
      expect(wrong.map(({ message }) => message).sort()).to.deep.equal(
        hosts((host) => `The weights in ${host}-bad add up to 110, and not to 100.`),
      );
      for (const { urn } of wrong) expect(urn).to.match(/cloudmap:index:DiscoverableService::\w+-bad$/);
    });
  });
}
