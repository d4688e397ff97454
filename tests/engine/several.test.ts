// Two engines over one store, as their clients see them: how current answers are, and what happens when the store is away.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-servicediscovery";
import { expect } from "chai";
import type { EngineOptions } from "../../engine/engine.ts";
import type { NodeHealth } from "../../engine/node.ts";
import { ask } from "../dns/ask.ts";
import { serve } from "../dns/served.ts";
import { until } from "../local/until.ts";
import { type Cut, cuttable } from "../store/cut.ts";
import { Memory, openMemory } from "../store/memory.ts";
import { wrap } from "../store/wrap.ts";
import { sendCbor, writeCbor } from "./http/protocols.ts";
import {
  type Answer,
  call,
  makeNamespace,
  makeService,
  post,
  type Running,
  refusal,
  register,
  start,
} from "./running.ts";

const pace = 250;

interface Two extends AsyncDisposable {
  readonly memory: Memory;
  readonly first: Running;
  /** Hears of the first one's commits when its cut says so. */
  readonly second: Running;
  readonly cut: Cut;
  readonly service: string;
}

async function two(options: Partial<EngineOptions> = {}): Promise<Two> {
  const memory = new Memory();
  const cut = cuttable(openMemory(memory));
  const first = await start({ store: openMemory(memory), node: "first", pace, now: Date.now, ...options });
  const second = await start({ store: cut.store, node: "second", pace, now: Date.now, ...options });
  const service = options.auth
    ? ""
    : await makeService(first, await makeNamespace(first, "n"), "s", { HealthCheckCustomConfig: {} });
  if (service !== "") await register(first, service, "i", { v: "1" });
  return {
    memory,
    first,
    second,
    cut,
    service,
    [Symbol.asyncDispose]: async () => {
      cut.mend();
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    },
  };
}

/** Sees to it that the second engine has all, and then does not hear of what the first one does. */
async function behind({ first, second, cut, memory, service }: Two): Promise<void> {
  await until("the second node has all", async () => (await healthOf(second)).revision === memory.revision);
  cut.hold();
  await register(first, service, "i", { v: "2" });
}

async function healthOf(engine: Running): Promise<NodeHealth> {
  const answer = await fetch(`${engine.url}/healthz`);
  expect(answer.status).to.equal(200);
  return (await answer.json()) as NodeHealth;
}

const instance = (ServiceId: string) => JSON.stringify({ ServiceId, InstanceId: "i" });
const version = ({ text }: Answer) => JSON.parse(text).Instance.Attributes.v;
const consistent = { "x-cloudmap-consistent-read": "true" };

