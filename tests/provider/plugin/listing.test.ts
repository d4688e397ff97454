// What the plugin lists of each kind: pages of ids that an import takes, as Pulumi's List asks for them.
import { expect } from "chai";
import type { Props } from "../../../provider/casing.ts";
import { provider } from "../../../provider/plugin/stubs.ts";
import { sent } from "../../../provider/plugin/wire.ts";
import { call, makeNamespace, makeService, register } from "../../engine/running.ts";
import { engineInTemp, failureOf, type TestEngine } from "../workbench.ts";
import { type Plugin, startPlugin, unknown, urnOf } from "./plugin.ts";

type Response = InstanceType<typeof provider.ListResponse>;

interface Page {
  readonly found: readonly { readonly id: string; readonly name: string }[];
  readonly more: string | undefined;
  readonly computed: boolean;
}

interface Asked {
  readonly limit?: number;
  readonly pageSize?: number;
  readonly token?: string;
}

describe("a list of the plugin's", () => {
  let engine: TestEngine;
  let plugin: Plugin;
  let shop: string;
  let cart: string;
  before(async () => {
    engine = await engineInTemp();
    plugin = await startPlugin();
    await plugin.configure({ endpoint: engine.url });
    shop = await makeNamespace(engine, "shop");
    await call(engine, "CreatePrivateDnsNamespace", { Name: "shop.internal", Vpc: "vpc-1" });
    cart = await makeService(engine, shop, "cart");
    for (let index = 0; index < 7; index += 1) await makeService(engine, shop, `other-${index}`);
    await makeService(engine, await makeNamespace(engine, "office"), "cart");
    for (const id of ["a", "b/c"]) await register(engine, cart, id, {});
  });
  after(async () => {
    await plugin[Symbol.asyncDispose]();
    await engine.stop();
  });

  async function page(kind: string, query: Props = {}, { limit = 0, pageSize = 0, token = "" }: Asked = {}) {
    const request = new provider.ListRequest().setToken(`cloudmap:index:${kind}`).setQuery(sent(query));
    const responses: Response[] = [];
    const stream = plugin.client.list(request.setLimit(limit).setPageSize(pageSize).setContinuationToken(token));
    for await (const response of stream) responses.push(response);
    const found = responses.flatMap((each) => each.getResult()?.toObject() ?? []);
    const more = responses.at(-1)?.getContinuation()?.getContinuationToken();
    expect(responses.length).to.be.at.most(found.length + 1);
    return { found, more, computed: responses.some((each) => each.hasComputed()) } satisfies Page;
  }

  const names = ({ found }: Page) => found.map(({ name }) => name).toSorted();

  it("has each kind's own, narrowed by what is asked for", async () => {
    expect(names(await page("HttpNamespace"))).to.deep.equal(["office", "shop"]);
    expect(names(await page("HttpNamespace", { name: "shop" }))).to.deep.equal(["shop"]);
    expect(names(await page("PrivateDnsNamespace"))).to.deep.equal(["shop.internal"]);
    expect(names(await page("PublicDnsNamespace"))).to.deep.equal([]);
    expect((await page("Service")).found).to.have.length(9);
    expect((await page("Service", { namespaceId: shop })).found).to.have.length(8);
    expect((await page("Service", { namespaceId: shop, name: "cart" })).found).to.deep.equal([
      { id: cart, name: "cart" },
    ]);
    expect(names(await page("Instance", { serviceId: cart }))).to.deep.equal(["a", "b/c"]);
  });

  it("has ids that an import takes", async () => {
    const asked: readonly [string, Props][] = [
      ["HttpNamespace", {}],
      ["PrivateDnsNamespace", {}],
      ["Service", { name: "cart", namespaceId: shop }],
      ["Instance", { serviceId: cart }],
    ];
    for (const [kind, query] of asked) {
      for (const { id, name } of (await page(kind, query)).found) {
        const { inputs } = await plugin.read(urnOf(kind, "imported"), id);
        expect(inputs.instanceId ?? inputs.name).to.equal(name);
      }
    }
  });

  it("comes in pages of at most the size that is asked for, each thing once, whatever is filtered out", async () => {
    for (const [query, count] of [
      [{}, 9],
      [{ name: "cart" }, 2],
    ] as const) {
      const ids: string[] = [];
      let token: string | undefined = "";
      while (token !== undefined) {
        const { found, more }: Page = await page("Service", query, { pageSize: 2, token });
        expect(found.length).to.be.within(token === "" ? 1 : 0, 2);
        ids.push(...found.map(({ id }) => id));
        token = more;
      }
      expect(new Set(ids).size).to.equal(count);
      expect(ids).to.have.length(count);
    }
  });

  it("ends at its limit, which counts over all its pages", async () => {
    expect(await page("Service", {}, { limit: 3 })).to.deep.include({ more: undefined });
    expect((await page("Service", {}, { limit: 3 })).found).to.have.length(3);
    const first = await page("Service", {}, { limit: 3, pageSize: 2 });
    const second = await page("Service", {}, { limit: 3, pageSize: 2, token: first.more ?? "" });
    expect([first.found.length, second.found.length, second.more]).to.deep.equal([2, 1, undefined]);
  });

  it("is not known while its query is not", async () => {
    expect(await page("Service", { namespaceId: unknown })).to.deep.equal({
      found: [],
      more: undefined,
      computed: true,
    });
  });

  it("says what is wrong with what is asked", async () => {
    const refusal = async (...asked: Parameters<typeof page>) => (await failureOf(page(...asked))).message;
    expect(await refusal("Nothing")).to.include(
      "cloudmap has no resource cloudmap:index:Nothing; it has HttpNamespace",
    );
    expect(await refusal("Instance")).to.match(/listing cloudmap:index:Instance: serviceId.* required/);
    expect(await refusal("Service", { nmae: "cart" })).to.match(/listing cloudmap:index:Service: nmae/);
    expect(await refusal("Service", {}, { token: "x" })).to.include('"x" is no continuation token of a list');
    expect(await refusal("Instance", { serviceId: "srv-none" })).to.include("srv-none");
  });

  it("has no methods, components and parameters beside it, and says so", async () => {
    const { CallRequest, ConstructRequest, ParameterizeRequest } = provider;
    const asked: readonly [Promise<unknown>, string][] = [
      [
        plugin.ask(({ call: method }) => method, new CallRequest().setTok("cloudmap:index:Service/restart")),
        "Service/restart",
      ],
      [plugin.ask(({ construct }) => construct, new ConstructRequest().setType("cloudmap:index:Shop")), "index:Shop"],
      [plugin.ask(({ parameterize }) => parameterize, new ParameterizeRequest()), "a parameter"],
    ];
    for (const [answer, what] of asked) {
      const { message } = await failureOf(answer);
      expect(message).to.include("the provider cloudmap does not have").and.include(what);
    }
  });
});
