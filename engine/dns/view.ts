/** The view: what a DNS thread knows of the registry, built by taking in the changes in their order. */
import type { Batch, Change, DnsInstance, DnsServiceRecord, ZoneRecord } from "./change.ts";
import type { Client } from "./client.ts";
import type { Query } from "./query.ts";
import type { RecordSet } from "./record-set.ts";
import { DnsService } from "./service.ts";
import { Shelf } from "./shelf.ts";
import { type Target, targetName, targetOf } from "./target.ts";
import { encodeName, fitting, folded, types, type WireName } from "./wire.ts";
import { Zone, zoneName } from "./zone.ts";

export class View {
  revision = 0;
  readonly #zonesByName = new Map<WireName, Zone[]>();
  readonly #zones = new Map<string, Zone>();
  readonly #services = new Map<string, DnsService>();
  readonly shelf = new Shelf();

  apply({ revision, changes }: Batch): void {
    this.revision = revision;
    for (const change of changes) this.#take(change, revision);
  }

  #take(change: Change, revision: number): void {
    if ("zone" in change) this.#takeZone(change.zone, change.record, revision);
    else if ("service" in change) this.#takeService(change.service, change.record, revision);
    else this.#takeInstance(change.of, change.instance, change.state, revision);
  }

  /** The zone that answers for a name: the closest one above it of those that the client sees. */
  zoneOf(name: WireName, client: Client): Zone | undefined {
    for (let at = 0; at < name.length; at += name.charCodeAt(at) + 1) {
      const zones = this.#zonesByName.get(at === 0 ? name : name.slice(at));
      const zone = zones && visible(zones, client, name);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }

  /** Keeps what was answered from a service's own name, where no other client is to be answered from another zone. */
  keep(query: Query, service: DnsService, set: RecordSet): void {
    const { zone, from, until } = service;
    const isPlain = set.aliases === undefined && set.weights === undefined;
    if (!isPlain || (query.type !== types.A && query.type !== types.AAAA) || !this.#isAlone(zone, query.name)) return;
    this.shelf.keep(query, { zone, set, from, until });
    service.isKept = true;
  }

  /** Whether a zone is the closest one above a name for all who see it. */
  #isAlone(zone: Zone, name: WireName): boolean {
    let at = 0;
    for (; name.length - at > zone.name.length; at += name.charCodeAt(at) + 1) {
      if (this.#zonesByName.has(name.slice(at))) return false;
    }
    return this.#zonesByName.get(zone.name)?.length === 1;
  }

  #changed(service: DnsService): void {
    service.changed();
    if (!service.isKept) return;
    for (const type of service.ttls.keys()) this.shelf.drop(service.name, type);
    service.isKept = false;
  }

  #takeZone(id: string, record: ZoneRecord | undefined, revision: number): void {
    const before = this.#zones.get(id);
    const name = record && zoneName(record.Name);
    if (record !== undefined && name !== undefined) {
      const zone = before ?? new Zone(record, name, revision);
      zone.negativeTtl = record.SoaTtl ?? zone.negativeTtl;
      zone.revision = revision;
      if (before !== undefined) return;
      this.shelf.clear();
      this.#zones.set(id, zone);
      const others = this.#zonesByName.get(name) ?? [];
      this.#zonesByName.set(name, [...others, zone].sort(order));
    } else if (before !== undefined) {
      this.shelf.clear();
      this.#zones.delete(id);
      const others = this.#zonesByName.get(before.name)?.filter((zone) => zone !== before) ?? [];
      if (others.length > 0) this.#zonesByName.set(before.name, others);
      else this.#zonesByName.delete(before.name);
    }
  }

  #takeService(id: string, record: DnsServiceRecord | undefined, revision: number): void {
    const before = this.#services.get(id);
    const zone = before?.zone ?? this.#zones.get(record?.NamespaceId ?? "");
    if (zone === undefined) return;
    zone.revision = revision;
    const instances = new Map<string, Target>();
    if (before !== undefined) {
      for (const [key, target] of [...before.instances]) {
        this.#remove(before, key);
        instances.set(key, target);
      }
      this.#services.delete(id);
    }
    const name = record && serviceName(record.Name, zone);
    if (record === undefined || name === undefined) return;
    const service = new DnsService(zone, name, record, new Map());
    this.#services.set(id, service);
    const ttl = ttlOf(service);
    for (const [key, target] of instances) this.#add(service, key, { ...target, ttl });
  }

  #takeInstance(of: string, id: string, state: DnsInstance | undefined, revision: number): void {
    const service = this.#services.get(of);
    if (service === undefined) return;
    service.zone.revision = revision;
    this.#remove(service, id);
    if (state !== undefined) this.#add(service, id, targetOf(id, state, service.name, ttlOf(service)));
  }

  #add(service: DnsService, id: string, target: Target): void {
    if (service.instances.size === 0) service.zone.hold(service.name).service = service;
    service.instances.set(id, target);
    this.#changed(service);
    if (!service.hasTargets) return;
    const node = service.zone.hold(targetName(target.labels, service.name));
    node.targets = [...node.targets, target];
  }

  #remove(service: DnsService, id: string): void {
    const target = service.instances.get(id);
    if (target === undefined) return;
    service.instances.delete(id);
    this.#changed(service);
    const { zone } = service;
    if (service.hasTargets) {
      const name = targetName(target.labels, service.name);
      const node = zone.nodes.get(name);
      if (node !== undefined) node.targets = node.targets.filter((each) => each !== target);
      zone.release(name);
    }
    if (service.instances.size > 0) return;
    const node = zone.nodes.get(service.name);
    if (node !== undefined) node.service = undefined;
    zone.release(service.name);
  }
}

function ttlOf({ ttls }: DnsService): number {
  return ttls.get(types.SRV) ?? 0;
}

/** A service named `.` is at the zone's own name. One that is too long for a name is discovered by the API only. */
function serviceName(text: string, zone: Zone): WireName | undefined {
  if (text === ".") return zone.name;
  const labels = encodeName(text);
  return labels === undefined ? undefined : fitting(folded(labels) + zone.name);
}

/** Private zones before public ones, the older first: what this machine itself sees of several zones of one name. */
function order(a: Zone, b: Zone): number {
  const [first, second] = [a.vpc === undefined ? 1 : 0, b.vpc === undefined ? 1 : 0];
  return first - second || a.created - b.created || (a.id < b.id ? -1 : 1);
}

/**
 * Of zones with the same name: in a VPC its private one, which hides the public one as in Route 53; on this machine the
 * first that has the name asked for; for everyone else the public one.
 */
function visible(zones: readonly Zone[], client: Client, name: WireName): Zone | undefined {
  if (client.isLoopback)
    return zones.length === 1 ? zones[0] : (zones.find(({ nodes }) => nodes.has(name)) ?? zones[0]);
  for (const vpc of client.vpcs) {
    const zone = zones.find((each) => each.vpc === vpc);
    if (zone !== undefined) return zone;
  }
  return zones.find(({ vpc }) => vpc === undefined);
}
