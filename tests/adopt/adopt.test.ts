// `cloudmap adopt`: from a registry to a stack that manages it, and that has nothing to change.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { declare } from "../../adopt/declaration.ts";
import { type Found, readRegistry, type Wanted } from "../../adopt/registry.ts";
import { openSession, type Session } from "../../provider/session.ts";
import { run } from "../bin/run.ts";
import { keyOf, namespaceAs, startGated } from "../engine/auth/gated.ts";
import { call, makeNamespace, makeService, type Running, register, start } from "../engine/running.ts";
import { settingsFor } from "../provider/workbench.ts";
import { commands } from "../up/deployer.ts";
import { Stack } from "../up/stack.ts";
import { namespaces, populate, type RandomNamespace } from "./random-registry.ts";

const instance = { id: "a/b", attributes: { __proto__x: "1", zone: "a" } };
const service = {
  dns: [],
  weighted: false,
  check: "none",
  text: "`$ {x}",
  tags: { team: "web" },
  attributes: { tier: "gold" },
  instances: [instance],
} as const;
const everything: readonly RandomNamespace[] = [
  {
    form: "Http",
    name: "shop",
    ttl: 0,
    text: "it's",
    tags: { "a b": "c" },
    services: [{ ...service, name: "web", check: "custom" }],
  },
  {
    form: "PrivateDns",
    name: "demo.internal",
    ttl: 77,
    text: "",
    tags: {},
    services: [
      {
        ...service,
        name: "web",
        dns: [
          { Type: "AAAA", TTL: 60 },
          { Type: "A", TTL: 10 },
        ],
      },
      { ...service, name: "api-only" },
    ],
  },
  {
    form: "PublicDns",
    name: "demo.example.com",
    ttl: 60,
    text: "",
    tags: {},
    services: [{ ...service, name: "site", dns: [{ Type: "A", TTL: 10 }], weighted: true, check: "probe" }],
  },
];

const wanted: Wanted = {
  namespaces: [],
  instances: false,
  vpcs: new Map([["demo.internal", "vpc-1"]]),
  progress: () => {},
};

function found(kind: Found["kind"], name: string, id: string, children: readonly Found[] = []): Found {
  return { kind, importId: id, id, name, inputs: {}, children };
}

describe("what is adopted", () => {
  it("is named as DNS would, and by its id too where two of a kind have one name", () => {
    const twice = (id: string) =>
      found("PrivateDnsNamespace", "x.internal", `ns-${id}`, [found("Service", "web", `srv-${id}`)]);
    const declared = declare([
      twice("1"),
      twice("2"),
      found("HttpNamespace", "x.internal", "ns-3", [
        found("Service", "web", "srv-3", [found("Instance", "1", "srv-3/1"), found("Instance", "i/1", "srv-3/i/1")]),
      ]),
      found("HttpNamespace", "!!", "ns-4"),
      found("HttpNamespace", "class", "ns-5"),
      found("HttpNamespace", "Class", "ns-6"),
    ]);
    expect(declared.map(({ name, variable, parent }) => [name, variable, parent])).to.deep.equal([
      ["x.internal-ns-1", "xInternalNs1", undefined],
      ["web.x.internal-srv-1", "webXInternalSrv1", "xInternalNs1"],
      ["x.internal-ns-2", "xInternalNs2", undefined],
      ["web.x.internal-srv-2", "webXInternalSrv2", "xInternalNs2"],
      ["x.internal", "xInternal", undefined],
      ["web.x.internal-srv-3", "webXInternalSrv3", "xInternal"],
      ["1.web.x.internal", "_1WebXInternal", "webXInternalSrv3"],
      ["i/1.web.x.internal", "i1WebXInternal", "webXInternalSrv3"],
      ["!!", "httpNamespace", undefined],
      ["class", "class2", undefined],
      ["Class", "class3", undefined],
    ]);
  });

  it("is read with nothing but reads, over all pages, and told of on the way", async () => {
    await using running = await start({ now: Date.now });
    const shop = await makeNamespace(running, "shop");
    await Promise.all(Array.from({ length: 103 }, (_, number) => makeService(running, shop, `s${number}`)));
    const web = await makeService(running, shop, "web");
    await Promise.all(Array.from({ length: 105 }, (_, number) => register(running, web, `i${number}`, { zone: "a" })));
    const session = await openSession(settingsFor(running.url));
    const asked = new Set<string>();
    const watching: Session["client"]["call"] = (name, ...rest) => {
      asked.add(name);
      return session.client.call(name, ...rest);
    };
    const lines: string[] = [];
    const watched = { ...session, client: { ...session.client, call: watching } };
    const all = await readRegistry(watched, { ...wanted, instances: true, progress: (line) => lines.push(line) });
    expect(declare(all)).to.have.length(1 + 104 + 105);
    expect([...asked].filter((name) => !/^(List|Get)/.test(name))).to.deep.equal([]);
    expect(lines.at(-1)).to.equal("read 210 of 210 resources that are listed by now");
  });

  it("is read with the permissions that the documentation names, and otherwise refused with what is missing", async () => {
    const page = readFileSync(new URL("../../docs/adopt.md", import.meta.url), "utf8");
    const statement = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
    const [root, reader, nobody] = [keyOf("root"), keyOf("reader"), keyOf("nobody")];
    const little = { ...statement, Action: ["servicediscovery:List*"] };
    const limits = [
      { ...reader, policies: [{ Statement: statement }] },
      { ...nobody, policies: [{ Statement: little }] },
    ];
    await using gated = await startGated({ keys: [root, ...limits] });
    await namespaceAs(gated, root, "shop");
    const readAs = async (credentials: typeof reader) =>
      declare(await readRegistry(await openSession(settingsFor(gated.engine.url, { credentials })), wanted));
    expect((await readAs(reader)).map(({ name }) => name)).to.deep.equal(["shop"]);
    const failure: unknown = await readAs(nobody).catch((error: Error) => error.message);
    expect(failure).to.match(/^reading the HTTP namespace ns-\w+: .*servicediscovery:GetNamespace/);
  });

  it("is what the names say, or a refusal that says what there is", async () => {
    await using running = await start({ now: Date.now });
    await populate(running, everything);
    const session = await openSession(settingsFor(running.url));
    const names = async (...namespaces: string[]) =>
      declare(await readRegistry(session, { ...wanted, namespaces })).map(({ name }) => name);
    expect(await names("shop")).to.deep.equal(["shop", "web.shop"]);
    const failure = await names("shop", "shoes").catch((error: Error) => error.message);
    expect(failure).to.equal("there is no namespace shoes; there is demo.example.com, demo.internal, shop");
    const none = await readRegistry({ ...session, account: "000000000000" }, wanted);
    expect(none).to.deep.equal([]);
  });

  it("is asked for the VPC that nobody tells, and takes it as it is said", async () => {
    await using running = await start({ now: Date.now });
    await populate(running, everything);
    const { client, ...rest } = await openSession(settingsFor(running.url));
    const mute = { ...rest, client: { ...client, send: () => Promise.reject(new Error("no Route 53")) } };
    const all = declare(await readRegistry(mute, wanted));
    expect(all.find(({ name }) => name === "demo.internal")?.importId).to.match(/^ns-\w+:vpc-1$/);
    const failure = await readRegistry(mute, { ...wanted, vpcs: new Map() }).catch((error: Error) => error.message);
    expect(failure).to.match(
      /^the VPC of the private namespace demo\.internal \(ns-\w+\) .* --vpc demo\.internal=vpc-…/,
    );
  });
});