describe("an answer of one of two nodes", () => {
  it("tells the revision that it is at, in each protocol, on each path, a refusal too", async () => {
    await using nodes = await two();
    const { second, memory } = nodes;
    await until("the second node has all", async () => (await healthOf(second)).revision === memory.revision);
    const revision = String(memory.revision);
    const get = (path: string) => fetch(`${second.url}${path}`);
    const answers = {
      json: await post(second, "ListNamespaces", "{}"),
      refused: await post(second, "GetService", '{"Id":"srv-none"}'),
      invalid: await post(second, "GetService", "{"),
      cbor: await sendCbor(second, "ListNamespaces", writeCbor({})),
      healthz: await get("/healthz"),
      watch: await get("/watch?namespace=n&service=s"),
      route53: await get("/2013-04-01/hostedzone/Z1"),
      metrics: await get("/metrics"),
      nothing: await get("/none"),
    };
    for (const [what, { headers }] of Object.entries(answers)) {
      expect(headers.get("x-cloudmap-revision"), what).to.equal(revision);
    }
  });

  it("tells the revision that it was looked up at, also where the registry moves on before it is given", async () => {
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const inner = openMemory(new Memory());
    let questions: Promise<void> | undefined;
    const head = async () => {
      const newest = await inner.head();
      await questions;
      return newest;
    };
    await using engine = await start({ store: wrap(inner, { head }), node: "n", pace: 5_000, now: Date.now });
    const service = await makeService(engine, await makeNamespace(engine, "n"), "s");
    questions = told;
    const asked = post(engine, "GetInstance", instance(service));
    await register(engine, service, "i", { v: "1" });
    tell();
    const [early, late] = [await asked, await post(engine, "GetInstance", instance(service))];
    expect(early.text).to.include("InstanceNotFound");
    const [before, after] = [early, late].map(({ headers }) => Number(headers.get("x-cloudmap-revision")));
    expect(before).to.be.below(after ?? 0);
  });

  it("is from memory, unless it is asked to be consistent or to be from a revision", async () => {
    await using nodes = await two({ pace: 5_000 });
    const { first, second, cut, service, memory } = nodes;
    await until("the second node has all", async () => (await healthOf(second)).revision === memory.revision);
    let [v, before] = [1, "1"];
    for (const header of ["x-cloudmap-consistent-read", "x-cloudmap-min-revision"]) {
      // The front does not read a header with an odd name: Node's own server does.
      for (const odd of [{}, { x_odd: "1" }]) {
        cut.hold();
        v += 1;
        await register(first, service, "i", { v: String(v) });
        const ahead = (await post(first, "GetInstance", instance(service))).headers.get("x-cloudmap-revision") ?? "";
        expect(version(await post(second, "GetInstance", instance(service), odd))).to.equal(before);
        const wanted = { ...odd, [header]: header.includes("min") ? ahead : "true" };
        const asked = cut.asked();
        const answer = post(second, "GetInstance", instance(service), wanted);
        await until("it is asked for", () => cut.asked() > asked);
        cut.mend();
        const found = await answer;
        expect(version(found), header).to.equal(String(v));
        expect(Number(found.headers.get("x-cloudmap-revision"))).to.be.at.least(Number(ahead));
        before = String(v);
      }
    }
  });

  it("refuses a header that says nothing, and a revision that the registry has not come to", async () => {
    await using nodes = await two();
    const { second, service, memory } = nodes;
    const asked = async (headers: Record<string, string>) => {
      const { status, text } = await post(second, "GetInstance", instance(service), headers);
      return `${status} ${text}`;
    };
    expect(await asked({ "x-cloudmap-consistent-read": "yes" })).to.match(/^400 .*InvalidInput.*true or false.*yes/);
    expect(await asked({ "x-cloudmap-min-revision": "-1" })).to.match(/^400 .*InvalidInput/);
    expect(await asked({ "x-cloudmap-min-revision": String(memory.revision + 1) })).to.match(
      /^400 .*InvalidInput.*another registry/,
    );
    expect(await asked({ "x-cloudmap-consistent-read": "false" })).to.match(/^200 /);
  });

  it("does not take back the counter of a watch that another node has told", async () => {
    await using nodes = await two({ pace: 5_000 });
    const { first, second, cut } = nodes;
    await behind(nodes);
    const get = async (engine: Running, query: string) =>
      (await fetch(`${engine.url}/watch?namespace=n&service=s${query}`)).json();
    const { Counter } = (await get(first, "")) as { readonly Counter: number };
    const asked = cut.asked();
    const told = get(second, `&after=${Counter}&wait=0`);
    await until("it makes sure", () => cut.asked() > asked);
    cut.mend();
    expect(await told).to.include({ Counter, Changed: false });
  });

  it("is the same to clients that sign the header, and to those that do not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudmap-auth-"));
    const key = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
    const auth = join(folder, "keys.json");
    writeFileSync(auth, JSON.stringify({ keys: [{ ...key, name: "one" }] }), { mode: 0o600 });
    await using nodes = await two({ auth });
    const options = { endpoint: nodes.second.url, region: "us-east-1", credentials: key };
    const [signing, adding] = [new sdk.ServiceDiscovery(options), new sdk.ServiceDiscovery(options)];
    const demand = (next: (args: never) => unknown) => (args: { readonly request: unknown }) => {
      const { headers } = args.request as { headers: Record<string, string> }; // of HTTP
      headers["x-cloudmap-consistent-read"] = "true";
      return next(args as never);
    };
    signing.middlewareStack.add(demand as never, { step: "build" }); // as docs/nodes.md has it
    adding.middlewareStack.add(demand as never, { step: "finalizeRequest", priority: "low" }); // after the signature
    for (const client of [signing, adding]) expect((await client.listNamespaces({})).Namespaces).to.deep.equal([]);
    rmSync(folder, { recursive: true });
  });
});

describe("a node", () => {
  it("says in /healthz who it is, who else is at work, and how far it lags", async () => {
    await using nodes = await two();
    const { first, second, cut, memory } = nodes;
    expect(await healthOf(first)).to.deep.include({ status: "ok", node: "first", nodes: ["first", "second"] });
    await behind(nodes);
    await until("the lag is known", async () => (await healthOf(second)).lag.revisions === 1);
    expect(await healthOf(second)).to.deep.include({ node: "second", revision: memory.revision - 1 });
    cut.mend();
    await until("it has caught up", async () => (await healthOf(second)).lag.revisions === 0);
    await second.engine.stop();
    expect((await healthOf(first)).nodes).to.deep.equal(["first"]);
    expect(second.logged.join("\n")).to.include('"nodes":["first","second"]');
  });

  it("draws a name where it is given none, and refuses one that is none", async () => {
    await using engine = await start();
    expect((await healthOf(engine)).node).to.match(/^[A-Za-z0-9._-]+-[a-z2-7]{6}$/);
    const refused = await start({ node: "a b" }).catch(String);
    expect(refused).to.include("--node takes a name");
  });
});

