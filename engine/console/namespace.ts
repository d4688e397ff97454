/** The pages of namespaces: all of them, and one with its services. */
import type { Told } from "../../api/extensions.ts";
import type { Namespace } from "../../api/namespace.ts";
import type { ServiceSummary } from "../../api/service.ts";
import type { Reader } from "./ask.ts";
import { html, type Markup } from "./html.ts";
import { facts, next, type Page, table, time } from "./page.ts";
import { namespacePath, referenceOf, servicePath } from "./reference.ts";
import { checkOf, healthOf, recordsOf } from "./service.ts";
import { tagsOf } from "./tags.ts";

const none = html`There is no namespace that you may see. A Pulumi program makes one (<code>npm run quickstart</code> in a checkout),
and so does <code>aws servicediscovery create-http-namespace --name demo</code> after <code>eval "$(cloudmap env)"</code>.`;

export async function namespaces({ account, ask }: Reader, paging: { readonly NextToken?: string }): Promise<Page> {
  const page = await ask("ListNamespaces", paging);
  const rows = (page.Namespaces ?? []).map(({ Id, Arn, Name, Type, ServiceCount = 0, Description }) => [
    html`<a href="${namespacePath(referenceOf({ Id, Arn }, account))}">${Name}</a>`,
    Type,
    ServiceCount,
    Description,
    html`<code>${Id}</code>`,
  ]);
  const body = html`${table(["Name", "Type", "Services", "Description", "Id"], rows, none)}${next("/", page)}`;
  return { title: "Namespaces", body };
}

/** How many services a page has: each that has a check is asked for its health. */
const mostServices = 25;

export async function namespace(reader: Reader, id: string, paging: { readonly NextToken?: string }): Promise<Page> {
  const { ask } = reader;
  const { Namespace: found = {} } = await ask("GetNamespace", { Id: id });
  const { Name = id } = found;
  const Filters = [{ Name: "NAMESPACE_ID", Values: [id], Condition: "EQ" }] as const;
  const page = await ask("ListServices", { Filters, MaxResults: mostServices, ...paging });
  const rows = await Promise.all((page.Services ?? []).map((service) => row(reader, service)));
  const heads = ["Name", "DNS records", "Health check", "Instances", "Health", "Id"];
  const body = html`${about(found)}
<h2>Services</h2>
${table(heads, rows, "The namespace has no service.")}${next(namespacePath(id), page)}`;
  return { title: Name, above: [["Namespaces", "/"]], body };
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

async function row({ account, ask }: Reader, service: ServiceSummary) {
  const { Id, Arn, Name, InstanceCount = 0 } = service;
  return [
    html`<a href="${servicePath(referenceOf({ Id, Arn }, account))}">${Name}</a>`,
    recordsOf(service),
    checkOf(service),
    InstanceCount,
    await healthOf(ask, service),
    html`<code>${Id}</code>`,
  ];
}
