// The functions: what a program can ask a registry, by its names.
import { expect } from "chai";
import type { Schema } from "../../api/schema.ts";
import { type Props, programName } from "../../provider/casing.ts";
import type { Lookup } from "../../provider/functions/function.ts";
import { argumentFailures, type FunctionName, functions } from "../../provider/functions.ts";
import { openSession, type Session } from "../../provider/session.ts";
import { call, makeService, register } from "../engine/running.ts";
import { engineInTemp, failureOf, settingsFor, type TestEngine } from "./workbench.ts";

/** The paths of what a schema requires and a value does not have. */
function absent(schema: Schema, value: unknown, path: string): string[] {
  if ("items" in schema) return (value as unknown[]).flatMap((item) => absent(schema.items, item, `${path}[]`));
  if (!("properties" in schema) || typeof value !== "object" || value === null) return [];
  const members = new Map(Object.entries(value));
  const missing = (schema.required ?? []).filter((name) => members.get(programName(name)) === undefined);
  const below = Object.entries(schema.properties).flatMap(([name, member]) =>
    members.has(programName(name)) ? absent(member, members.get(programName(name)), `${path}.${name}`) : [],
  );
  return [...missing.map((name) => `${path}.${name}`), ...below];
}

describe("the functions", () => {
  let engine: TestEngine;
  let session: Session;
  const ids: Record<string, string> = {};
  before(async () => {
    engine = await engineInTemp();
    session = await openSession(settingsFor(engine.url));
    const make = async (operation: "CreateHttpNamespace" | "CreatePublicDnsNamespace", Name: string) => {
      const input = { Name, Description: `of ${operation}`, Tags: [{ Key: "team", Value: "web" }] };
      const { OperationId = "" } = await call(engine, operation, input);
      return (await call(engine, "GetOperation", { OperationId })).Operation?.Targets?.NAMESPACE ?? "";
    };
    ids.http = await make("CreateHttpNamespace", "twice.example");
    ids.dns = await make("CreatePublicDnsNamespace", "twice.example");
    ids.only = await make("CreateHttpNamespace", "once");
    ids.web = await makeService(engine, ids.only, "web", { HealthCheckCustomConfig: {} });
    ids.empty = await makeService(engine, ids.only, "empty");
    await register(engine, ids.web, "a", { zone: "x", AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    await register(engine, ids.web, "b", { zone: "y" });
  });
  after(() => engine.stop());

  /** Whatever is asked, the answer has what it always has, as the schema says. */
  const ask = async (name: FunctionName, args: Props): Promise<Props> => {
    const lookup: Lookup = functions[name];
    expect(argumentFailures(lookup, args), name).to.deep.equal([]);
    const answer = await lookup.answer(args, session.client);
    expect(lookup.output.required, name).not.to.equal(undefined);
    expect(absent(lookup.output, answer, name)).to.deep.equal([]);
    return answer;
  };
  const refused = (name: FunctionName, args: Props) =>
    argumentFailures(functions[name], args).map(({ property, reason }) => `${property}: ${reason}`);

  it("find a namespace by its id, its ARN and its name", async () => {
    const byName = await ask("getNamespace", { name: "once" });
    expect(byName).to.deep.include({ id: ids.only, type: "HTTP", httpName: "once", tags: { team: "web" } });
    expect(byName.description).to.equal("of CreateHttpNamespace");
    expect(await ask("getNamespace", { id: ids.only })).to.deep.equal(byName);
    expect(await ask("getNamespace", { id: byName.arn })).to.deep.equal(byName);
    expect(await ask("getNamespace", { arn: byName.arn })).to.deep.equal(byName);
  });

  it("tell namespaces of one name apart by type, and list them where they cannot", async () => {
    const { message } = await failureOf(ask("getNamespace", { name: "twice.example" }));
    expect(message).to.include("more than one").and.include(`${ids.http} (HTTP`).and.include(`${ids.dns} (DNS_PUBLIC`);
    expect((await ask("getNamespace", { name: "twice.example", type: "DNS_PUBLIC" })).id).to.equal(ids.dns);
    expect((await ask("getHttpNamespace", { name: "twice.example" })).id).to.equal(ids.http);
    const dns = await ask("getDnsNamespace", { name: "twice.example", type: "DNS_PUBLIC" });
    expect(dns).to.include({ id: ids.dns }).and.have.property("hostedZone").that.matches(/^Z/);
    expect((await failureOf(ask("getHttpNamespace", { name: "nowhere" }))).message).to.include(
      'no HTTP namespace "nowhere"',
    );
  });

  it("find a service by its id, its ARN, and its name in its namespace", async () => {
    const byName = await ask("getService", { name: "web", namespaceId: ids.only });
    expect(byName).to.deep.include({ id: ids.web, name: "web", namespaceId: ids.only, tags: {} });
    expect(byName.healthCheckCustomConfig).to.deep.equal({ failureThreshold: 1 });
    expect(await ask("getService", { id: ids.web })).to.deep.equal(byName);
    expect(await ask("getService", { arn: byName.arn })).to.deep.equal(byName);
    const { message } = await failureOf(ask("getService", { name: "nowhere", namespaceId: ids.only }));
    expect(message).to.include(`no service "nowhere" in ${ids.only}`);
  });

  it("list namespaces, services, and instances with their health", async () => {
    const names = (list: unknown) => (list as readonly Props[]).map(({ name }) => name).toSorted();
    expect(names((await ask("getNamespaces", {})).namespaces)).to.deep.equal([
      "once",
      "twice.example",
      "twice.example",
    ]);
    expect(names((await ask("getNamespaces", { type: "HTTP" })).namespaces)).to.deep.equal(["once", "twice.example"]);
    expect(names((await ask("getServices", { namespaceId: ids.only })).services)).to.deep.equal(["empty", "web"]);
    expect((await ask("getServices", { namespaceId: ids.http })).services).to.deep.equal([]);
    const { instances } = await ask("getInstances", { serviceId: ids.web });
    expect(instances).to.deep.equal([
      { instanceId: "a", attributes: { zone: "x", AWS_INIT_HEALTH_STATUS: "UNHEALTHY" }, healthStatus: "UNHEALTHY" },
      { instanceId: "b", attributes: { zone: "y" }, healthStatus: "HEALTHY" },
    ]);
    const unhealthy = await ask("getInstances", { serviceId: ids.web, healthStatus: "UNHEALTHY" });
    expect(unhealthy.instances).to.have.length(1);
    expect(await ask("getInstances", { serviceId: ids.empty })).to.deep.equal({ instances: [] });
  });

  it("list more than a page holds", async () => {
    const service = await makeService(engine, ids.only ?? "", "large");
    await Promise.all(Array.from({ length: 130 }, (_, index) => register(engine, service, `i-${index}`, {})));
    expect((await ask("getInstances", { serviceId: service })).instances).to.have.length(130);
  });

  it("discover instances as clients do", async () => {
    const found = await ask("discoverInstances", {
      namespaceName: "once",
      serviceName: "web",
      healthStatus: "ALL",
      queryParameters: { zone: "y" },
    });
    expect(found.instances).to.deep.equal([
      {
        instanceId: "b",
        namespaceName: "once",
        serviceName: "web",
        healthStatus: "HEALTHY",
        attributes: { zone: "y" },
      },
    ]);
    const revision = await ask("discoverInstancesRevision", { namespaceName: "once", serviceName: "web" });
    expect(revision).to.deep.equal({ instancesRevision: found.instancesRevision });
  });

  it("say all that is wrong with their arguments, without a call", () => {
    expect(refused("getNamespace", {})).to.deep.equal([": one of these must be given: id, or arn, or name."]);
    expect(refused("getService", { name: "web" }).join()).to.include("name and namespaceId");
    expect(refused("getDnsNamespace", { name: "x", type: "HTTP" }).join()).to.match(/^type: /);
    expect(refused("discoverInstances", { namespaceName: "x", maxResults: 0, nonsense: 1 })).to.have.length(3);
  });
});
