/** What DNS needs to know of the registry: zones, services and instances, as changes that a view takes in. */
import type { Attributes } from "../../api/instance.ts";
import { type HealthRecord, type NamespaceRecord, partsOf, type ServiceRecord } from "../records.ts";
import type { InstanceState, Registry } from "../registry.ts";
import type { Write } from "../store/store.ts";

export type ZoneRecord = Pick<NamespaceRecord, "Id" | "Name" | "SoaTtl" | "Vpc" | "CreateDate">;
export type DnsServiceRecord = Pick<
  ServiceRecord,
  "Id" | "Name" | "NamespaceId" | "HealthCheckConfig" | "HealthCheckCustomConfig"
> & { readonly DnsConfig: NonNullable<ServiceRecord["DnsConfig"]> };

export interface DnsInstance {
  readonly attributes: Attributes;
  readonly health: HealthRecord | undefined;
}

/** Something as it is now; undefined where it is gone. */
export type Change =
  | { readonly zone: string; readonly record: ZoneRecord | undefined }
  | { readonly service: string; readonly record: DnsServiceRecord | undefined }
  | { readonly instance: string; readonly of: string; readonly state: DnsInstance | undefined };

/** Changes that are visible together, and the registry's revision with them. */
export interface Batch {
  readonly revision: number;
  readonly changes: readonly Change[];
}

/** The attributes that records are made of. */
const asked = [
  ...["AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6", "AWS_INSTANCE_PORT", "AWS_INSTANCE_CNAME"],
  ...["AWS_ALIAS_DNS_NAME", "CLOUDMAP_WEIGHT"],
];

/** What a commit, which the registry has applied, changes for DNS. */
export function changesOf(registry: Registry, writes: readonly Write[]): Change[] {
  const changes: Change[] = [];
  for (const { key } of writes) {
    const { noun, id, rest } = partsOf(key);
    if (noun === "namespace") changes.push(zoneChange(registry, id));
    else if (noun === "service") changes.push(serviceChange(registry, id));
    else if (noun === "instance" || noun === "health") {
      const service = registry.services.get(id);
      if (service?.record?.DnsConfig === undefined) continue;
      const state = service.instances.get(rest);
      changes.push({ instance: rest, of: id, state: state && instanceOf(state) });
    }
  }
  return changes;
}

/** The whole registry, as batches of changes from nothing. */
export function* everything(registry: Registry): Generator<Batch> {
  const { revision } = registry;
  const changes: Change[] = [];
  for (const { record } of registry.namespaces.values()) if (record) changes.push(zoneChange(registry, record.Id));
  for (const { record, instances } of registry.services.values()) {
    if (record?.DnsConfig === undefined) continue;
    changes.push(serviceChange(registry, record.Id));
    for (const state of instances.values()) {
      changes.push({ instance: state.id, of: record.Id, state: instanceOf(state) });
    }
    if (changes.length >= 1_000) yield { revision, changes: changes.splice(0) };
  }
  yield { revision, changes };
}

function zoneChange(registry: Registry, id: string): Change {
  const record = registry.namespaces.get(id)?.record;
  if (record === undefined || record.Type === "HTTP") return { zone: id, record: undefined };
  const { Id, Name, SoaTtl, Vpc, CreateDate } = record;
  return {
    zone: id,
    record: { Id, Name, CreateDate, ...(SoaTtl !== undefined && { SoaTtl }), ...(Vpc !== undefined && { Vpc }) },
  };
}

function serviceChange(registry: Registry, id: string): Change {
  const record = registry.services.get(id)?.record;
  if (record?.DnsConfig === undefined) return { service: id, record: undefined };
  const { Id, Name, NamespaceId, DnsConfig, HealthCheckConfig, HealthCheckCustomConfig } = record;
  const checks = {
    ...(HealthCheckConfig && { HealthCheckConfig }),
    ...(HealthCheckCustomConfig && { HealthCheckCustomConfig }),
  };
  return { service: id, record: { Id, Name, NamespaceId, DnsConfig, ...checks } };
}

function instanceOf({ record, health }: InstanceState): DnsInstance {
  const attributes: Record<string, string> = {};
  for (const key of asked) {
    const value = record.Attributes[key];
    if (value !== undefined) attributes[key] = value;
  }
  return { attributes, health };
}
