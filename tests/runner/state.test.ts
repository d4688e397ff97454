// The state's file: secrets, integrity, order, renamed resources.

import { expect } from "chai";
import { createCrypter } from "../../runner/stack/secrets.ts";
import {
  formatCheckpoint,
  openDeployment,
  parseCheckpoint,
  sealDeployment,
  sealResource,
} from "../../runner/state/deployment.ts";
import { findFault } from "../../runner/state/integrity.ts";
import { merge, renameReferences, sortByNeed } from "../../runner/state/merge.ts";
import { renameStack } from "../../runner/state/rename.ts";
import type { Resource } from "../../runner/state/resource.ts";
import { SecretCache } from "../../runner/state/secret-cache.ts";
import { makeUrn, parseUrn } from "../../runner/state/urn.ts";
import { secret } from "../../runner/value/value.ts";

const urn = (name: string): string => `urn:pulumi:dev::p::t:i:T::${name}`;
const resource = (name: string, more: Partial<Resource> = {}): Resource => ({
  urn: urn(name),
  custom: true,
  id: name,
  type: "t:i:T",
  ...more,
});

describe("a state", () => {
  it("keeps the ciphertext of secrets that did not change", async () => {
    const crypter = createCrypter("p");
    const cache = new SecretCache(crypter);
    const first = sealResource(resource("a", { inputs: { s: secret("x"), o: { t: secret([1]) } } }), cache);
    const fresh = new SecretCache(crypter);
    const opened = openDeployment({ resources: [first] }, fresh);
    expect(opened.resources[0]?.inputs).to.deep.equal({ s: secret("x"), o: { t: secret([1]) } });
    const again = sealResource(resource("a", { inputs: { s: secret("x"), o: { t: secret([2]) } } }), fresh);
    expect(again.inputs?.s).to.deep.equal(first.inputs?.s);
    expect(again.inputs?.o).to.not.deep.equal(first.inputs?.o);
  });

  it("reads secrets in plain text, and writes them encrypted", async () => {
    const cache = new SecretCache(createCrypter("p"));
    const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const opened = openDeployment(
      { resources: [resource("a", { inputs: { s: { ...mark, plaintext: '"x"' } } })] },
      cache,
    );
    expect(opened.resources[0]?.inputs).to.deep.equal({ s: secret("x") });
    expect(JSON.stringify(sealDeployment(opened, cache, new Date())))
      .to.contain("ciphertext")
      .and.not.contain("plaintext");
  });

  it("of a version or with fields that this runner does not know is refused by name", () => {
    expect(() => parseCheckpoint('{"version":4,"features":["views"],"checkpoint":{"latest":{}}}', "f")).to.throw(
      "views",
    );
    const odd = { ...resource("a"), viewOf: "x" };
    expect(() => openDeployment({ resources: [odd] }, new SecretCache(undefined))).to.throw("viewOf");
  });

  it("has a feature of its own for replaceWith, as the CLI has", () => {
    const text = formatCheckpoint("organization/p/dev", {
      resources: [resource("a"), resource("b", { replaceWith: [urn("a")] })],
    });
    expect(JSON.parse(text)).to.include({ version: 4 });
    expect(parseCheckpoint(text, "f").features).to.deep.equal(["replaceWith"]);
  });

  it("has everything that a resource needs before it, and each live URN once", () => {
    expect(findFault([resource("a"), resource("b", { dependencies: [urn("a")] })])).to.equal(undefined);
    expect(findFault([resource("b", { dependencies: [urn("a")] }), resource("a")])).to.contain("missing dependency");
    expect(findFault([resource("a"), resource("a", { id: "2" })])).to.contain("duplicate");
    expect(findFault([resource("a"), resource("a", { id: "2", delete: true })])).to.equal(undefined);
    expect(findFault([resource("a", { provider: "urn:pulumi:dev::p::pulumi:providers:t::default::id" })])).to.contain(
      "unknown provider",
    );
  });

  it("can be put into the order of needs, and otherwise keeps its own", () => {
    const list = [
      resource("c", { dependencies: [urn("b")] }),
      resource("x"),
      resource("b", { parent: urn("a") }),
      resource("a"),
    ];
    const sorted = sortByNeed(list);
    expect(findFault(sorted)).to.equal(undefined);
    expect(sorted.map(({ id }) => id)).to.deep.equal(["a", "b", "c", "x"]);
  });

  it("starts with what was done and goes on with what was not touched", () => {
    const [a, b, c] = [resource("a"), resource("b"), resource("c")];
    const next = { ...b };
    expect(merge([a, b, c], [next], new Set([b])).map(({ id }) => id)).to.deep.equal(["b", "a", "c"]);
  });

  it("points to renamed resources by their new names", () => {
    const [renamed] = [resource("new", { aliases: [urn("old")] })];
    const list = renameReferences([
      renamed,
      resource("b", { dependencies: [urn("old")], propertyDependencies: { x: [urn("old")] } }),
    ]);
    expect(list[1]).to.deep.include({ dependencies: [urn("new")], propertyDependencies: { x: [urn("new")] } });
  });

  it("can be given to a stack of another name", () => {
    const root = {
      urn: makeUrn("dev", "p", "", "pulumi:pulumi:Stack", "p-dev"),
      custom: false,
      type: "pulumi:pulumi:Stack",
    };
    const list = renameStack([root, resource("a", { parent: root.urn })], "p", "prod");
    expect(list.map((each) => parseUrn(each.urn).stack)).to.deep.equal(["prod", "prod"]);
    expect(list[1]?.parent).to.equal("urn:pulumi:prod::p::pulumi:pulumi:Stack::p-prod");
    expect(findFault(list)).to.equal(undefined);
  });
});
