/** The page of a service with its instances, and what pages say of services. */
import type { Told } from "../../api/extensions.ts";
import { isChecked, type Service, type ServiceSummary } from "../../api/service.ts";
import { type Ask, beside, type Reader } from "./ask.ts";
import { html, type Markup } from "./html.ts";
import { instanceRow } from "./instance.ts";
import { facts, next, type Page, state, table, time } from "./page.ts";
import { namespacePath, parentOf, referenceOf, servicePath } from "./reference.ts";
import { tagsOf } from "./tags.ts";

/** Beyond so many instances a list of services says no more how they are: the service's own page does, page by page. */
const mostCounted = 100;

export async function service(
  { account, ask }: Reader,
  id: string,
  paging: { readonly NextToken?: string },
): Promise<Page> {
  const { Service: found = {} } = await ask("GetService", { Id: id });
  const above = parentOf(found, account);
  const { Namespace: parent = {} } = (await beside(ask("GetNamespace", { Id: above }))) ?? {};
  const page = await ask("ListInstances", { ServiceId: id, ...paging });
  const health = await healthIn(ask, id, page.Instances ?? []);
  const rows = (page.Instances ?? []).map((instance) => instanceRow(instance, health.get(instance.Id ?? "")));
  const body = html`${about(found, parent.Name)}
<h2>Instances</h2>
${table(["Id", "Health", "Address", "Attributes"], rows, "The service has no instance.")}${next(servicePath(id), page)}
<p class="dim">By the API: <code>aws servicediscovery list-instances --service-id ${id}</code></p>`;
  const { Name = id } = found;
  return {
    title: Name,
    above: [
      ["Namespaces", "/"],
      [parent.Name ?? above, namespacePath(above)],
    ],
    body,
  };
}

async function healthIn(ask: Ask, ServiceId: string, instances: readonly { readonly Id?: string }[]) {
  const ids = instances.flatMap(({ Id }) => (Id === undefined ? [] : [Id]));
  if (ids.length === 0) return new Map<string, string>();
  const { Status = {} } = (await beside(ask("GetInstancesHealthStatus", { ServiceId, Instances: ids }))) ?? {};
  return new Map<string, string>(Object.entries(Status));
}

function about(found: Service & Told, namespace: string | undefined): Markup {
  const { Id, Arn, Type, Name = "", Description, InstanceCount, DnsConfig, CreateDate, Tags } = found;
  const hasRecords = (DnsConfig?.DnsRecords ?? []).length > 0;
  const hasName = hasRecords && namespace !== undefined;
  return facts({
    Type,
    Description,
    "DNS name": hasName ? html`<code>${Name === "." ? namespace : `${Name}.${namespace}`}</code>` : undefined,
    "DNS records": recordsOf(found),
    "Routing policy": hasRecords ? DnsConfig?.RoutingPolicy : undefined,
    "Health check": checkOf(found),
    Instances: InstanceCount,
    Created: time(CreateDate),
    Tags: tagsOf(Tags),
    Id: html`<code>${Id}</code>`,
    ARN: html`<code>${Arn}</code>`,
  });
}

type Described = Pick<ServiceSummary, "DnsConfig" | "HealthCheckConfig" | "HealthCheckCustomConfig">;

/** `A 60 s, SRV 60 s`. */
export function recordsOf({ DnsConfig }: Described): string {
  return (DnsConfig?.DnsRecords ?? []).map(({ Type, TTL }) => `${Type} ${TTL} s`).join(", ");
}

export function checkOf({ HealthCheckConfig: probes, HealthCheckCustomConfig: reported }: Described): string {
  if (probes !== undefined) {
    const { Type, ResourcePath = "", FailureThreshold = 1 } = probes;
    return `${Type} ${ResourcePath} probes, threshold ${FailureThreshold}`.replace("  ", " ");
  }
  return reported === undefined ? "none" : "reported";
}

/** How the instances of a service are, where it has a check. */
export async function healthOf({ account, ask }: Reader, summary: ServiceSummary): Promise<Markup | undefined> {
  const { InstanceCount = 0 } = summary;
  if (!isChecked(summary) || InstanceCount === 0 || InstanceCount > mostCounted) return undefined;
  const ServiceId = referenceOf(summary, account);
  const told = await beside(ask("GetInstancesHealthStatus", { ServiceId }));
  if (told === undefined) return undefined;
  const counts = Map.groupBy(Object.values(told.Status ?? {}), (each) => each);
  return html`${[...counts].sort().map(([word, { length }]) => html`<div>${state(word)} ${length}</div>`)}`;
}
