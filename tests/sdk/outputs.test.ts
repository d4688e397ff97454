// The outputs of the classes: each that the schema has is there, and known where it can be.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import * as cloudmap from "../../sdk/index.ts";
import { isKnown } from "../../sdk/known.ts";

type Answer = (name: string, inputs: pulumi.Inputs) => pulumi.Inputs;

async function answer(state: Answer, { preview }: { readonly preview: boolean }): Promise<void> {
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({
    id: `id-of-${name}`,
    state: state(name, inputs),
  });
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "project", "stack", preview, "acme");
}

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

describe("the outputs of the classes", () => {
  afterEach(() => answer((_name, inputs) => inputs, { preview: false }));

  it("are all that the schema has, whatever the program says of them, and of what is only read", async () => {
    await answer((_name, inputs) => inputs, { preview: false });
    const { resources } = JSON.parse(readFileSync(new URL("../../schema.json", import.meta.url), "utf8"));
    const { HttpNamespace, PrivateDnsNamespace, PublicDnsNamespace, Service, Instance } = cloudmap;
    const all = {
      HttpNamespace: [new HttpNamespace("shop"), HttpNamespace.get("n", "ns-1")],
      PrivateDnsNamespace: [new PrivateDnsNamespace("demo", { vpc: "vpc-1" }), PrivateDnsNamespace.get("p", "ns-2")],
      PublicDnsNamespace: [new PublicDnsNamespace("example.com"), PublicDnsNamespace.get("o", "ns-3")],
      Service: [new Service("api", { namespaceId: "ns-1" }), Service.get("s", "srv-1")],
      Instance: [new Instance("web", { serviceId: "srv-1", attributes: {} }), Instance.get("i", "srv-1/web")],
    };
    expect(resources).to.have.keys(Object.keys(all).map((kind) => `cloudmap:index:${kind}`));
    for (const [kind, both] of Object.entries(all)) {
      const names = Object.keys(resources[`cloudmap:index:${kind}`].properties);
      for (const each of both) {
        const has = (name: string) => pulumi.Output.isInstance((each as unknown as Record<string, unknown>)[name]);
        expect(names.filter((name) => !has(name))).to.deep.equal([], kind);
      }
    }
  });

  it("tell that there are no tags while a preview leaves a resource as it is, and only where there are none", async () => {
    const state: Answer = (name, { tags: _, tagsAll: __, ...rest }) =>
      name === "default" ? { ...rest, tagsAll: { team: "web" } } : rest;
    await answer(state, { preview: true });
    const bare = new cloudmap.HttpNamespace("bare");
    const empty = new cloudmap.Service("empty", { namespaceId: "ns-1", tags: {} });
    const unknown = bare.tags.apply((tags) => tags ?? {});
    const later = new cloudmap.Service("later", { namespaceId: "ns-1", tags: unknown });
    const tagged = new cloudmap.HttpNamespace("tagged", { tags: { a: "1" } });
    const known = await Promise.all([bare, empty, later, tagged].map(({ tagsAll }) => isKnown(tagsAll)));
    expect(known).to.deep.equal([true, true, false, false]);
    expect(await resolved(bare.tagsAll)).to.deep.equal({});
    expect(await resolved(new cloudmap.HttpNamespace("default").tagsAll)).to.deep.equal({ team: "web" });
  });

  it("do not tell that there are no tags where the configuration has some for all", async () => {
    await answer((_name, { tagsAll: _, ...rest }) => rest, { preview: true });
    pulumi.runtime.setConfig("cloudmap:defaultTags", '{"team":"web"}');
    expect(await isKnown(new cloudmap.HttpNamespace("made").tagsAll)).to.equal(false);
    expect(await isKnown(new cloudmap.Service("made", { namespaceId: "ns-1" }).tagsAll)).to.equal(false);
    pulumi.runtime.setAllConfig({});
  });
});
