/** `cloudmap ls`: the namespaces of the registry with their services, and how many instances each has. */
import type { Output } from "../api/operations.ts";
import type { Client } from "../provider/client.ts";
import { connect } from "./connect.ts";
import { count, table } from "./text.ts";

type Namespace = NonNullable<Output<"ListNamespaces">["Namespaces"]>[number];
type Service = NonNullable<Output<"ListServices">["Services"]>[number];
type Listing = readonly (Namespace & { readonly Services: readonly Service[] })[];

export async function ls({ json }: { readonly json?: boolean }): Promise<void> {
  const client = await connect();
  const listing = await list(client);
  if (json) return console.log(JSON.stringify({ Namespaces: listing }));
  console.log(listing.length === 0 ? `There is no namespace at ${client.settings.endpoint}.` : tree(listing));
}

async function list(client: Client): Promise<Listing> {
  const namespaces = await pages((NextToken) => client.call("ListNamespaces", { ...NextToken }), "Namespaces");
  return Promise.all(
    namespaces.map(async (namespace) => ({ ...namespace, Services: await servicesOf(client, namespace) })),
  );
}

function servicesOf(client: Client, { Id = "" }: Namespace): Promise<readonly Service[]> {
  const Filters = [{ Name: "NAMESPACE_ID", Values: [Id], Condition: "EQ" }] as const;
  return pages((NextToken) => client.call("ListServices", { Filters, ...NextToken }), "Services");
}

/** All pages of a list. */
async function pages<K extends string, T>(
  ask: (token: {
    readonly NextToken?: string;
  }) => Promise<{ readonly [key in K]?: readonly T[] } & { readonly NextToken?: string }>,
  key: K,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let token: string | undefined; ; ) {
    const page = await ask(token === undefined ? {} : { NextToken: token });
    all.push(...(page[key] ?? []));
    token = page.NextToken;
    if (token === undefined) return all;
  }
}

function tree(listing: Listing): string {
  const rows = listing.flatMap(({ Name = "", Type = "", Id = "", Services }) => [
    [Name, Type, count(Services.length, "service"), "", Id],
    ...Services.map((service) => row(service)),
  ]);
  return table([["NAME", "TYPE", "HAS", "HEALTH", "ID"], ...rows]);
}

function row(service: Service): string[] {
  const { Name, Type = "", InstanceCount = 0, Id = "" } = service;
  return [`  ${Name}`, Type, count(InstanceCount, "instance"), healthOf(service), Id];
}

function healthOf({ HealthCheckConfig, HealthCheckCustomConfig }: Service): string {
  if (HealthCheckConfig !== undefined) return `${HealthCheckConfig.Type} probes`;
  return HealthCheckCustomConfig === undefined ? "none" : "reported";
}
