// What others change, for every property of every kind: a refresh reports exactly it, and the next up repairs exactly it.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type KindName, kinds } from "../../../provider/kinds.ts";
import { driftPage } from "../../../scripts/drift/page.ts";
import { call } from "../../engine/running.ts";
import { deployers } from "../deployer.ts";
import { contents } from "../fire/registry.ts";
import { hosts } from "../fire/scene.ts";
import type { Declared } from "../spec.ts";
import type { Resource } from "../stack.ts";
import { openStage, type Stage } from "../stage.ts";
import { type Row, repairOf, rowsOf, table } from "./table.ts";

const names = Object.keys(kinds) as KindName[];
const rows = names.flatMap(rowsOf);

const parents: readonly Declared[] = [
  { kind: "HttpNamespace", name: "http", args: { name: "http" } },
  { kind: "PrivateDnsNamespace", name: "private", args: { vpc: "vpc-1" } },
  { kind: "PublicDnsNamespace", name: "public", args: { name: "public.example.com" } },
  { kind: "Service", name: "all", args: { namespaceId: "=http" } },
  { kind: "Service", name: "custom", args: { namespaceId: "=http", healthCheckCustomConfig: {} } },
];

/** The resource of a row, after the parent that is its own. */
function declared({ kind, name, within, declares = {} }: Row): readonly Declared[] {
  const own = `of-${name}`;
  if (kind === "Service") {
    const above = within === "own" ? [{ kind: "HttpNamespace", name: own } as const] : [];
    return [
      ...above,
      { kind, name, args: { namespaceId: `=${within === "own" ? own : (within ?? "http")}`, ...declares } },
    ];
  }
  if (kind === "Instance") {
    const above = within === "own" ? [{ kind: "Service", name: own, args: { namespaceId: "=http" } } as const] : [];
    const parent = within === "own" ? own : within === "custom" ? "custom" : "all";
    return [...above, { kind, name, args: { serviceId: `=${parent}`, ...declares } }];
  }
  const place = { ...(kind === "PrivateDnsNamespace" && { vpc: "vpc-1" }) };
  const dnsName = kind === "PublicDnsNamespace" ? { name: `${name}.example.com` } : { name };
  return [{ kind, name, args: { ...place, ...dnsName, ...declares } }];
}

/** A parent that was deleted with its child comes back with it. */
function expected(does: (row: Row) => string): readonly string[] {
  return rows
    .flatMap((row) => {
      const [verb = "", ...paths] = does(row).split(" ");
      if (verb === "nothing") return [];
      const lines = [[verb, row.name, ...paths].join(" ")];
      return row.within === "own" && row.refresh === "delete" ? [...lines, `${verb} of-${row.name}`] : lines;
    })
    .sort();
}

async function stateOf(stack: Stage["stack"]): Promise<ReadonlyMap<string | undefined, Resource>> {
  return new Map((await stack.resources()).map((each) => [each.urn.split("::").at(-1), each]));
}

/** By the API, as anybody else would. */
async function meddle({ stack, running }: Stage): Promise<void> {
  const all = await stateOf(stack);
  for (const row of rows) {
    const { id = "", outputs } = all.get(row.name) ?? {};
    const arn = String(outputs?.arn);
    await row.meddle({ id, arn, call: (operation, input) => call(running, operation, input) });
  }
}

describe("The drift matrix", () => {
  it("has rows for each property of each kind, or says why it cannot drift", () => {
    for (const name of names) {
      const { "": resource, ...properties } = table[name];
      expect(properties, name).to.have.all.keys(Object.keys(kinds[name].properties));
      expect(resource, name).to.be.an("array");
    }
  });

  it("is what docs/drift.md says: `node scripts/drift.ts` writes it", () => {
    expect(readFileSync(new URL("../../../docs/drift.md", import.meta.url), "utf8")).to.equal(driftPage());
  });
});

for (const deployer of deployers) {
  for (const host of hosts) {
    describe(`What others change, on the ${host} host, under ${deployer.name}`, function () {
      this.timeout(300_000);
      let stage: Stage;
      let declaredOnly: readonly string[];
      before(async () => {
        stage = await openStage(deployer, { healthWindow: 0 });
        const resources = [...parents, ...rows.flatMap(declared)];
        await stage.stack.up({ ...(host === "plugin" && { host }), resources });
        declaredOnly = await contents(stage.running);
        await meddle(stage);
        stage.front.take();
      });
      after(() => stage[Symbol.asyncDispose]());

      it("is reported by a refresh, and nothing else is", async () => {
        const earlier = await stateOf(stage.stack);
        const { summary } = await stage.stack.refresh();
        expect(summary).to.deep.equal(expected(({ refresh }) => refresh));
        expect(stage.front.writes).to.deep.equal([]);
        const renewed = await stateOf(stage.stack);
        for (const { name, tells } of rows) {
          if (tells === undefined) continue;
          const [was, is] = [earlier, renewed].map((state) => state.get(name)?.outputs?.[tells]);
          expect(is, `${tells} of ${name}`).to.be.a("string").and.not.equal(was);
        }
      });

      it("is repaired by the next up, and nothing else is done", async () => {
        const { summary } = await stage.stack.up();
        expect(summary).to.deep.equal(expected(repairOf));
        const foreign = 'HTTP http / all / foreign {"zone":"theirs"}';
        expect(await contents(stage.running)).to.have.members([...declaredOnly, foreign]);
        expect((await stage.stack.refresh()).summary).to.deep.equal([]);
      });
    });
  }
}