describe("a node that has lost the store", () => {
  const lost = async (nodes: Two) => {
    await until(
      "the second node has all",
      async () => (await healthOf(nodes.second)).revision === nodes.memory.revision,
    );
    nodes.cut.cut();
    await until("it is lost", async () => (await healthOf(nodes.second)).status === "degraded");
  };

  it("goes on answering what it knows, and says neither yes nor no to the rest", async () => {
    await using nodes = await two();
    const { second, service } = nodes;
    await lost(nodes);
    const discover = (ServiceName: string) =>
      post(second, "DiscoverInstances", JSON.stringify({ NamespaceName: "n", ServiceName }));
    expect(JSON.parse((await discover("s")).text).Instances).to.have.length(1);
    expect((await call(second, "ListInstances", { ServiceId: service })).Instances).to.have.length(1);
    expect(version(await post(second, "GetInstance", instance(service)))).to.equal("1");
    for (const [answer, what] of [
      [await discover("none"), /cannot make sure/],
      [await post(second, "GetService", '{"Id":"srv-none"}'), /cannot make sure/],
      [await post(second, "ListInstances", '{"ServiceId":"srv-none"}'), /cannot make sure/],
      [await post(second, "GetInstance", instance(service), consistent), /cannot make sure/],
      [await post(second, "DeregisterInstance", instance(service)), /takes no changes/],
      [await post(second, "CreateHttpNamespace", '{"Name":"m"}'), /takes no changes/],
    ] as const) {
      expect([answer.status, JSON.parse(answer.text).__type]).to.deep.equal([503, "ServiceUnavailable"]);
      expect(answer.text).to.match(what);
    }
    expect(nodes.memory.entries.has(`instance/${service}/i`)).to.equal(true);
  });

  it("says so in /healthz, in /metrics and on the console, and in the log once; and no longer when it is back", async () => {
    await using nodes = await two();
    const { first, second, cut, service } = nodes;
    await lost(nodes);
    const writes = () => fetch(`${second.url}/healthz/writes`);
    expect((await writes()).status).to.equal(503);
    expect(Date.parse((await healthOf(second)).since ?? "")).to.be.within(Date.now() - 20_000, Date.now());
    expect(await (await fetch(`${second.url}/metrics`)).text()).to.match(/^cloudmap_store_lost 1$/m);
    const page = async () => (await fetch(second.url)).text();
    expect(await page()).to.match(/The store is not reached: what has changed after .* is not shown/);
    for (let times = 0; times < 3; times += 1) await post(second, "CreateHttpNamespace", '{"Name":"m"}');
    await register(first, service, "j");
    cut.mend();
    await until("it is back", async () => (await writes()).status === 200);
    expect(await page()).to.not.include("The store is not reached");
    expect((await call(second, "ListInstances", { ServiceId: service })).Instances).to.have.length(2);
    await call(second, "DeregisterInstance", { ServiceId: service, InstanceId: "j" });
    expect(await healthOf(second))
      .to.include({ status: "ok" })
      .and.not.to.have.property("since");
    const told = second.logged.filter((line) => /^(warn|error)|reached again/.test(line));
    expect(told.map((line) => line.split(":")[0])).to.deep.equal([
      "error the store is lost",
      "info the store is reached again",
    ]);
    expect((await refusal(second, "GetService", { Id: "srv-none" })).__type).to.equal("ServiceNotFound");
  });

  it("goes on answering DNS, and says that the answers may be old", async () => {
    const memory = new Memory();
    const cut = cuttable(openMemory(memory));
    await using engine = await serve({}, { store: cut.store, pace });
    const service = await engine.makeRecords(await engine.makePrivate("demo.internal"), "web", ["A 60"]);
    await register(engine, service, "i", { AWS_INSTANCE_IPV4: "10.0.0.1" });
    const errors = async () => {
      const { answers = [], additionals = [] } = await ask(engine.dns, "web.demo.internal", "A", { size: 1232 });
      expect(answers).to.have.length(1);
      return additionals.flatMap((each) => (each.type === "OPT" ? each.options.map(({ code }): number => code) : []));
    };
    expect(await errors()).to.deep.equal([]);
    cut.cut();
    await until("answers are marked", async () => (await errors()).includes(15));
    cut.mend();
    await until("they are no longer", async () => (await errors()).length === 0);
  });
});
