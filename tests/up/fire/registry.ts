// What the tests under fire deploy, what the registry must hold then, and what is there of others and must stay as it is.
import type { Input } from "../../../api/operations.ts";
import { call, makeNamespace, makeService, namespaceOf, register } from "../../engine/running.ts";
import { instance, namespace, privateNamespace, publicNamespace, type Spec, service } from "../spec.ts";
import type { Host } from "./scene.ts";

type Engine = { readonly url: string };

/** A stack of all kinds; the other version differs in what changes in place, and in what is replaced. */
export function spec(host: Host, version: "a" | "b"): Spec {
  const number = version === "a" ? 10 : 20;
  const dnsConfig = { dnsRecords: [{ type: "A", ttl: number }] };
  const attributes = { zone: version, AWS_INSTANCE_IPV4: "192.0.2.1", AWS_INSTANCE_PORT: "80" };
  return {
    ...(host === "plugin" && { host }),
    resources: [
      namespace("shop", { description: version, tags: { version } }),
      namespace("moved", { name: `moved-${version}` }),
      privateNamespace("demo", { description: version, properties: { dnsProperties: { soa: { ttl: number } } } }),
      publicNamespace("open", { name: "open.example.com", tags: { version } }),
      service("web", "shop", { tags: { version } }),
      service("replaced", "shop", { description: version }),
      service("inside", "demo", { dnsConfig, healthCheckCustomConfig: {} }),
      service("outside", "open", { dnsConfig, healthCheckConfig: { type: "TCP", failureThreshold: number / 10 } }),
      instance("web-1", "web", attributes),
      instance("replaced-1", "replaced", attributes),
      instance("inside-1", "inside", attributes),
      instance("outside-1", "outside", attributes),
    ],
  };
}

/** What the registry holds when a version is deployed, beside what is others'. */
export function whole(version: "a" | "b"): readonly string[] {
  const number = version === "a" ? 10 : 20;
  const records = `"Records":[{"Type":"A","TTL":${number}}]`;
  const probe = `"HealthCheckConfig":{"Type":"TCP","FailureThreshold":${number / 10}}`;
  const tags = `"Tags":{"version":"${version}"}`;
  const attributes = `{"AWS_INSTANCE_IPV4":"192.0.2.1","AWS_INSTANCE_PORT":"80","zone":"${version}"}`;
  return [
    `HTTP shop {"Description":"${version}",${tags}}`,
    `HTTP moved-${version} {}`,
    `DNS_PRIVATE demo {"Description":"${version}","SOA":${number}}`,
    `DNS_PUBLIC open.example.com {"SOA":60,${tags}}`,
    `HTTP shop / web {${tags}}`,
    `HTTP shop / replaced {"Description":"${version}"}`,
    `DNS_PRIVATE demo / inside {"HealthCheckCustomConfig":{"FailureThreshold":1},${records}}`,
    `DNS_PUBLIC open.example.com / outside {${probe},${records}}`,
    `HTTP shop / web / web-1 ${attributes}`,
    `HTTP shop / replaced / replaced-1 ${attributes}`,
    `DNS_PRIVATE demo / inside / inside-1 ${attributes}`,
    `DNS_PUBLIC open.example.com / outside / outside-1 ${attributes}`,
  ];
}

/** What others have there, and must keep. */
export const theirs: readonly string[] = [
  "HTTP theirs {}",
  "HTTP theirs / web {}",
  'HTTP theirs / web / web-1 {"zone":"theirs"}',
  'DNS_PRIVATE demo {"SOA":15,"Tags":{"of":"them"}}',
  'DNS_PRIVATE demo / inside {"Records":[{"Type":"A","TTL":60}]}',
  'DNS_PRIVATE demo / inside / inside-1 {"AWS_INSTANCE_IPV4":"192.0.2.9"}',
];

/** Names that only others use, and names that ours use in another place. */
export async function settle(engine: Engine): Promise<void> {
  const theirs = await makeNamespace(engine, "theirs");
  await register(engine, await makeService(engine, theirs, "web"), "web-1", { zone: "theirs" });
  const demo: Input<"CreatePrivateDnsNamespace"> = { Name: "demo", Vpc: "vpc-9", Tags: [{ Key: "of", Value: "them" }] };
  const id = await namespaceOf(engine, await call(engine, "CreatePrivateDnsNamespace", demo));
  const DnsConfig = { DnsRecords: [{ Type: "A" as const, TTL: 60 }] };
  const inside = await makeService(engine, id, "inside", { DnsConfig });
  await register(engine, inside, "inside-1", { AWS_INSTANCE_IPV4: "192.0.2.9" });
}

/** All that a registry holds, a line for each thing, with its place and what is told of it. */
export async function contents(engine: Engine): Promise<readonly string[]> {
  const { Namespaces = [] } = await call(engine, "ListNamespaces", {});
  const { Services = [] } = await call(engine, "ListServices", {});
  const spaces = new Map(Namespaces.map(({ Id = "", Name = "", Type = "" }) => [Id, `${Type} ${Name}`]));
  const lines = [
    ...Namespaces.map(async ({ Id = "", Arn = "" }) => {
      const { Namespace: { Description, Properties } = {} } = await call(engine, "GetNamespace", { Id });
      const SOA = Properties?.DnsProperties?.SOA?.TTL;
      return `${spaces.get(Id)} ${told({ Description, SOA, Tags: await tagsOf(engine, Arn) })}`;
    }),
    ...Services.map(async ({ Id = "", Arn = "" }) => {
      const { Service = {} } = await call(engine, "GetService", { Id });
      const { Name, NamespaceId = "", Description, DnsConfig, HealthCheckConfig, HealthCheckCustomConfig } = Service;
      const rest = {
        Description,
        Records: DnsConfig?.DnsRecords?.toSorted((a, b) => a.Type.localeCompare(b.Type)),
        HealthCheckConfig,
        HealthCheckCustomConfig,
      };
      return `${spaces.get(NamespaceId)} / ${Name} ${told({ ...rest, Tags: await tagsOf(engine, Arn) })}`;
    }),
    ...Services.map(async ({ Id = "", Name }) => {
      const { Service } = await call(engine, "GetService", { Id });
      const { Instances = [] } = await call(engine, "ListInstances", { ServiceId: Id });
      const place = `${spaces.get(Service?.NamespaceId ?? "")} / ${Name}`;
      return Instances.map((each) => `${place} / ${each.Id} ${told(each.Attributes ?? {})}`);
    }),
  ];
  return (await Promise.all(lines)).flat().sort();
}

async function tagsOf(engine: Engine, ResourceARN: string): Promise<object | undefined> {
  const { Tags = [] } = await call(engine, "ListTagsForResource", { ResourceARN });
  return Tags.length === 0 ? undefined : Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

function told(members: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => a.localeCompare(b))));
}