const seed = Number(process.env.ADOPT_SEED ?? Date.now() % 100_000);
/** Of two samples, what can stand side by side. */
const random = fc
  .sample(namespaces, { seed, numRuns: 2 })
  .flat()
  .filter((each, at, all) => all.findIndex(({ name }) => name.toLowerCase() === each.name.toLowerCase()) === at);
const quiet = ["--yes", "--skip-preview", "--non-interactive"];

for (const deployer of commands) {
  describe(`cloudmap adopt, under ${deployer.name}`, function () {
    this.timeout(300_000);
    let folder: string;
    let running: Running;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "cloudmap-adopt-"));
      running = await start({ now: Date.now });
    });
    after(async () => {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });
    const adopt = (...args: string[]) =>
      run(["adopt", join(folder, "shop"), ...args], { CLOUDMAP_ENDPOINT: running.url });
    /** What the registry has, as a program would declare it. */
    const contents = async () => {
      const session = await openSession(settingsFor(running.url));
      return declare(await readRegistry(session, { ...wanted, instances: true }));
    };

    it(`writes a project that takes over, changes nothing, and takes down what it took over (seed ${seed})`, async () => {
      const count = (await populate(running, everything)) + (await populate(running, random));
      expect((await adopt("--instances")).code).to.equal(0);
      await using stack = await Stack.open(deployer, { "cloudmap:endpoint": running.url }, join(folder, "shop"));
      const flags = ["--generate-code=false", "--protect=false"];
      const imported = await stack.ran("import", "--file", "import.json", ...flags, ...quiet);
      expect(imported.output).to.include(`${count} imported`).and.not.include("warning");
      expect((await stack.preview()).summary).to.deep.equal([]);
      await stack.ran("up", ...quiet, "--expect-no-changes");
      await stack.ran("destroy", ...quiet);
      expect((await call(running, "ListNamespaces", {})).Namespaces).to.deep.equal([]);
    });

    it("writes a project for dynamic providers, which take over what is there", async () => {
      const count = await populate(running, everything);
      const there = await contents();
      const { code, out, err } = await adopt("--instances", "--host", "dynamic", "--force");
      expect(code, err).to.equal(0);
      expect(out).to.include("Wrote a program for 3 namespaces, 4 services and 4 instances").and.include("pulumi up");
      await using stack = await Stack.open(deployer, { "cloudmap:endpoint": running.url }, join(folder, "shop"));
      await stack.ran("up", ...quiet);
      expect(await stack.resources()).to.have.length(count);
      expect(await contents()).to.deep.equal(there);
      expect((await stack.preview()).summary).to.deep.equal([]);
    });

    it("writes over nothing, unless it is told to", async () => {
      const file = join(folder, "shop", "index.ts");
      writeFileSync(file, "// mine");
      const { code, err } = await adopt();
      expect(code).to.equal(1);
      expect(err).to.match(/has index\.ts, Pulumi\.yaml, package\.json already: .*--force/);
      expect(readFileSync(file, "utf8")).to.equal("// mine");
      expect((await adopt("--force")).code).to.equal(0);
      expect(readFileSync(file, "utf8")).to.include("cloudmap adopt");
    });

    it("says what is wrong with its arguments before it asks anything", async () => {
      const { code, err } = await run(["adopt", join(folder, "new"), "--vpc", "shop"], {
        CLOUDMAP_ENDPOINT: running.url,
      });
      expect(code).to.equal(1);
      expect(err).to.include("--vpc shop: it is NAMESPACE=vpc-…");
      expect(existsSync(join(folder, "new"))).to.equal(false);
    });
  });
}
