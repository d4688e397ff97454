// What an import reads: by id, by ARN and by the path of names; and what it says where an id means nothing of the kind.
import { expect } from "chai";
import { provider } from "../../../provider/plugin/stubs.ts";
import { engineInTemp, failureOf, type TestEngine } from "../workbench.ts";
import { type Plugin, startPlugin, urnOf } from "./plugin.ts";

const { DIFF_NONE } = provider.DiffResponse.DiffChanges;

const messageOf = async (work: Promise<unknown>) => (await failureOf(work)).message;

describe("an import", () => {
  let engine: TestEngine;
  let plugin: Plugin;
  let shop: Awaited<ReturnType<Plugin["create"]>>;
  let web: Awaited<ReturnType<Plugin["create"]>>;
  before(async () => {
    engine = await engineInTemp();
    plugin = await startPlugin();
    await plugin.configure({ endpoint: engine.url });
    const namespace = { name: "imported", description: "there" };
    shop = await plugin.create(urnOf("HttpNamespace", "imported"), namespace);
    web = await plugin.create(urnOf("Service", "there"), { name: "there", namespaceId: shop.id });
    const instance = { serviceId: web.id, instanceId: "there/1", attributes: { a: "b" } };
    await plugin.create(urnOf("Instance", "there/1"), instance);
  });
  after(async () => {
    await plugin[Symbol.asyncDispose]();
    await engine.stop();
  });

  it("reads by id, by ARN and by the path of names", async () => {
    for (const id of [shop.id, shop.outputs.arn, "imported"]) {
      const read = await plugin.read(urnOf("HttpNamespace", "x"), String(id));
      expect(read, String(id)).to.deep.include({ id: shop.id });
      expect(read.inputs).to.include({ name: "imported", description: "there" });
    }
    for (const id of [web.id, web.outputs.arn, "imported/there"]) {
      expect((await plugin.read(urnOf("Service", "x"), String(id))).id, String(id)).to.equal(web.id);
    }
    for (const id of [`${web.id}/there/1`, "imported/there/there/1"]) {
      const read = await plugin.read(urnOf("Instance", "x"), id);
      expect(read.inputs, id).to.deep.equal({ serviceId: web.id, instanceId: "there/1", attributes: { a: "b" } });
      const { inputs } = await plugin.check(urnOf("Instance", "x"), read.inputs);
      expect((await plugin.diff(urnOf("Instance", "x"), read.id, read.outputs, inputs)).changes).to.equal(DIFF_NONE);
    }
    expect(await messageOf(plugin.read(urnOf("Service", "x"), "imported/nowhere"))).to.include('no service "nowhere"');
  });

  it("refuses what is no id of the kind, and says what is", async () => {
    const arn = String(web.outputs.arn);
    for (const [kind, id] of [
      ["Service", "imported"],
      ["Service", "/there"],
      ["Service", `${web.id}/there/1`],
      ["Service", shop.id],
      ["Service", String(shop.outputs.arn)],
      ["Service", `${arn}/there/1`],
      ["Instance", web.id],
      ["Instance", arn],
      ["Instance", "imported/there/"],
      ["HttpNamespace", web.id],
      ["HttpNamespace", arn],
    ] as const) {
      const said = await messageOf(plugin.read(urnOf(kind, "x"), id));
      expect(said, `${kind} ${id}`).to.match(/is none of its ids: an? (service|instance|namespace) is .*name/);
    }
  });

  it("says whose an ARN is that is another account's", async () => {
    const others = String(shop.outputs.arn).replace(/\d{12}/, "123456789012");
    expect(await messageOf(plugin.read(urnOf("HttpNamespace", "x"), others.replace(/.{4}$/, "zzzz"))))
      .to.include("it is of the account 123456789012")
      .and.match(/this registry, which is that of \d{12},/);
  });
});
