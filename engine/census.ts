/** The census: what the registry holds, counted when it is asked for. */
import { setImmediate } from "node:timers/promises";
import type { HealthStatus } from "../api/instance.ts";
import { isChecked } from "../api/service.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { Sample } from "./histogram.ts";
import { healthOf } from "./instance.ts";
import { type Family, single } from "./metrics.ts";
import type { Registry, ServiceState } from "./registry.ts";

/** How many services have samples of their own; those of all others are added up, without labels of namespace and service. */
export const mostServices = 1_000;
/** How many instances are looked at before other work has its turn: about a millisecond. */
const slice = 10_000;

type Tally = Partial<Record<HealthStatus, number>>;

export function censusFamilies(dispatcher: Dispatcher, now: () => number): Family[] {
  const { registry } = dispatcher;
  return [
    single("gauge", "cloudmap_namespaces", "Namespaces in the registry.", () => registry.namespaces.size),
    single("gauge", "cloudmap_services", "Services in the registry.", () => registry.services.size),
    {
      name: "cloudmap_instances",
      help: `Registered instances by health; of services beyond the first ${mostServices}, added up without labels.`,
      type: "gauge",
      samples: () => countInstances(registry, now()),
    },
    single("gauge", "cloudmap_operations_pending", "Operations that are under way.", () => dispatcher.pending),
    single("gauge", "cloudmap_operations", "Operations that GetOperation knows.", () => registry.operations.size),
    single(
      "gauge",
      "cloudmap_revision",
      "The revision of the registry: it moves with each commit.",
      () => registry.revision,
    ),
  ];
}

async function countInstances(registry: Registry, now: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const others: Tally = {};
  let [counted, looked] = [0, 0];
  for (const service of registry.services.values()) {
    const { record } = service;
    if (record === undefined) continue;
    const tally = tallyOf(service);
    if (hasHealth(service)) {
      for (const instance of service.instances.values()) {
        const status = healthOf(record, instance, now);
        tally[status] = (tally[status] ?? 0) + 1;
        looked += 1;
        if (looked % slice === 0) await setImmediate();
      }
    }
    counted += 1;
    if (counted % slice === 0) await setImmediate();
    if (counted > mostServices) addTo(others, tally);
    else samples.push(...samplesOf(tally, namesOf(registry, record.NamespaceId, record.Name)));
  }
  return [...samples, ...samplesOf(others, {})];
}

function hasHealth({ record }: ServiceState): boolean {
  return record !== undefined && isChecked(record);
}

/** Without a check, all are unknown, and need not be looked at; with one, both other statuses are told, also where none has them. */
function tallyOf(service: ServiceState): Tally {
  return hasHealth(service) ? { HEALTHY: 0, UNHEALTHY: 0 } : { UNKNOWN: service.instances.size };
}

/** HttpName is the one name that no two namespaces share. */
function namesOf(registry: Registry, namespaceId: string, service: string): Record<string, string> {
  return { namespace: registry.namespaces.get(namespaceId)?.record?.HttpName ?? namespaceId, service };
}

function addTo(sum: Tally, tally: Tally): void {
  for (const [status, count] of entriesOf(tally)) sum[status] = (sum[status] ?? 0) + count;
}

function samplesOf(tally: Tally, names: Record<string, string>): Sample[] {
  return entriesOf(tally).map(([health, value]) => ({ labels: { ...names, health }, value }));
}

function entriesOf(tally: Tally): [HealthStatus, number][] {
  return Object.entries(tally) as [HealthStatus, number][]; // the keys that its type gives it
}
