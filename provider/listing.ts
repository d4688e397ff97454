// Lists what there is of each kind, for whoever imports it: pages of ids, narrowed by what the API's own lists are narrowed by.
import { Namespace, type NamespaceType } from "../api/namespace.ts";
import { described, type StructureSchema } from "../api/schema.ts";
import { Service } from "../api/service.ts";
import type { Props } from "./casing.ts";
import type { Client } from "./client.ts";
import { CallError } from "./failure.ts";
import { instanceIdOf, shortId } from "./ids.ts";
import type { KindName } from "./kinds.ts";

export interface Found {
  /** What an import takes. */
  readonly id: string;
  readonly name: string;
}

export interface Page {
  readonly found: readonly Found[];
  /** Undefined where there is no more. */
  readonly next: string | undefined;
}

interface At {
  readonly MaxResults: number;
  readonly NextToken?: string;
}

export interface Listing {
  /** By what it can be narrowed, in the API's names. */
  readonly input: StructureSchema;
  /** One page of the API, where a query in a program's names has been found right. */
  page(query: Props, at: At, client: Client): Promise<Page>;
}

const text = (description: string) => ({ type: "string", description }) as const;

const namespaces = (type: NamespaceType): Listing => ({
  input: {
    type: "object",
    properties: { Name: described(Namespace.properties.Name, "Only namespaces of this name.") },
  },
  async page({ name }, at, client) {
    const named = typeof name === "string" ? [{ Name: "NAME", Values: [name] } as const] : [];
    const Filters = [{ Name: "TYPE", Values: [type] } as const, ...named];
    const { Namespaces = [], NextToken } = await client.call("ListNamespaces", { Filters, ...at });
    return { found: Namespaces.map(({ Id = "", Name = "" }) => ({ id: Id, name: Name })), next: NextToken };
  },
});

const services: Listing = {
  input: {
    type: "object",
    properties: {
      NamespaceId: text("Only services of the namespace with this id or ARN."),
      Name: described(Service.properties.Name, "Only services of this name."),
    },
  },
  async page({ namespaceId, name }, at, client) {
    const inside =
      typeof namespaceId === "string" ? [{ Name: "NAMESPACE_ID", Values: [shortId(namespaceId)] } as const] : [];
    const { Services = [], NextToken } = await client.call("ListServices", { Filters: inside, ...at });
    const found = Services.map(({ Id = "", Name = "" }) => ({ id: Id, name: Name }));
    return { found: found.filter((each) => name === undefined || each.name === name), next: NextToken };
  },
};

const instances: Listing = {
  input: {
    type: "object",
    properties: { ServiceId: text("The id or the ARN of the service whose instances are listed.") },
    required: ["ServiceId"],
  },
  async page({ serviceId }, at, client) {
    const ServiceId = shortId(String(serviceId));
    const { Instances = [], NextToken } = await client.call("ListInstances", { ServiceId, ...at });
    return { found: Instances.map(({ Id = "" }) => ({ id: instanceIdOf(ServiceId, Id), name: Id })), next: NextToken };
  },
};

export const listings = {
  HttpNamespace: namespaces("HTTP"),
  PrivateDnsNamespace: namespaces("DNS_PRIVATE"),
  PublicDnsNamespace: namespaces("DNS_PUBLIC"),
  Service: services,
  Instance: instances,
} as const satisfies Record<KindName, Listing>;

export interface Asked {
  /** Of all pages together; below 1: no limit. */
  readonly limit: number;
  /** Below 1: as many as a page of the API has. */
  readonly pageSize: number;
  /** What the page before answered as `next`; empty: the first one. */
  readonly token: string;
}

/** "MaxResults: … Valid Range: Minimum value of 1. Maximum value of 100." */
const mostOfPage = 100;

/** One page, filled over as many pages of the API as it takes: what is filtered out leaves no gaps. */
export async function list(listing: Listing, query: Props, asked: Asked, client: Client): Promise<Page> {
  const { given, next } = readToken(asked.token);
  const limit = asked.limit < 1 ? Number.POSITIVE_INFINITY : asked.limit - given;
  const size = asked.pageSize >= 1 ? asked.pageSize : asked.limit < 1 ? mostOfPage : limit;
  const most = Math.min(limit, size);
  const found: Found[] = [];
  let token = next;
  do {
    const MaxResults = Math.min(mostOfPage, most - found.length);
    const page = await listing.page(query, { MaxResults, ...(token !== undefined && { NextToken: token }) }, client);
    found.push(...page.found);
    token = page.next;
  } while (token !== undefined && found.length < most);
  const isWhole = token === undefined || found.length >= limit;
  return { found, next: isWhole ? undefined : `${given + found.length}:${token}` };
}

/** How many the pages before have given, and the API's own token. */
function readToken(token: string): { readonly given: number; readonly next: string | undefined } {
  if (token === "") return { given: 0, next: undefined };
  const [, given, next] = /^(\d{1,15}):(.+)$/s.exec(token) ?? [];
  if (given === undefined) {
    throw new CallError(
      "InvalidToken",
      `${JSON.stringify(token)} is no continuation token of a list: begin without one`,
    );
  }
  return { given: Number(given), next };
}
