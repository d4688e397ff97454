/** The pages of namespaces: all of them, and one with its services. */
import type { Told } from "../../api/extensions.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { ServiceSummary } from "../../api/service.ts";
import type { Ask, Reader } from "./ask.ts";
import { html, type Markup } from "./html.ts";
import { code, facts, next, type Page, table, time, word } from "./page.ts";
import { namespacePath, referenceOf, servicePath } from "./reference.ts";
import { checkOf, healthOf, recordsOf } from "./service.ts";
import { tagsOf } from "./tags.ts";

const none = html`There is no namespace that you may see. A Pulumi program makes one (<code>npm run quickstart</code> in a checkout),
and so does <code>aws servicediscovery create-http-namespace --name demo</code> after <code>eval "$(cloudmap env)"</code>.`;

export async function namespaces({ account, ask }: Reader, paging: { readonly NextToken?: string }): Promise<Page> {
  const page = await ask("ListNamespaces", paging);
  const rows = byName(page.Namespaces ?? []).map(({ Id, Arn, Name, Type, ServiceCount = 0, Description }) => [
    html`<a href="${namespacePath(referenceOf({ Id, Arn }, account))}">${Name}</a>`,
    word(Type),
    ServiceCount,
    Description,
    code(Id),
  ]);
  const body = html`${table(["Name", "Type", "Services", "Description", "Id"], rows, none)}${next("/", page)}`;
  return { title: "Namespaces", body };
}

/** A page of a list, which is in the order of ids. */
function byName<T extends { readonly Name?: string }>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => (a.Name ?? "").localeCompare(b.Name ?? "", "en"));
}

/** How many services fill a page: each that has a check is asked for its health. */
const mostServices = 25;
/** How often a page asks for services, at most. */
const mostAsks = 10;
const largestPage = 100;

export async function namespace(reader: Reader, id: string, paging: { readonly NextToken?: string }): Promise<Page> {
  const { ask } = reader;
  const { Namespace: found = {} } = await ask("GetNamespace", { Id: id });
  const { Name = id, ServiceCount } = found;
  const page = await servicesOf(ask, id, paging, ServiceCount);
  const rows = await Promise.all(byName(page.Services).map((service) => row(reader, service)));
  const none = ServiceCount === 0 ? "The namespace has no service." : "None in this part of the list.";
  const heads = ["Name", "DNS records", "Health check", "Instances", "Health", "Id"];
  const body = html`${about(found)}
<h2>Services</h2>
${table(heads, rows, none)}${next(namespacePath(id), page)}`;
  return { title: Name, above: [["Namespaces", "/"]], body };
}

/**
 * "Cloud Map gets MaxResults services and then filters them": those of one namespace may be far apart in the list, so that
 * it is gone through in longer and longer steps until a page is full, or has all of the namespace's.
 */
async function servicesOf(
  ask: Ask,
  namespace: string,
  { NextToken: after }: { readonly NextToken?: string },
  count = Number.POSITIVE_INFINITY,
): Promise<{ readonly Services: readonly ServiceSummary[]; readonly NextToken?: string | undefined }> {
  const Filters = [{ Name: "NAMESPACE_ID", Values: [namespace], Condition: "EQ" }] as const;
  const Services: ServiceSummary[] = [];
  let next = after;
  for (let asks = 0; asks < mostAsks; asks += 1) {
    const MaxResults = Math.min(largestPage, mostServices * 2 ** asks);
    const page = await ask("ListServices", { Filters, MaxResults, ...(next !== undefined && { NextToken: next }) });
    Services.push(...(page.Services ?? []));
    next = page.NextToken;
    if (next === undefined || (after === undefined && Services.length >= count)) return { Services };
    if (Services.length >= mostServices) break;
  }
  return { Services, NextToken: next };
}

function about({ Id, Arn, Type, Description, Properties = {}, CreateDate, Tags }: Namespace & Told): Markup {
  const { DnsProperties, HttpProperties } = Properties;
  return facts({
    Type,
    Description,
    "Name for DiscoverInstances": HttpProperties?.HttpName,
    "Hosted zone": DnsProperties?.HostedZoneId,
    "SOA TTL": DnsProperties?.SOA && `${DnsProperties.SOA.TTL} s`,
    Created: time(CreateDate),
    Tags: tagsOf(Tags),
    Id: html`<code>${Id}</code>`,
    ARN: html`<code>${Arn}</code>`,
  });
}

async function row(reader: Reader, service: ServiceSummary) {
  const { Id, Arn, Name, InstanceCount = 0 } = service;
  return [
    html`<a href="${servicePath(referenceOf({ Id, Arn }, reader.account))}">${Name}</a>`,
    recordsOf(service),
    checkOf(service),
    InstanceCount,
    await healthOf(reader, service),
    code(Id),
  ];
}
